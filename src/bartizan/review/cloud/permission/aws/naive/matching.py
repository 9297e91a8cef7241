"""Match one statement the plain way: each pattern by a regular expression, each condition value by value."""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.reference import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.collect.inventory.contract import Condition

__all__ = ["Open", "action_matches", "condition_holds", "resource_matches"]


@dataclass(frozen=True)
class Open:
    """What cannot be told: on which keys it hangs, or what nobody knows."""

    keys: frozenset[str] = frozenset()
    gaps: frozenset[str] = frozenset()


def _regex(pattern: str) -> str:
    return "".join({"*": "[\\s\\S]*?", "?": "[\\s\\S]"}.get(one, re.escape(one)) for one in pattern)


def action_matches(pattern: str, action: str) -> bool:
    """Say whether a pattern of a policy names an action; case does not matter, and the service stands before the colon."""
    if pattern == "*":
        return True
    service, colon, name = pattern.lower().partition(":")
    own_service, _, own = action.lower().partition(":")
    return bool(colon) and bool(re.fullmatch(_regex(service), own_service)) and bool(re.fullmatch(_regex(name), own))


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text is made of: ('text', ...) as written, ('literal', ...) or ('variable', ...)."""
    while "${" in text and "}" in text.split("${", 1)[1]:
        before, rest = text.split("${", 1)
        inner, text = rest.split("}", 1)
        yield "text", before
        yield ("literal", inner) if inner in ("*", "?", "$") else ("variable", inner)
    yield "text", text


def _choices(text: str, known: Callable[[str], Sequence[str] | None]) -> tuple[list[tuple[str, str]] | None, frozenset[str]]:
    """Put values into a text: its pieces, None where a variable has no value; and the keys of which nothing is known."""
    made: list[tuple[str, str]] = []
    missing = set()
    for kind, piece in _pieces(text):
        if kind != "variable":
            made.append((kind, piece))
            continue
        key, comma, rest = piece.partition(",")
        key, default = key.strip(), rest.strip()
        values = known(key)
        if values is None:
            missing.add(key)
            made.append(("text", "*"))
        elif len(values) == 1:
            made.append(("literal", values[0]))
        elif not values and comma:
            if not rest[:1].isspace() or not (default.startswith("'") and default.endswith("'") and default.count("'") == 2):  # noqa: PLR2004 - quotes
                return [("unclear", text)], frozenset()
            made.append(("literal", default[1:-1]))
        else:
            return None, frozenset()
    return made, frozenset(missing)


def resource_matches(pattern: str, resource: str, known: Callable[[str], Sequence[str] | None]) -> bool | Open:
    """Say whether a pattern of a policy names a resource."""
    made, missing = _choices(pattern, known)
    if made is None:
        return False
    if made[0][0] == "unclear":
        return Open(gaps=frozenset({pattern}))
    if not _reaches(made, resource):
        return False
    early = any(kind == "variable" and "".join(before).count(":") < 5 for before, kind in _befores(pattern))  # noqa: PLR2004 - the fields of an ARN
    if early or _vague_type(pattern):
        return Open(gaps=frozenset({pattern}))
    return Open(missing) if missing else True


def _reaches(made: Pieces, resource: str) -> bool:
    """Say whether an ARN is of a pattern: each field of it of the pattern's, and what is left over of a last star."""
    if "".join(piece for kind, piece in made).count(":") >= 5:  # noqa: PLR2004 - the fields of an ARN
        return _fields(made, resource)
    if not (made[-1][0] == "text" and made[-1][1].endswith("*")):
        return _like(made, resource) and not any(kind == "text" and "*" in piece for kind, piece in made)
    regex = "".join(re.escape(piece) if kind == "literal" else _regex(piece) for kind, piece in [*made[:-1], ("text", made[-1][1][:-1])])
    return bool(re.fullmatch(regex.replace("[\\s\\S]*?", "[^:]*?") + "[\\s\\S]*", resource))


def _vague_type(pattern: str) -> bool:
    """Say whether a part of the type of a resource is a wildcard, of a service whose resources all have one."""
    parts = pattern.split(":", 5)
    kind = re.split("[/:$]", parts[-1])[0]
    if len(parts) < 6 or kind == "*" or not set("*?") & set(kind):  # noqa: PLR2004 - the fields of an ARN
        return False
    formats = [one.split(":", 5)[-1] for one in reference().kinds.get(parts[2].lower(), {}).values()]
    return bool(formats) and all(re.split("[/:]", one)[0] != one and "$" not in re.split("[/:]", one)[0] for one in formats)


def _befores(pattern: str) -> Iterator[tuple[list[str], str]]:
    """Yield each piece's kind with the texts that stand before it; what stands for a letter counts as a variable here."""
    before: list[str] = []
    for kind, piece in _pieces(pattern):
        yield before, "variable" if kind == "literal" else kind
        before.append(piece if kind == "text" else "")


def condition_holds(condition: Condition, known: Callable[[str], Sequence[str] | None]) -> bool | Open:
    """Say whether one condition holds, by the order in which the documentation explains: set operator, IfExists, Null, Not, values."""
    quantifier, name = "", condition.operator.lower()
    if ":" in name:
        quantifier, name = name.split(":", 1)
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if quantifier not in ("", "forallvalues", "foranyvalue") or (name == "null" and if_exists) or name not in {*_COMPARE, "null"}:
        return Open(gaps=frozenset({condition.operator}))
    values = known(condition.key)
    if values is None:
        return Open(frozenset({condition.key}))
    if name == "null":
        return ("false" if values else "true") in [value.lower() for value in condition.values]
    inverted = name.startswith(("stringnot", "numericnot", "datenot", "arnnot", "notip"))
    if quantifier:
        values = [value for value in values if value != ""]
    if not values:
        return quantifier != "foranyvalue" and (if_exists or inverted or quantifier == "forallvalues")
    results = [_value_matches(name, condition.values, value, known) for value in values]
    if inverted:
        results = [one if isinstance(one, Open) else not one for one in results]
    if quantifier:
        return _join(results, settles=quantifier == "foranyvalue")
    readings = [_join(results, settles=True), _join(results, settles=False)]
    alike = all(isinstance(one, Open) for one in readings) or readings[0] == readings[1]
    return readings[0] if alike else Open(gaps=frozenset({condition.key}))


def _value_matches(name: str, wanted: Sequence[str], value: str, known: Callable[[str], Sequence[str] | None]) -> bool | Open:
    return _join([_one_matches(name, want, value, known) for want in wanted], settles=True)


def _join(results: Sequence[bool | Open], *, settles: bool) -> bool | Open:
    """Join results of which one that is ``settles`` is enough."""
    if settles in [one for one in results if isinstance(one, bool)]:
        return settles
    open_ = [one for one in results if isinstance(one, Open)]
    if open_:
        return Open(frozenset().union(*(one.keys for one in open_)), frozenset().union(*(one.gaps for one in open_)))
    return not settles


def _one_matches(name: str, want: str, value: str, known: Callable[[str], Sequence[str] | None]) -> bool | Open:
    if name.startswith(("numeric", "date", "binary", "ip", "notip")):  # these take no variables
        found = _COMPARE[name]([("text", want)], value)
        return Open(gaps=frozenset({want})) if found is None else found
    made, missing = _choices(want, known)
    if made is None:
        return False
    if made[0][0] == "unclear":
        return Open(gaps=frozenset({want}))
    if missing:
        return Open(missing)
    found = _COMPARE[name](made, value)
    return Open(gaps=frozenset({want})) if found is None else found


Pieces = list[tuple[str, str]]


def _text(made: Pieces) -> str:
    return "".join(piece for _, piece in made)


def _like(made: Pieces, value: str) -> bool:
    return bool(re.fullmatch("".join(re.escape(piece) if kind == "literal" else _regex(piece) for kind, piece in made), value))


def _fields(made: Pieces, value: str) -> bool:
    """Say whether a pattern is like an ARN field by field."""
    fields: list[str] = [""]
    for kind, piece in made:
        for number, part in enumerate(piece.split(":") if len(fields) < 6 else [piece]):  # noqa: PLR2004 - the fields of an ARN
            if number and len(fields) < 6:  # noqa: PLR2004 - as above
                fields.append("")
            elif number:
                fields[-1] += ":"
            fields[-1] += re.escape(part) if kind == "literal" else _regex(part)
    has = value.split(":", 5)
    return len(has) == len(fields) == 6 and all(re.fullmatch(one, other) for one, other in zip(fields, has, strict=True))  # noqa: PLR2004 - as above


def _arn(made: Pieces, value: str) -> bool | None:
    if value.count(":") < 5:  # noqa: PLR2004 - as above
        return None
    if _text(made).count(":") >= 5:  # noqa: PLR2004 - as above
        return _fields(made, value)
    return None if made[-1][0] == "text" and made[-1][1].endswith("*") and _like(made, value) else False


def _address(made: Pieces, value: str) -> bool | None:
    network = _text(made)
    if set(network) - set("0123456789abcdefABCDEF:./") or network.partition("/")[2].count("."):
        return None
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return None


def _float(text: str) -> float | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    whole, dot, part = digits.partition(".")
    return float(text) if _digits(whole) and (not dot or _digits(part)) else None


def _digits(text: str) -> bool:
    return bool(text) and not set(text) - set("0123456789")


def _time(text: str) -> float | None:
    whole, dot, part = text.partition(".")
    if _digits(whole) and len(whole) != 4 and (not dot or _digits(part)):  # noqa: PLR2004 - four digits could be a year
        return float(text)
    for form in ("%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"):
        for zone in ("", "%z"):
            try:
                read = datetime.strptime(text, form + zone)  # noqa: DTZ007 - what says no zone is UTC, below
            except ValueError:
                continue
            if "T" in form or not zone:
                return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    return None


def _ordered(read: Callable[[str], float | None], holds: Callable[[float, float], bool]) -> Callable[[Pieces, str], bool | None]:
    def compare(made: Pieces, value: str) -> bool | None:
        want, has = read(_text(made)), read(value)
        return None if want is None or has is None else holds(has, want)

    return compare


def _binary(made: Pieces, value: str) -> bool | None:
    try:
        wanted, has = (base64.b64decode(text.rstrip("=") + "==", validate=True) for text in (_text(made), value))
    except ValueError:
        return None
    return wanted == has


_ORDERS: Final[dict[str, Callable[[float, float], bool]]] = {
    "equals": lambda has, want: has == want,
    "notequals": lambda has, want: has == want,
    "lessthan": lambda has, want: has < want,
    "lessthanequals": lambda has, want: has <= want,
    "greaterthan": lambda has, want: has > want,
    "greaterthanequals": lambda has, want: has >= want,
}
_COMPARE: Final[dict[str, Callable[[Pieces, str], bool | None]]] = {
    **{f"numeric{order}": _ordered(_float, holds) for order, holds in _ORDERS.items()},
    **{f"date{order}": _ordered(_time, holds) for order, holds in _ORDERS.items()},
    **dict.fromkeys(("stringequals", "stringnotequals"), lambda made, value: _text(made) == value),
    **dict.fromkeys(
        ("stringequalsignorecase", "stringnotequalsignorecase", "bool"),
        lambda made, value: _text(made).lower() == value.lower(),
    ),
    **dict.fromkeys(("stringlike", "stringnotlike"), _like),
    **{f"arn{negated}{how}": _arn for negated, how in product(("", "not"), ("equals", "like"))},
    **dict.fromkeys(("ipaddress", "notipaddress"), _address),
    "binaryequals": _binary,
}
