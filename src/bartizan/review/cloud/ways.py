"""Tell ways of attack hop by hop: what is done, by which statement it may be, on what it hangs, and who would see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.asking import ANY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Statement
    from bartizan.review.cloud.contract import Hop
    from bartizan.review.cloud.paths.answers import Path
    from bartizan.review.cloud.permission.contract import Decision, Why
    from bartizan.review.cloud.reviewed import Reviewed

__all__ = [
    "ASSUMED",
    "BLIND",
    "PERHAPS",
    "SEEN",
    "SILENT",
    "HopTold",
    "WayTold",
    "assumed_in",
    "briefly",
    "hop_told",
    "names_of",
    "read_at",
    "statement_of",
    "ways_told",
    "where_of",
]

SEEN: Final = "seen"
PERHAPS: Final = "perhaps"
"""A hop whose record a detection fires on if it also says something else."""
BLIND: Final = "blind"
ASSUMED: Final = "assumed"
"""Where a reason stands that somebody assumed."""
SILENT: Final = "silent"
"""A hop that leaves no record of its own: that a workload acts as its role, that a port is open."""
OUTSIDE: Final = "internet"
_KIND: Final = 1
"""Where the kind stands in ``CLUSTER/KIND/NAMESPACE/NAME``."""
_ARN: Final = re.compile(r"\barn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:(?:[0-9]*|aws):")


@dataclass(frozen=True, slots=True, kw_only=True)
class HopTold:
    """One hop. ``allowed``: the sentences of what decides it, each with where it stands."""

    src: str
    dst: str
    rule: str
    title: str
    about: str
    fix: str
    allowed: tuple[tuple[str, str], ...]
    depends: tuple[str, ...]
    state: str
    """seen, perhaps, blind or silent."""
    detections: tuple[str, ...]
    """Those that see it, or those that may, each with what that hangs on."""
    events: tuple[str, ...]
    """The log records that it leaves, ``service:Event``."""
    silent: str = ""
    """Why it leaves none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayTold:
    """A way, its hops in order. ``number`` is its place, from 1."""

    number: int
    start: str
    goal: str
    hops: tuple[HopTold, ...]
    depends: tuple[str, ...]
    level: str

    @property
    def outside(self) -> bool:
        """Say whether it begins with anybody at all."""
        return self.start == OUTSIDE

    @property
    def blind(self) -> int:
        """Count the hops that leave a record and that nobody would see."""
        return sum(hop.state == BLIND for hop in self.hops)


def ways_told(reviewed: Reviewed, ways: Sequence[Path] | None = None) -> tuple[WayTold, ...]:
    """Return the ways of a review as they are told, or others of the same estate."""
    return tuple(
        WayTold(
            number=number,
            start=str(way.start),
            goal=str(way.goal),
            hops=tuple(hop_told(reviewed, hop) for hop in way.hops),
            depends=way.depends,
            level=_level(outside=way.start == OUTSIDE, sure=not way.depends),
        )
        for number, way in enumerate(reviewed.ways if ways is None else ways, 1)
    )


def names_of(reviewed: Reviewed) -> Mapping[str, tuple[str, str]]:
    """Return the name and the kind of whatever a way can lead through, by uid."""
    found = {str(one.uid): (one.name or str(one.uid), one.kind.replace("_", " ")) for one in reviewed.facts.resources}
    found |= {str(one.uid): (one.name or str(one.uid), one.kind.replace("_", " ")) for one in reviewed.facts.principals}
    found[OUTSIDE] = "internet", "anybody at all"
    for uid in reviewed.paths.nodes:
        if uid.startswith("admin:"):
            provider, _, account = uid.removeprefix("admin:").partition("/")
            found[str(uid)] = account or provider, f"everything in {'cluster' if provider == 'kubernetes' else 'account'}"
        elif uid not in found:
            found[str(uid)] = _unread(uid)
    return found


def _unread(uid: str) -> tuple[str, str]:
    """Return name and kind of what no reader made a resource of: what stands for a namespace or node, or is outside of what was read."""
    parts = uid.removeprefix("k8s://").split("/")
    if uid.startswith("k8s://") and len(parts) > _KIND:
        return parts[-1], parts[_KIND].replace("_", " ")
    return briefly(uid), "outside the estate"


def briefly(text: str) -> str:
    """Return a sentence with ARNs cut down to what tells them apart within an account."""
    return _ARN.sub("", text)


def read_at(why: Why) -> str:
    """Return the file and line, or the call, where the statement of a reason was read; "" where there is none."""
    origin = None if why.statement is None else why.statement.origin
    return "" if origin is None else " ".join(filter(None, (origin.path, origin.place)))


def where_of(why: Why) -> str:
    """Return where the statement of a reason stands: policy, number and sid, and the line or call where it was read."""
    if why.statement is None:
        return why.through
    return statement_of(why.statement) + (f"; {read}" if (read := read_at(why)) else "")


def statement_of(statement: Statement) -> str:
    """Return which statement it is: policy, number and sid."""
    sid = f" ({statement.sid})" if statement.sid else ""
    return f"{statement.policy}, statement {statement.number}{sid}"


def hop_told(reviewed: Reviewed, hop: Hop) -> HopTold:
    """Return one hop as it is told."""
    rule = reviewed.paths.rules.get(hop.rule)
    seen, perhaps = tuple(reviewed.seen.get(hop.rule, ())), tuple(reviewed.perhaps.get(hop.rule, ()))
    events = () if rule is None else tuple(f"{event.source.removesuffix('.amazonaws.com')}:{event.name}" for event in rule.emits)
    return HopTold(
        src=str(hop.src),
        dst=str(hop.dst),
        rule=hop.rule,
        title="has everything there" if rule is None else rule.title,
        about="" if rule is None else rule.about,
        fix="" if rule is None else rule.fix,
        allowed=tuple(dict.fromkeys(_allowed(hop))),
        depends=hop.depends,
        state=SEEN if seen else PERHAPS if perhaps else BLIND if events else SILENT,
        detections=seen or perhaps,
        events=events,
        silent="" if rule is None else rule.silent,
    )


def _allowed(hop: Hop) -> Iterator[tuple[str, str]]:
    for decision in hop.decisions:
        for why in (*decision.why[:1], *assumed_in(decision)):
            yield why.text.replace(ANY_NAME, "*"), where_of(why)


def assumed_in(decision: Decision) -> tuple[Why, ...]:
    """Return what a decision rests on that somebody assumed."""
    return tuple(why for why in decision.why if why.through == ASSUMED)


def _level(*, outside: bool, sure: bool) -> str:
    if outside:
        return "critical" if sure else "high"
    return "high" if sure else "medium"
