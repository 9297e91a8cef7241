"""Run the cases that a correlation carries: several records with times each, after which it must have fired, or must not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from bartizan.detect.correlate.batch import batch
from bartizan.detect.correlate.chain import chained
from bartizan.detect.correlate.contract import Match, Sighting
from bartizan.detect.correlate.naive import naive
from bartizan.detect.correlate.stream import Stream
from bartizan.detect.correlate.words import group_words, match_words
from bartizan.detect.hunt.feeding import Feeds
from bartizan.detect.hunt.request import Request
from bartizan.rules.contract import Records
from bartizan.rules.naive import naive_bound
from bartizan.schema.columns import ABSENT, Frame
from bartizan.schema.identity import record_id
from bartizan.schema.logsource import Logsource, View
from bartizan.schema.time import nanoseconds
from bartizan.testing.rule_cases import cell, complaint_of_record, named_cases

if TYPE_CHECKING:
    from bartizan.rules.contract import Correlating
    from bartizan.rules.plan import Correlation
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["CorrelationCase", "correlation_case_problems", "read_correlation_cases"]

_KEYS: Final = frozenset({"name", "fires", "events", "until"})
_EVENT_KEYS: Final = frozenset({"time", "record", "raw", "logsource", "every", "times"})
_EVERY: Final = re.compile(r"(\d{1,6})(ms|s|m|h|d)")
_UNITS: Final = {"ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000}
_NUMBER: Final = "{n}"
MOST_EVENTS: Final = 10_000
"""Events of a case: it is to be read."""


@dataclass(frozen=True, slots=True)
class _Event:
    """One record: when, what it is (None: whatever a rule asks for), its fields and its raw text."""

    time: int
    logsource: Logsource | None
    records: Records
    id: bytes


@dataclass(frozen=True, slots=True)
class CorrelationCase:
    """One case: a name, whether the correlation must have fired when all events are over, and when the input ends."""

    name: str
    fires: bool
    events: Sequence[_Event]
    until: int


def read_correlation_cases(cases: object) -> Iterator[CorrelationCase | str]:
    """Read the value of ``cases:``; what is no case comes as the sentence that says why."""
    for case in named_cases(cases, "some events after which it fires and some after which it does not"):
        if isinstance(case, str):
            yield case
            continue
        try:
            yield _case(case)
        except ValueError as error:
            yield f"case {case['name']!r}: {error}"


def correlation_case_problems(case: CorrelationCase, loaded: LoadedRules, number: int) -> Iterator[str]:
    """Judge a case with both matchers and all ways of correlating; say what came out otherwise than it should."""
    correlations = _needed(loaded, number)
    quick, slow = (_sightings(case, loaded, correlations, naively=naively) for naively in (False, True))
    if quick != slow:
        yield "the two engines disagree about what the rules of the correlation fire on"
        return
    ids = [rule.id for rule in loaded.rules]

    def streamed(plan: Correlation, sightings: Sequence[Sighting]) -> list[Match]:
        stream = Stream(plan)
        stream.push(sightings)
        return sorted(stream.finish(case.until), key=lambda match: (match.time, match.group))

    expected = chained(correlations, slow, ids, lambda plan, sightings: naive(plan, sightings, case.until))[number]
    for way in (lambda plan, sightings: batch(plan, sightings, case.until), streamed):
        if chained(correlations, quick, ids, way)[number] != expected:
            yield "two ways of correlating disagree: this is a fault of ours"
            return
    plan = correlations[-1].plan
    if expected and not case.fires:
        yield f"should not fire, did: {match_words(plan, expected[0])}"
    elif case.fires and not expected:
        yield f"should fire, did not: {_seen(loaded, correlations[-1], slow)}"


def _needed(loaded: LoadedRules, number: int) -> list[Correlating]:
    """Return a correlation and those that feed it, itself last."""
    wanted = {number}
    for one in reversed(loaded.correlations):
        if one.number in wanted:
            wanted.update(one.rules)
    found = [one for one in loaded.correlations if one.number in wanted]
    return sorted(found, key=lambda one: one.number == number)


def _sightings(
    case: CorrelationCase, loaded: LoadedRules, correlations: Sequence[Correlating], *, naively: bool
) -> dict[int, list[Sighting]]:
    """Return what the rules of correlations see in a case, by correlation."""
    feeds = Feeds(loaded, Request(rules=(), now=0))
    rules = {rule for one in correlations for rule in one.rules if not loaded.rules[rule].correlation}
    found: dict[int, list[Sighting]] = {one.number: [] for one in correlations}
    for rule in sorted(rules):
        views = (View(loaded.rules[rule].logsource),)
        bound = naive_bound(loaded, [rule], views) if naively else loaded.bind(views)
        for event in case.events:
            if event.logsource is not None and not event.logsource.serves(loaded.rules[rule].logsource):
                continue
            if any(hit.rule == rule for hit in bound.match(event.records)):
                for fed in next(feeds.taken(rule, views, (event.records.frame, Frame(1, {})), [0])):
                    if fed.correlation in found and fed.group is not None:
                        found[fed.correlation].append(Sighting(event.time, event.id, fed.rule, fed.group, fed.value))
    return found


def _seen(loaded: LoadedRules, one: Correlating, sightings: Mapping[int, Sequence[Sighting]]) -> str:
    """Say what the rules of a correlation saw at all."""
    counts = [sum(sighting.rule == place for sighting in sightings[one.number]) for place in range(len(one.rules))]
    told = ", ".join(
        f"{count} events of '{loaded.rules[rule].title}'" if not loaded.rules[rule].correlation else f"'{loaded.rules[rule].title}'"
        for rule, count in zip(one.rules, counts, strict=True)
    )
    groups = sorted({group_words(one.plan, sighting.group) for sighting in sightings[one.number]} - {""})
    return f"seen were {told}" + (f"; groups: {'; '.join(groups[:5])}" if groups else "")


def _case(case: Mapping[str, Any]) -> CorrelationCase:
    """Make a case; a ValueError says what is wrong with it."""
    unknown = [str(key) for key in case if key not in _KEYS]
    if unknown:
        _wrong(f"{', '.join(unknown)}: no such key (write name, fires, events and, if need be, until)")
    if not isinstance(case.get("fires"), bool):
        _wrong("fires: say true or false")
    told = case.get("events")
    if not isinstance(told, list) or not told:
        _wrong("events: is no list of records with times")
    events: list[_Event] = []
    for number, one in enumerate(told, 1):
        events.extend(_events(one, f"event {number}: ", len(events)))
        if len(events) > MOST_EVENTS:
            _wrong(f"events: more than {MOST_EVENTS}")
    until = nanoseconds(case["until"]) if "until" in case else max(event.time for event in events)
    if until is ABSENT:
        _wrong("until: is no time (quote it, like '2026-03-17T09:00:00Z')")
    return CorrelationCase(case["name"], case["fires"], events, until)


def _events(told: object, where: str, before: int) -> Iterator[_Event]:
    """Yield the records that one entry stands for."""
    if not isinstance(told, Mapping) or not set(told) <= _EVENT_KEYS:
        _wrong(f"{where}write time and record or raw and, if need be, logsource, every and times")
    begin = nanoseconds(told.get("time"))
    every, times = told.get("every", "1s"), told.get("times", 1)
    step = _EVERY.fullmatch(every) if isinstance(every, str) else None
    if begin is ABSENT:
        _wrong(f"{where}time: is no time (quote it, like '2026-03-17T09:00:00Z')")
    if step is None or type(times) is not int or not 0 < times <= MOST_EVENTS:
        _wrong(f"{where}every is a time like 5s, times a number")
    if wrong := complaint_of_record(told):
        _wrong(where + wrong)
    logsource = told.get("logsource")
    if logsource is not None and not isinstance(logsource, Mapping):
        _wrong(f"{where}logsource: is no mapping of product, category, service")
    source = None if logsource is None else Logsource(*(str(logsource.get(part, "")) for part in ("product", "category", "service")))
    for number in range(times):
        time = begin + number * int(step[1]) * _UNITS[step[2]]
        record = _numbered(told.get("record", {}), number + 1)
        text = _numbered(told.get("raw", json.dumps(record)), number + 1)
        records = Records(
            Frame.of([{name: cell(value) for name, value in record.items()}]),
            [text.encode("utf-8", "surrogatepass")],
            structured="raw" not in told,
        )
        yield _Event(time, source, records, record_id(b"%d %d" % (before + number, time)))


def _numbered(value: Any, number: int) -> Any:  # noqa: ANN401 - JSON holds anything
    """Put the number of a repetition where a text says ``{n}``."""
    if isinstance(value, str):
        return value.replace(_NUMBER, str(number))
    if isinstance(value, list):
        return [_numbered(inner, number) for inner in value]
    return {name: _numbered(inner, number) for name, inner in value.items()} if isinstance(value, Mapping) else value


def _wrong(what: str) -> NoReturn:
    raise ValueError(what)
