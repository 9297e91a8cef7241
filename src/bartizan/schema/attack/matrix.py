"""Hold the facts of the ATT&CK Enterprise matrix that reports show: ids, names, and which tactics a technique serves.

The facts are data (``techniques.json``). Ids that it does not know are shown as they are: a tag is never dropped because
the matrix moved on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ATTACK_VERSION", "Attack", "Tactic", "Technique", "attacks_of", "tactic", "tactics", "technique"]

ATTACK_VERSION: Final = "19"
"""The version of the Enterprise matrix that the facts describe; it split Defense Evasion into Stealth and Defense Impairment."""

_TECHNIQUE_TAG: Final = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tactic:
    """What an attacker wants at one stage. ``shortname`` is the word of Sigma tags (``credential-access``)."""

    uid: str
    shortname: str
    name: str


@dataclass(frozen=True, slots=True)
class Technique:
    """How an attacker does it. ``name`` is the id itself where the matrix has no such id; ``tactics`` are short names.

    ``title`` puts the name of the parent before that of a sub-technique.
    """

    uid: str
    name: str
    title: str
    tactics: tuple[str, ...] = ()

    @property
    def parent(self) -> str:
        """Return the id of the technique that this one refines, its own id if it is no sub-technique."""
        return self.uid.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that a rule says of a record: a tactic, a technique, or a technique in the service of a tactic."""

    tactic: Tactic | None
    technique: Technique | None


@cache
def tactics() -> tuple[Tactic, ...]:
    """Return the tactics in the order of the matrix, which is the order of the kill chain."""
    return tuple(Tactic(uid, shortname, name) for _letter, uid, shortname, name in _facts()["tactics"])


@cache
def tactic(shortname: str) -> Tactic | None:
    """Find a tactic by the word of a tag; None if ATT&CK has no such tactic. A retired word finds its first successor."""
    found = _named(shortname)
    return found[0] if found else None


@cache
def technique(uid: str) -> Technique:
    """Find a technique or sub-technique by its id; an unknown one is named by its id and serves no tactic.

    A retired id stays as it is, so that it can be found where it was written, and takes name and tactics of its successor.
    """
    uid = uid.upper()
    parent, _, number = _facts()["retired_techniques"].get(uid, uid).partition(".")
    letters, name, *rest = _facts()["techniques"].get(parent, ("", uid))
    subs: Mapping[str, str] = rest[0] if rest else {}
    short = subs.get(number, uid) if number else name
    return Technique(uid, short, f"{name}: {short}" if number in subs else short, _spelt(letters))


@cache
def attacks_of(tags: tuple[str, ...]) -> tuple[Attack, ...]:
    """Read what Sigma tags say of ATT&CK: each technique under each tagged tactic it serves, then tactics left without one.

    A technique whose tactics are not tagged stands under its tactic if it has only one; otherwise it stands alone,
    because the tags do not say which of them is meant.
    """
    words = list(filter(None, (_named(tag[7:]) for tag in tags if tag.lower().startswith("attack."))))
    named = tuple(dict.fromkeys(entry for word in words for entry in word))
    ids = dict.fromkeys(found[1].upper() for tag in tags if (found := _TECHNIQUE_TAG.fullmatch(tag)))
    pairs = [pair for uid in ids for pair in _placed(technique(uid), named)]
    used = {pair.tactic for pair in pairs}
    alone = dict.fromkeys(word[0] for word in words if used.isdisjoint(word))
    return (*pairs, *(Attack(entry, None) for entry in alone))


def _placed(entry: Technique, named: tuple[Tactic, ...]) -> list[Attack]:
    served = [one for one in named if one.shortname in entry.tactics]
    if not served and len(entry.tactics) == 1:
        served = list(_named(entry.tactics[0]))
    return [Attack(one, entry) for one in served] or [Attack(None, entry)]


def _named(word: str) -> tuple[Tactic, ...]:
    """Return the tactics of a word: one, or the successors of a retired one, or none."""
    shortname = word.lower().replace("_", "-")
    wanted = _facts()["retired_tactics"].get(shortname, [shortname])
    return tuple(entry for entry in tactics() if entry.shortname in wanted)


@cache
def _spelt(letters: str) -> tuple[str, ...]:
    shortnames = {letter: shortname for letter, _uid, shortname, _name in _facts()["tactics"]}
    return tuple(shortnames[letter] for letter in letters)


class _Facts(TypedDict):
    tactics: list[tuple[str, str, str, str]]
    retired_tactics: dict[str, list[str]]
    retired_techniques: dict[str, str]
    techniques: dict[str, Any]


@cache
def _facts() -> _Facts:
    """Read the data file: a tactic is letter, id, short name, name; a technique is tactic letters, name, sub-techniques."""
    read: _Facts = json.loads(files(__package__).joinpath("techniques.json").read_text(encoding="utf-8"))
    return read
