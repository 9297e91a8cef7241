"""Follow steps from a process: back to what led to it, and forward to what all of that did.

Only a cause that came before its effect is followed. What has to do with everything is where following stops: programs that
start whatever is to be started (the shell of the desktop, the manager of services), and whatever has more children than a person
or a payload would give it. The closure without these guards, for comparison, is ``everything_from``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.investigate.lineage.contract import Lineage, Step, Thing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bartizan.investigate.lineage.steps import Known

__all__ = ["everything_from", "lineage_of"]

FAN_OUT: Final = 40
"""Processes that one may start before it counts as one that starts whatever is to be started."""
_SAME: Final = 5_000_000_000
"""Nanoseconds by which clocks within one host may differ: an effect may be told so much before its cause."""
_HUBS: Final = re.compile(
    r"(?:^|[\\/])(?:explorer|services|svchost|wininit|winlogon|userinit|smss|csrss|lsass|taskeng|taskhostw|runtimebroker|sihost|dllhost|wmiprvse|"
    r"systemd|init|launchd|sshd|crond?|atd|dockerd|containerd(?:-shim[\w-]*)?)(?:\.exe)?$",
    re.IGNORECASE,
)
_CONTROL: Final = frozenset({"started", "injected"})
_BACK: Final = frozenset({*_CONTROL, "ran", "wrote"})
"""Verbs followed back: who controls a process, the file that it runs, and who wrote that."""


def lineage_of(known: Known, start: Thing, *, fan_out: int = FAN_OUT) -> Lineage:
    """Return what led to a process, and what that did from then on; ``fan_out`` bounds the processes that one of them starts.

    Back, over what started or injected it, each of which is followed forward, too; and over the files that these run to who wrote
    them and what started that. A writer is where something came in (a browser, a mail program): what else it did is not followed.
    """
    hubs = _hubs(known, fan_out)
    causes, effects = _by_effect(known.steps), _by_cause(known.steps)
    stops: dict[Thing, str] = {}
    ran, came = _back(start, causes, hubs, stops)
    things, used = _forward(ran, effects, hubs, stops)
    things |= {thing for step in came for thing in (step.cause, step.effect)}
    return Lineage(
        start=start,
        things=frozenset(things),
        steps=tuple(sorted(used | came)),
        stops=tuple(sorted(stops.items(), key=lambda stop: str(stop[0]))),
    )


def everything_from(known: Known, start: Thing) -> frozenset[Thing]:
    """Return what steps connect with a process backward and forward, whatever they are and whenever they were."""
    back, forward = {start}, {start}
    for reached, way in ((back, _by_effect(known.steps)), (forward, _by_cause(known.steps))):
        waiting = [start]
        while waiting:
            for step in way.get(waiting.pop(), ()):
                thing = step.cause if reached is back else step.effect
                if thing not in reached:
                    reached.add(thing)
                    waiting.append(thing)
    things = set(back)
    waiting = list(back)
    effects = _by_cause(known.steps)
    while waiting:
        for step in effects.get(waiting.pop(), ()):
            if step.effect not in things:
                things.add(step.effect)
                waiting.append(step.effect)
    return frozenset(things | forward)


def _by_cause(steps: Sequence[Step]) -> Mapping[Thing, list[Step]]:
    found: defaultdict[Thing, list[Step]] = defaultdict(list)
    for step in steps:
        found[step.cause].append(step)
    return found


def _by_effect(steps: Sequence[Step]) -> Mapping[Thing, list[Step]]:
    found: defaultdict[Thing, list[Step]] = defaultdict(list)
    for step in steps:
        found[step.effect].append(step)
    return found


def _hubs(known: Known, fan_out: int) -> Mapping[Thing, str]:
    hubs: dict[Thing, str] = {}
    children: defaultdict[Thing, set[Thing]] = defaultdict(set)
    for step in known.steps:
        if step.verb == "started":
            children[step.cause].add(step.effect)
    for thing, told in known.processes.items():
        if _HUBS.search(told.path):
            hubs[thing] = "it starts whatever is to be started"
        elif len(children.get(thing, ())) > fan_out:
            hubs[thing] = f"it started {len(children[thing])} processes"
    return hubs


def _back(
    start: Thing, causes: Mapping[Thing, list[Step]], hubs: Mapping[Thing, str], stops: dict[Thing, str]
) -> tuple[set[Thing], set[Step]]:
    """Return the processes that led to one by starting or injecting, and the steps over which something came in from elsewhere."""
    ran, came = {start}, set[Step]()
    met = {start}
    waiting = [(start, max((step.time for step in causes.get(start, ())), default=0), True)]
    while waiting:
        thing, until, inside = waiting.pop()
        for step in causes.get(thing, ()):
            if step.verb not in _BACK or step.time > until + _SAME:
                continue
            if step.cause in hubs:
                stops.setdefault(step.cause, hubs[step.cause])
                continue
            same = inside and step.verb in _CONTROL
            if not same:
                came.add(step)
            if same:
                ran.add(step.cause)
            if step.cause not in met:
                met.add(step.cause)
                waiting.append((step.cause, step.time, same))
    return ran, came


def _forward(
    ran: Collection[Thing], effects: Mapping[Thing, list[Step]], hubs: Mapping[Thing, str], stops: dict[Thing, str]
) -> tuple[set[Thing], set[Step]]:
    """Return what processes did, and what that did from then on."""
    since: dict[Thing, int] = dict.fromkeys(ran, 0)
    used: set[Step] = set()
    waiting = list(ran)
    while waiting:
        thing = waiting.pop()
        for step in _from(thing, effects, since[thing]):
            if step.effect in hubs:
                stops.setdefault(step.effect, hubs[step.effect])
                continue
            used.add(step)
            if step.time < since.get(step.effect, step.time + 1):
                since[step.effect] = step.time
                waiting.append(step.effect)
    return set(since), used


def _from(thing: Thing, effects: Mapping[Thing, list[Step]], since: int) -> Iterator[Step]:
    """Yield what a thing did from a time on. An endpoint does nothing here: others reach the same one for reasons of their own."""
    if thing.kind != "endpoint":
        for step in effects.get(thing, ()):
            if step.time >= since - _SAME:
                yield step
