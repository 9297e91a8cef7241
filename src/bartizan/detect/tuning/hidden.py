"""Say what an exception would hide."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.schema.entities import principals_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["GRAVE", "Hidden", "Preview", "preview_of", "seen"]

GRAVE: Final = ("high", "critical")
_FIRST: Final = 10
"""Findings that are shown: what fits a screen beside the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A finding that an exception would hide. ``time`` is nanoseconds UTC."""

    time: int
    title: str
    level: str
    path: str
    record: int
    entities: tuple[str, ...]
    matched: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an exception would have hidden of some findings: ``hidden + stays + unknown`` is how many there were."""

    hidden: int
    stays: int
    unknown: int = 0
    """Findings of which it cannot be told, because their records cannot be read again."""
    why: Sequence[str] = ()
    """Why it cannot be told, each reason with its count."""
    levels: Mapping[str, int]
    """Hidden findings by level."""
    entities: Sequence[tuple[str, int]]
    """Who the hidden findings are about, most of them first."""
    first: Sequence[Hidden]
    """The earliest of the hidden findings."""

    @property
    def grave(self) -> int:
        """Return how many hidden findings are of level high or critical."""
        return sum(self.levels.get(level, 0) for level in GRAVE)


def preview_of(hidden: Iterable[Hidden], *, stays: int, unknown: int = 0, why: Sequence[str] = ()) -> Preview:
    """Sum up hidden findings."""
    levels: Counter[str] = Counter()
    entities: Counter[str] = Counter()
    first: list[Hidden] = []
    for one in hidden:
        levels[one.level] += 1
        entities.update(one.entities)
        first.append(one)
        if len(first) >= 4096:  # noqa: PLR2004 - bounds the memory; sorting a batch this large costs a millisecond
            first = _earliest(first)
    ranked = sorted(entities.items(), key=lambda pair: (-pair[1], pair[0]))
    return Preview(
        hidden=levels.total(), stays=stays, unknown=unknown, why=why, levels=dict(levels), entities=ranked, first=_earliest(first)
    )


def seen(line: bytes) -> Hidden:
    """Read a line of findings."""
    found = msgspec.json.decode(line)
    artifact = found["evidences"][0]
    data = artifact["data"]
    named = principals_of({name: value for name, value in _dotted("", artifact) if not name.startswith("data.")})
    return Hidden(
        time=found["time"] * 1_000_000,
        title=found["finding_info"]["title"],
        level=found["severity"].lower(),
        path=data["origin"]["path"],
        record=data["origin"]["record"],
        entities=tuple(map(str, named)),
        matched={name: tuple(value) if isinstance(value, list) else value for name, value in data["matched"].items()},
    )


def _earliest(found: list[Hidden]) -> list[Hidden]:
    return sorted(found, key=lambda one: (one.time, one.path, one.record, one.title))[:_FIRST]


def _dotted(prefix: str, value: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, dict):
            yield from _dotted(f"{prefix}{name}.", item)
        else:
            yield f"{prefix}{name}", tuple(item) if isinstance(item, list) else item
