"""Say what matters in an estate: all that an account has, and the things that somebody marked or named as crown jewels."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.contract import INTERNET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.collect.inventory.contract import Facts, Resource, Uid
    from bartizan.review.cloud.paths.answers import Path, Paths

__all__ = ["accounts_in", "jewels_in", "named_in", "ways_of_all", "ways_to"]

_MARK: Final = re.compile(r"crown.?jewel", re.IGNORECASE)
_CLASS: Final = re.compile(r"(data.?)?(classification|sensitivity|confidentiality)", re.IGNORECASE)
_GRAVE: Final = re.compile(r"confidential|restricted|secret|sensitive|critical|highly|pii|phi|pci|customer", re.IGNORECASE)
"""Values of a tag of classification that mean more than internal."""
_MOST_KEPT: Final = 10_000
"""Ways that are kept for cases to ask: a hundred thousand of them would be 200 MB."""
_NO: Final = frozenset({"", "0", "false", "no", "none"})
_MOST: Final = 500
"""Ways that are told: beyond, the rest is counted."""


def jewels_in(facts: Facts) -> list[Uid]:
    """Return what is marked by a tag as a crown jewel, or classified as more than internal."""
    return [one.uid for one in facts.resources if _marked(one)]


def named_in(facts: Facts, nodes: Iterable[Uid], names: Sequence[str]) -> dict[str, list[Uid]]:
    """Return, for each name, what it means: a uid, an account, the name of a resource or principal, or a pattern of uids with ``*``."""
    uids = list(dict.fromkeys([*nodes, *(one.uid for one in facts.resources), *(one.uid for one in facts.principals)]))
    called: dict[str, list[Uid]] = {}
    for uid, name in [*((one.uid, one.name) for one in facts.resources), *((one.uid, one.name) for one in facts.principals)]:
        called.setdefault(name, []).append(uid)
    for uid in accounts_in(uids):
        called.setdefault(uid.partition("/")[2], []).append(uid)
    found = {}
    for name in names:
        exact = [uid for uid in uids if uid == name] or list(dict.fromkeys(called.get(name, ())))
        found[name] = exact or [uid for uid in uids if fnmatchcase(uid, name)]
    return found


def ways_to(paths: Paths, goals: Iterable[Uid]) -> tuple[list[Path], int]:
    """Return the ways of everybody to goals, those from the internet first, then the surest and shortest, and how many are left out.

    A way to a jewel that leads over all of an account is told as a way to that account.
    """
    found = [way for goal in dict.fromkeys(goals) for way in paths.paths_to(goal) if not _over_account(way)]
    found.sort(key=lambda way: (way.start != INTERNET, bool(way.depends), len(way.hops)))
    return found[:_MOST], max(0, len(found) - _MOST)


def ways_of_all(paths: Paths, goals: Iterable[Uid], told: Iterable[Path]) -> list[Path]:
    """Return the ways of everything else that leads to goals, machines and administrators too: what whoever holds it can reach."""
    known = {(way.start, way.goal) for way in told}
    found = []
    for goal in dict.fromkeys(goals):
        starts = [uid for uid in paths.found.nodes if (uid, goal) not in known and not uid.startswith("admin:")]
        found += [way for way in paths.paths_to(goal, starts=starts) if not _over_account(way)]
    found.sort(key=lambda way: (bool(way.depends), len(way.hops)))
    return found[:_MOST_KEPT]


def accounts_in(nodes: Iterable[Uid]) -> Iterator[Uid]:
    """Yield the nodes that stand for all that an account has."""
    return (uid for uid in nodes if uid.startswith("admin:"))


def _over_account(way: Path) -> bool:
    return any(hop.src.startswith("admin:") for hop in way.hops)


def _marked(one: Resource) -> bool:
    return any(
        (_MARK.fullmatch(key) and value.strip().lower() not in _NO) or (_CLASS.fullmatch(key) and _GRAVE.search(value))
        for key, value in one.tags.items()
    )
