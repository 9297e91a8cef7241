"""Correlations: whether three ways to their answer agree on random cases, and what each type costs on a million findings."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from bartizan.detect.correlate.batch import batch, correlated
from bartizan.detect.correlate.contract import Sighting
from bartizan.detect.correlate.events import Events
from bartizan.detect.correlate.naive import naive
from bartizan.detect.correlate.stream import Stream
from bartizan.rules.compile.correlations import TYPES
from bartizan.rules.plan import Correlation, Every, Limit, Meta, Never, Presence, Seen, Some
from benchmarks.result import Result

if TYPE_CHECKING:
    from bartizan.detect.correlate.contract import Match, Value

SEED = 20261126
CASES = 3_000
FINDINGS = 1_000_000
GROUPS = 20_000
DEEPEST = 2
STREAMED = 200_000
"""Of the findings, those that the stream is given too: it costs some 15 microseconds each."""
LONGEST = 5.0
"""CPU seconds that a type may take."""
SECOND = 1_000_000_000
META = Meta("", "benchmark", ("", "", ""), "low", "", "", "", "", (), (), (), "")
NUMERIC = frozenset({"value_sum", "value_avg", "value_percentile", "value_median"})
LIMITS = {
    "event_count": 30,
    "value_count": 12,
    "value_sum": 40_000,
    "value_avg": 1_400,
    "value_percentile": 1_490,
    "value_median": 1_100,
    "bartizan_ratio": 6,
    "bartizan_new_value": 25,
}


def measure() -> Result:
    """Compare the ways on small cases, then time the batch and the stream on large ones."""
    chance = random.Random(SEED)
    differences, matches = 0, 0
    for _ in range(CASES):
        found, differs = _differs(chance)
        differences += differs
        matches += found
    costs = {kind: _cost(kind) for kind in TYPES}
    slowest = max(cpu for cpu, _, _ in costs.values())
    details: dict[str, object] = {
        "random cases": f"{CASES:,} with {matches:,} matches: naive, batch, shuffled, stream in pieces, stream stored in between",
        "differences": differences,
        "findings": f"{FINDINGS:,} in {GROUPS:,} groups over a day, windows of 5 minutes to an hour",
    }
    for kind, (cpu, count, streamed) in costs.items():
        details[kind] = f"{cpu:.2f} CPU seconds in batch, {streamed * 1e6:.0f} us per finding as a stream; {count:,} matches"
    figure = slowest if not differences else LONGEST * (1 + differences)
    return Result(name="correlation", figure=figure, unit="CPU seconds for the slowest type", bar=LONGEST, higher=False, details=details)


def _differs(chance: random.Random) -> tuple[int, bool]:
    """Return how many matches a random case has, and whether any way finds others."""
    plan = _plan(chance, chance.choice(TYPES))
    sightings = _sightings(chance, plan)
    end = chance.randrange(40) * SECOND
    expected = naive(plan, sightings, end)
    shuffled = chance.sample(sightings, len(sightings))
    size = chance.randint(1, 9)
    found = [batch(plan, shuffled, end)]
    for lateness, given in ((40 * SECOND, shuffled), (0, sorted(sightings))):
        found += [_streamed(plan, given, size, (end, lateness, stored)) for stored in (False, True)]
    return len(expected), any(one != expected for one in found)


def _streamed(plan: Correlation, sightings: list[Sighting], size: int, settings: tuple[int, int, bool]) -> list[Match]:
    end, lateness, stored = settings
    stream = Stream(plan, lateness=lateness)
    found: list[Match] = []
    for at in range(0, len(sightings), size):
        found += stream.feed(sightings[at : at + size])
        if stored:
            stream.taken_openings()
            stream = Stream.restore(plan, stream.dump())
    return sorted(found + stream.finish(end), key=lambda match: (match.time, match.group))


def _plan(chance: random.Random, kind: str) -> Correlation:
    rules = 2 if kind in {"bartizan_absence", "bartizan_ratio"} else chance.randint(1, 3)
    presence: Presence | None = None
    if kind == "temporal_ordered":
        presence = Every(tuple(Seen(rule) for rule in range(rules)))
    elif kind == "temporal" and chance.choice((True, False)):
        presence = _presence(chance, rules, 0)
    hows = ("gt", "gte", "lt", "lte", "eq", "neq")
    limits = tuple(Limit(chance.choice(hows), chance.choice((0, 1, 2, 3, 1.5, -1, 2.25, 0.1))) for _ in range(chance.randint(1, 2)))
    bare = presence is not None or kind == "bartizan_absence"
    return _made(kind, rules, chance.randint(1, 8) * SECOND, () if bare else limits, presence)


def _presence(chance: random.Random, rules: int, depth: int) -> Presence:
    kind = Seen if depth > DEEPEST else chance.choice((Seen, Seen, Never, Every, Some))
    if kind is Seen:
        return Seen(chance.randrange(rules))
    if kind is Never:
        return Never(_presence(chance, rules, depth + 1))
    parts = (_presence(chance, rules, depth + 1), _presence(chance, rules, depth + 1))
    return Every(parts) if kind is Every else Some(parts)


def _made(kind: str, rules: int, timespan: int, limits: tuple[Limit, ...], presence: Presence | None) -> Correlation:
    return Correlation(
        document=0,
        line=1,
        meta=META,
        kind=kind,
        rules=tuple((f"rule_{number}", 1) for number in range(rules)),
        timespan=timespan,
        group_by=("host",),
        limits=limits,
        fields=("value",),
        percentile=95,
        presence=presence,
    )


def _sightings(chance: random.Random, plan: Correlation) -> list[Sighting]:
    found = []
    for number in range(chance.randint(0, 24)):
        value: Value = chance.choice((0, 1, 2, 3, -1, 0.5, 1.5, 0.1, 2**62, 1e20)) if plan.kind in NUMERIC else (chance.choice("abc"),)
        rule = chance.randrange(len(plan.rules))
        found.append(Sighting(chance.randrange(30) * SECOND, number.to_bytes(16, "big"), rule, (chance.choice("xyz"),), value))
    return found + chance.sample(found, len(found) // 5)


def _cost(kind: str) -> tuple[float, int, float]:
    """Return CPU seconds of the batch, matches, and CPU seconds of the stream, on a million findings."""
    rules = 2 if kind in {"bartizan_absence", "bartizan_ratio", "temporal", "temporal_ordered"} else 1
    presence = Every(tuple(Seen(rule) for rule in range(rules))) if kind.startswith("temporal") else None
    limits = (Limit("gte", LIMITS[kind]),) if kind in LIMITS else ()
    plan = _made(kind, rules, (300 if kind.startswith(("temporal", "bartizan_absence")) else 3600) * SECOND, limits, presence)
    sightings = _million(random.Random(SEED), plan)
    events = Events(sightings)
    begin = time.process_time()
    found = correlated(plan, events)
    batched = time.process_time() - begin
    begin = time.process_time()
    stream = Stream(plan, lateness=60 * SECOND)
    matches = [match for at in range(0, STREAMED, 10_000) for match in stream.feed(sightings[at : at + 10_000])]
    matches += stream.finish()
    streamed = (time.process_time() - begin) / STREAMED
    if sorted(matches, key=lambda match: (match.time, match.group)) != batch(plan, sightings[:STREAMED]):
        message = f"{kind}: batch and stream differ on {STREAMED} findings"
        raise AssertionError(message)
    return batched, len(found), streamed


def _million(chance: random.Random, plan: Correlation) -> list[Sighting]:
    """Return findings in the order of time: a few groups with many, many with few."""
    numeric = plan.kind in NUMERIC
    share = 0.0 if len(plan.rules) == 1 else 0.6 if plan.kind == "bartizan_absence" else 0.1
    values: list[Value] = list(range(2000)) if numeric else [(f"value-{number}",) for number in range(2000)]
    groups = [(f"host-{number}",) for number in range(GROUPS)]
    moments = sorted(chance.randrange(86_400 * 1000) for _ in range(FINDINGS))
    return [
        Sighting(
            moment * 1_000_000,
            chance.randbytes(16),
            int(chance.random() < share),
            groups[int(GROUPS * chance.random() ** 3)],
            values[int(2000 * chance.random() ** 2)],
        )
        for moment in moments
    ]
