"""Read a correlation document (Sigma correlation rules specification 2.1, and three types of our own).

Each mistake is told with its line. The rules that it names are looked up later, when every pack is there.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from bartizan.documents import Map
from bartizan.rules.compile.metadata import meta_of
from bartizan.rules.compile.presence import names_in, presence
from bartizan.rules.plan import Correlation, Every, Limit, Presence, Seen
from bartizan.rules.refusals import Refused, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["TYPES", "correlation"]

TEMPORAL: Final = ("temporal", "temporal_ordered")
PAIRED: Final = ("bartizan_absence", "bartizan_ratio")
"""Types that are about two rules: the first, and what does not follow it or what it is set against."""
MEASURED: Final = ("value_count", "value_sum", "value_avg", "value_percentile", "value_median", "bartizan_new_value")
"""Types that measure the values of a field; the first and the last take several fields."""
TYPES: Final = ("event_count", *MEASURED, *TEMPORAL, *PAIRED)
"""Every type: those of the specification, value_median of pySigma, and ours, which begin with ``bartizan_``."""
_SEVERAL_FIELDS: Final = ("value_count", "bartizan_new_value")
_KEYS: Final = ("type", "rules", "group-by", "timespan", "aliases", "condition", "generate")
_HOWS: Final = ("gt", "gte", "lt", "lte", "eq", "neq")
_TIMESPAN: Final = re.compile(r"([0-9]{1,9})([smhdwMy])", re.ASCII)
_SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_629_746, "y": 31_556_952}
"""A month and a year are the mean ones of the Gregorian calendar, as pySigma has them."""
LONGEST: Final = 10 * 31_556_952
"""Seconds: ten years. Longer windows would hold everything and nanoseconds would overflow."""


def correlation(number: int, rule: Map) -> Correlation:
    """Return what a correlation document asks; raises Refused where it is none."""
    meta = meta_of(rule, sourced=False)
    body = rule["correlation"]
    if not isinstance(body, Map):
        message = "correlation: is no mapping of type, rules, timespan, …"
        raise Refused(message, rule.lines["correlation"])
    for key in body:
        if key not in _KEYS:
            raise _trouble(body, key, f"no such key{suggestion(str(key), _KEYS) or ': there are ' + ', '.join(_KEYS)}")
    kind = _kind(body)
    names = _rules(body, kind)
    limits, fields, percentile, condition = _condition(body, kind, [name for name, _ in names])
    return Correlation(
        document=number,
        line=rule.line,
        meta=meta,
        kind=kind,
        rules=names,
        timespan=_timespan(body),
        group_by=_words(body, "group-by"),
        aliases=_aliases(body, [name for name, _ in names]),
        limits=limits,
        fields=fields,
        percentile=percentile,
        presence=condition,
        generate=_generate(body),
    )


def _trouble(body: Map, key: object, why: str, inner: str = "") -> Refused:
    return Refused(f"correlation.{inner}{key}: {why}", body.lines.get(key, body.line))


def _kind(body: Map) -> str:
    kind = body.get("type")
    if kind is None:
        raise _trouble(body, "type", f"missing; write one of {', '.join(TYPES)}")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        known = suggestion(str(kind), TYPES) or f": there are {', '.join(TYPES)}"
        raise _trouble(body, "type", f"'{kind}' is no type of correlation{known}")
    return kind.lower()


def _rules(body: Map, kind: str) -> tuple[tuple[str, int], ...]:
    """Return the names of the rules with their lines; a temporal correlation may leave naming them to its condition."""
    asked, condition = body.get("rules"), body.get("condition")
    if asked is None and kind in TEMPORAL and isinstance(condition, str):
        names: Sequence[object] = names_in(condition)
    else:
        names = asked if isinstance(asked, list) else [asked]
    if not names or not all(isinstance(name, str) and name for name in names):
        raise _trouble(body, "rules", "name at least one rule by its id or name")
    if twice := next((name for at, name in enumerate(names) if name in names[:at]), None):
        raise _trouble(body, "rules", f"'{twice}' stands twice; to ask for several events of one rule use event_count")
    if kind in PAIRED and len(names) != 2:  # noqa: PLR2004 - a pair
        raise _trouble(body, "rules", f"{kind} is about two rules, the first and the second; here are {len(names)}")
    line = body.lines.get("rules", body.lines.get("condition", body.line))
    return tuple((str(name), line) for name in names)


def _timespan(body: Map) -> int:
    text = body.get("timespan")
    if text is None:
        raise _trouble(body, "timespan", "missing; write a number and one of s, m, h, d, w, M, y, like 5m")
    found = _TIMESPAN.fullmatch(text) if isinstance(text, str) else None
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= LONGEST:
        raise _trouble(body, "timespan", f"'{text}' is no time from 1s to 10y; write a number and one of s, m, h, d, w, M, y, like 5m")
    return seconds * 1_000_000_000


def _words(body: Map, key: str, inner: str = "") -> tuple[str, ...]:
    value = body.get(key)
    words = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(word, str) and word for word in words):
        raise _trouble(body, key, "name fields: a text or a list of texts", inner)
    return tuple(dict.fromkeys(words))


def _aliases(body: Map, names: Sequence[str]) -> tuple[tuple[str, tuple[tuple[int, str], ...]], ...]:
    aliases = body.get("aliases")
    if aliases is None:
        return ()
    if not isinstance(aliases, Map):
        raise _trouble(body, "aliases", "is no mapping of a name to the field of each rule")
    return tuple((str(alias), _alias(aliases, alias, names)) for alias in aliases)


def _alias(aliases: Map, alias: object, names: Sequence[str]) -> tuple[tuple[int, str], ...]:
    fields = aliases[alias]
    if not isinstance(fields, Map) or not fields:
        raise _trouble(aliases, alias, "is no mapping of rules to fields", "aliases.")
    for name, field in fields.items():
        if name not in names:
            why = f"is none of the rules of this correlation{suggestion(str(name), names) or ': ' + ', '.join(names)}"
            raise _trouble(fields, name, why, f"aliases.{alias}.")
        if not isinstance(field, str) or not field:
            raise _trouble(fields, name, "name a field", f"aliases.{alias}.")
    return tuple((names.index(name), field) for name, field in fields.items())


def _generate(body: Map) -> bool:
    generate = body.get("generate", False)
    if not isinstance(generate, bool):
        raise _trouble(body, "generate", "say true or false")
    return generate


_Asked = tuple[tuple[Limit, ...], tuple[str, ...], int | float, Presence | None]


def _condition(body: Map, kind: str, names: Sequence[str]) -> _Asked:
    """Return limits, fields, percentile and boolean condition."""
    condition = body.get("condition")
    if kind == "bartizan_absence":
        if condition is not None:
            raise _trouble(body, "condition", "bartizan_absence has none: it is that the second rule does not follow the first")
        return (), (), 0, None
    if kind in TEMPORAL and not isinstance(condition, Map):
        return (), (), 0, _present(body, kind, condition, names)
    if condition is None and kind != "bartizan_new_value":
        raise _trouble(body, "condition", "missing; write a comparison, like gte: 10")
    if not isinstance(condition, Map):
        raise _trouble(body, "condition", "is no mapping of a comparison, like gte: 10")
    _check_keys(condition, kind)
    limits = tuple(_limit(condition, how) for how in _HOWS if how in condition)
    if not limits and kind == "bartizan_new_value":
        limits = (Limit("gte", 1),)
    if not limits:
        raise _trouble(condition, "condition", f"compares with nothing: write one or more of {', '.join(_HOWS)}")
    if kind == "temporal_ordered":
        _check_all(condition, limits, len(names))
        return (), (), 0, Every(tuple(Seen(place) for place in range(len(names))))
    return limits, _fields(condition, kind), _percentile(condition, kind), None


def _present(body: Map, kind: str, condition: object, names: Sequence[str]) -> Presence:
    """Return what must be in the window: what the condition says, or every rule."""
    if condition is None:
        return Every(tuple(Seen(place) for place in range(len(names))))
    if not isinstance(condition, str):
        raise _trouble(body, "condition", "is neither a text, like rule_a and not rule_b, nor a comparison, like gte: 2")
    try:
        found = presence(condition, names)
    except Refused as refused:
        raise Refused(refused.why, body.lines["condition"]) from refused
    idle = [name for name in names if name not in names_in(condition)]
    if idle:
        raise _trouble(body, "condition", f"does not speak of '{idle[0]}', which is among the rules: name it, or take it off the list")
    plain = isinstance(found, Seen) or (isinstance(found, Every) and all(isinstance(part, Seen) for part in found.parts))
    if kind == "temporal_ordered" and not plain:
        raise _trouble(body, "condition", "temporal_ordered joins rules with 'and' only: there is no order in 'or' and 'not'")
    return found


def _check_keys(condition: Map, kind: str) -> None:
    known = [*_HOWS, *(["field"] if kind in MEASURED else []), *(["percentile"] if kind == "value_percentile" else [])]
    for key in condition:
        if key not in known:
            raise _trouble(
                condition, key, f"no such key here{suggestion(str(key), known) or ': there are ' + ', '.join(known)}", "condition."
            )


def _limit(condition: Map, how: str) -> Limit:
    value = condition[how]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 2**53:
        raise _trouble(condition, how, f"'{value}' is no number", "condition.")
    return Limit(how, int(value) if float(value).is_integer() else value)


def _check_all(condition: Map, limits: Sequence[Limit], count: int) -> None:
    """Let an ordered correlation say only what it always asks: that all its rules are there."""
    if any((limit.how, limit.value) not in {("gte", count), ("eq", count), ("gt", count - 1)} for limit in limits):
        raise _trouble(condition, "condition", f"an order is one of all {count} rules: leave the condition out, or write gte: {count}")


def _fields(condition: Map, kind: str) -> tuple[str, ...]:
    fields = _words(condition, "field", "condition.")
    if kind in MEASURED and not fields:
        raise _trouble(condition, "field", f"missing; {kind} is about the values of a field", "condition.")
    if len(fields) > 1 and kind not in _SEVERAL_FIELDS:
        raise _trouble(condition, "field", f"{kind} is about the values of one field; here are {len(fields)}", "condition.")
    return fields


def _percentile(condition: Map, kind: str) -> int | float:
    if kind != "value_percentile":
        return 0
    value = condition.get("percentile")
    if value is None:
        raise _trouble(condition, "percentile", "missing; say which one, like percentile: 95", "condition.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 100:  # noqa: PLR2004 - of a hundred
        raise _trouble(condition, "percentile", f"'{value}' is no number above 0 and up to 100", "condition.")
    return value
