"""Show a lineage as a tree: who started whom, what each wrote and where it connected, and where following ended."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import moment, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.investigate.lineage.contract import Lineage, Step, Thing
    from bartizan.investigate.lineage.steps import Known

__all__ = ["lineage_json", "lineage_lines"]

_WIDE: Final = 110
_CHILD: Final = frozenset({"started", "injected"})


def lineage_lines(known: Known, lineage: Lineage) -> list[str]:
    """Return the lines of the tree."""
    own: defaultdict[Thing, list[Step]] = defaultdict(list)
    for step in lineage.steps:
        own[step.cause].append(step)
    caused = {step.effect for step in lineage.steps if step.verb in _CHILD}
    roots = sorted(
        (thing for thing in lineage.things if thing.kind == "process" and thing not in caused), key=lambda thing: _first(own, thing)
    )
    lines: list[str] = []
    for root in roots:
        lines += _tree(known, lineage, own, root)
    lines += [f"ended at {_named(known, thing)}: {why}" for thing, why in lineage.stops]
    lines.append(f"{len(lineage.things)} things, {len(lineage.steps)} steps")
    return lines


def _first(own: Mapping[Thing, Sequence[Step]], thing: Thing) -> tuple[int, str]:
    steps = own.get(thing, ())
    return (steps[0].time if steps else 0, thing.name)


def _tree(known: Known, lineage: Lineage, own: Mapping[Thing, Sequence[Step]], root: Thing) -> Iterator[str]:
    """Yield a process with what it did, depth first; what was shown already is not shown again."""
    seen: set[Thing] = set()
    waiting: list[tuple[int, str, Thing]] = [(0, "", root)]
    while waiting:
        depth, when, thing = waiting.pop()
        indent = "  " * depth
        mark = "  <- asked for" if thing == lineage.start else ""
        yield f"{indent}{when}{_named(known, thing)}{mark}"
        if thing in seen:
            continue
        seen.add(thing)
        # Two logs may tell of one start: the first is shown.
        children = {step.effect: step for step in reversed(own.get(thing, ())) if step.verb in _CHILD}
        told: dict[tuple[str, Thing], list[Step]] = defaultdict(list)
        for step in own.get(thing, ()):
            if step.verb not in _CHILD:
                told[step.verb, step.effect].append(step)
        for (verb, effect), steps in told.items():
            times = f", {len(steps)} times" if len(steps) > 1 else ""
            yield f"{indent}    {moment(steps[0].time)} {verb} {shorten(visible(effect.name), _WIDE)}{times}  [{steps[0].record[:8]}]"
        waiting += [(depth + 1, f"{moment(step.time)} {step.verb} ", step.effect) for step in sorted(children.values(), reverse=True)]


def _named(known: Known, thing: Thing) -> str:
    told = known.processes.get(thing)
    if told is None:
        return shorten(visible(thing.name), _WIDE)
    number = "" if told.pid is None else f" ({told.pid})"
    return f"{shorten(visible(told.command or told.path or thing.name), _WIDE)}{number}"


def lineage_json(known: Known, lineage: Lineage) -> dict[str, object]:
    """Return the lineage as plain values; times in nanoseconds UTC."""
    return {
        "start": lineage.start.name,
        "things": [
            {
                "kind": thing.kind,
                "host": thing.host,
                "name": thing.name,
                **(asdict(known.processes[thing]) if thing in known.processes else {}),
            }
            for thing in sorted(lineage.things)
        ],
        "steps": [
            {"time": step.time, "verb": step.verb, "cause": step.cause.name, "effect": step.effect.name, "record": step.record}
            for step in lineage.steps
        ],
        "stops": [{"name": thing.name, "why": why} for thing, why in lineage.stops],
    }
