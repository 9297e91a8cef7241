"""Know the actions of AWS: a dated snapshot of the Service Authorization Reference, each action a bit.

A pattern of actions is a set of bits, worked out once: the actions of one policy are the union of those of its patterns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bartizan.review.cloud.permission.aws.patterns import glob, wild

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Action", "Keys", "Reference", "reference"]


@dataclass(frozen=True, slots=True)
class Keys:
    """The condition keys that an action has, in lower case; those with a part of one's own (``aws:requesttag/``) by their start."""

    names: frozenset[str]
    starts: tuple[str, ...]

    def has(self, key: str) -> bool:
        """Say whether a key in lower case is one of them."""
        return key in self.names or key.startswith(self.starts)


@dataclass(frozen=True, slots=True)
class Action:
    """One action. ``index`` is its bit; ``resources`` are ARN patterns of what it can be asked of, () where it is asked of nothing."""

    name: str
    """As AWS writes it: ``s3:GetObject``."""
    service: str
    index: int
    bit: int
    level: str
    """Read, List, Write, Tagging or Permissions management."""
    kinds: tuple[str, ...]
    """Types of resources; one that every request names ends with ``!``."""
    resources: tuple[str, ...]
    keys: Keys
    dependent: tuple[str, ...]
    """Actions that doing it needs as well."""


@dataclass(frozen=True, slots=True)
class Reference:
    """All actions by name in lower case, and what else the snapshot says."""

    date: str
    source: str
    actions: Mapping[str, Action]
    services: Mapping[str, tuple[Action, ...]]
    kinds: Mapping[str, Mapping[str, str]]
    """By service the ARN pattern of each of its types of resources."""
    rcp: frozenset[str]
    """Services that resource control policies reach."""
    by_index: tuple[Action, ...] = field(repr=False, default=())

    @property
    def every(self) -> int:
        """All bits."""
        return (1 << len(self.by_index)) - 1

    def names(self, mask: int) -> list[str]:
        """Return the names of a set of bits, sorted."""
        return [action.name for action, bit in zip(self.by_index, reversed(f"{mask:b}"), strict=False) if bit == "1"]


@cache
def reference() -> Reference:
    """Return the snapshot that this release holds."""
    import zstandard  # noqa: PLC0415 - start-up: nothing is decided before somebody asks

    held = files(__package__).joinpath("reference.json.zst").read_bytes()
    return made(json.loads(zstandard.ZstdDecompressor().decompress(held)))


def made(snapshot: Mapping[str, Any]) -> Reference:
    """Make the reference of a snapshot as ``tools/iam_reference.py`` writes it."""
    keys = [_keys(names) for names in snapshot["keys"]]
    actions: dict[str, Action] = {}
    services: dict[str, tuple[Action, ...]] = {}
    for service, told in sorted(snapshot["services"].items()):
        own = []
        for name, (level, kinds, number, dependent) in sorted(told["actions"].items(), key=lambda one: str(one[0]).lower()):
            index = len(actions)
            arns = tuple(told["resources"].get(kind.rstrip("!"), "*") for kind in kinds)
            row = Action(
                name=f"{service}:{name}",
                service=service,
                index=index,
                bit=1 << index,
                level=snapshot["levels"][level],
                kinds=tuple(kinds),
                resources=arns,
                keys=keys[number],
                dependent=tuple(dependent),
            )
            actions[row.name.lower()] = row
            own.append(row)
        services[service.lower()] = tuple(own)
    return Reference(
        date=snapshot["date"],
        source=snapshot["source"],
        actions=actions,
        services=services,
        kinds={service.lower(): told["resources"] for service, told in snapshot["services"].items()},
        rcp=frozenset(snapshot["rcp"]),
        by_index=tuple(actions.values()),
    )


def _keys(names: list[str]) -> Keys:
    exact, starts = set(), set()
    for name in names:
        lower = name.lower()
        cut = min((lower.find(mark) for mark in ("${", "<") if mark in lower), default=-1)
        if cut >= 0:
            starts.add(lower[:cut])
        else:
            exact.add(lower)
    return Keys(frozenset(exact), tuple(sorted(starts)))


@lru_cache(maxsize=65_536)
def mask(pattern: str) -> int:
    """Return the set of actions that a pattern of a policy names; case does not matter."""
    known = reference()
    lower = pattern.lower()
    if lower in ("*", "*:*"):
        return known.every
    service, _, name = lower.partition(":")
    if not name:
        return 0
    one = known.actions.get(lower)
    if one is not None:
        return one.bit
    fits, of = glob(wild(name)), glob(wild(service))
    found = 0
    for key, own in known.services.items():
        if key == service or (("*" in service or "?" in service) and of(key)):
            for action in own:
                if fits(action.name.partition(":")[2].lower()):
                    found |= action.bit
    return found
