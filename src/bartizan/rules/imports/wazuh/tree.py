"""Follow the tree of rules: what a rule asks is what its parents ask and what it asks itself.

Of the rules below one parent Wazuh reports the first that matches: those of level 0 first, then by falling level. Rules
of level 0 report nothing: they are the exceptions of those beside them, and of their parent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.asked import ANY, NOTHING, Asked, Is, every, never, some
from bartizan.rules.imports.contract import APPROXIMATED, EITHER, OVER, REFUSED, UNDER, Piece, approximated, carried, refused
from bartizan.rules.imports.wazuh.conditions import CONDITIONS, condition
from bartizan.rules.imports.wazuh.worlds import SYSMON_GROUPS, SYSMON_SIDS, TEXT, WINDOWS, World, decoded_world, json_world

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.rules.imports.wazuh.ruleset import Part, WazuhRule

__all__ = ["MATCHED", "Chain", "Chosen", "Tree", "names_in"]

MATCHED: Final = ("if_matched_sid", "if_matched_group", "if_matched_regex")
"""Elements that make a rule count others."""
_MOST: Final = 60
"""Parents that a rule may have: a condition of more alternatives is read by nobody."""
_DEEPEST: Final = 30
_ABOVE: Final = "as in rule"
_TEXT_CATEGORIES: Final = frozenset({"syslog", "ossec"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """One way in which a rule can match: the log it judges, and what is asked of a record of it."""

    world: World
    asked: Asked


@dataclass(frozen=True, slots=True)
class Chain:
    """What a rule asks, by the logs that it can match in, and what became of its parts; a refused one has no ways."""

    ways: Sequence[Chosen] = ()
    pieces: Sequence[Piece] = ()

    @property
    def refused(self) -> bool:
        """Say whether a part of it is refused."""
        return any(piece.fate == REFUSED for piece in self.pieces)


@dataclass(slots=True)
class Tree:
    """The rules by id with their children; ``decoders`` are the logs that given decoders read."""

    rules: Mapping[str, WazuhRule]
    decoders: Mapping[str, World] = field(default_factory=dict)
    _chains: dict[str, Chain] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _children: dict[str, list[WazuhRule]] = field(default_factory=dict)
    _groups: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note the children of each rule and the rules of each group."""
        for rule in self.rules.values():
            for group in rule.groups:
                self._groups.setdefault(group, []).append(rule.id)
        for rule in self.rules.values():
            for parent in self._parents(rule):
                self._children.setdefault(parent, []).append(rule)

    def members(self, group: str) -> list[str]:
        """Return the rules of a group."""
        return self._groups.get(group, [])

    def chain(self, number: str) -> Chain:
        """Return what a rule asks: its parents' questions and its own."""
        known = self._chains.get(number)
        if known is None:
            if number in self._open or len(self._open) > _DEEPEST:
                return Chain(pieces=(refused("if_sid", f"rule {number} is its own ancestor, or has more than {_DEEPEST} of them"),))
            self._open.add(number)
            try:
                known = self._chains[number] = self._made(self.rules[number])
            finally:
                self._open.discard(number)
        return known

    def reported(self, rule: WazuhRule) -> Chain:
        """Return what a rule asks of what Wazuh reports under its id: less what rules of level 0 take away."""
        chain = self.chain(rule.id)
        if chain.refused or not rule.level:
            return chain
        pieces = list(chain.pieces)
        away: list[WazuhRule] = [child for child in self._children.get(rule.id, ()) if not child.level and not _counts(child)]
        beside = {one.id: one for parent in self._parents(rule) for one in self._children.get(parent, ())}
        away += [one for one in beside.values() if not one.level and one.id != rule.id and not _counts(one)]
        ways = list(chain.ways)
        for exception in away:
            taken = self.chain(exception.id)
            if taken.refused:
                why = f"rule {exception.id} of level 0 takes records away, but cannot be carried: {_first_refusal(taken)}"
                pieces.append(approximated("exception", why, OVER))
                continue
            ways = [_less(way, taken) for way in ways]
            pieces.append(carried("exception", f"rule {exception.id} of level 0 takes records away"))
        if any(child.level and not _counts(child) for child in self._children.get(rule.id, ())):
            why = "of a rule and those below it Wazuh reports the last that matches, here each does"
            pieces.append(approximated("precedence", why, OVER))
        return Chain(ways, pieces)

    def own(self, rule: WazuhRule, world: World) -> tuple[Asked, list[Piece]]:
        """Return what the elements of a rule itself ask of a record of a log."""
        answers = [condition(part, world) for part in rule.parts if part.name in CONDITIONS]
        pieces = [answer.piece for answer in answers]
        asked = [answer.asked for answer in answers]
        size = rule.attributes.get("maxsize", "")
        if size:
            pieces.append(refused("maxsize", "how long a line is, is nothing that Sigma asks"))
        return every(asked), pieces

    def _parents(self, rule: WazuhRule) -> list[str]:
        """Return the rules that a rule hangs below, as far as they are there."""
        named = [number for text in rule.texts("if_sid") for number in names_in(text)]
        named += [number for text in rule.texts("if_group") for group in text.split("|") for number in self.members(group.strip())]
        return [number for number in dict.fromkeys(named) if number in self.rules and number != rule.id]

    def _made(self, rule: WazuhRule) -> Chain:
        roots, pieces = self._roots(rule)
        if any(piece.fate == REFUSED for piece in pieces):
            return Chain(pieces=pieces)
        ways: list[Chosen] = []
        reasons: list[Piece] = []
        for root in roots:
            world = _fitting(root, rule)
            asked, own = self.own(rule, world)
            if any(piece.fate == REFUSED for piece in own):
                reasons = reasons or own
                continue
            reasons = reasons if any(piece.fate == REFUSED for piece in reasons) else own
            ways.append(Chosen(world, every([root.asked, asked])))
        if not ways:
            return Chain(pieces=[*pieces, *reasons])
        if len(ways) < len(roots):
            lost = len(roots) - len(ways)
            reasons = self.own(rule, ways[0].world)[1]
            pieces.append(approximated("parents", f"{lost} of {len(roots)} parents judge logs without the fields that it asks for", EITHER))
        return Chain(_joined(ways), [*pieces, *reasons])

    def _roots(self, rule: WazuhRule) -> tuple[list[Chosen], list[Piece]]:
        """Return what the parents of a rule ask, or the log that it judges where it has none."""
        found: list[Chosen] = []
        pieces: list[Piece] = []
        placed = [part for part in rule.parts if part.name in ("if_sid", "if_group", "if_level")]
        for part in placed:
            ways, piece = self._parent_ways(part)
            found += ways
            pieces.append(piece)
        if not placed:
            found = [Chosen(TEXT, ANY)]
        for part in rule.parts:
            if part.name in ("decoded_as", "category"):
                found, piece = self._decoded(part, found)
                pieces.append(piece)
        return _joined(found), pieces

    def _parent_ways(self, part: Part) -> tuple[list[Chosen], Piece]:
        if part.name == "if_level":
            numbers = [rule.id for rule in self.rules.values() if part.text.isdecimal() and rule.level >= int(part.text)]
        elif part.name == "if_sid":
            numbers = names_in(part.text)
        else:
            numbers = [number for group in part.text.split("|") for number in self.members(group.strip())]
        if len(numbers) > _MOST:
            return [], refused(part.name, f"'{part.text[:40]}' stands for {len(numbers)} rules, more than {_MOST}")
        shown = f"{part.name} {part.text[:60]}"
        event = _sysmon(part)
        if event and not any(number in self.rules for number in numbers):
            asked = every([Is("Channel", "Microsoft-Windows-Sysmon/Operational"), Is("EventID", event)])
            return [Chosen(WINDOWS, asked)], carried(shown, f"events {event} of Sysmon")
        return self._ways_of(part, numbers, shown)

    def _ways_of(self, part: Part, numbers: Sequence[str], shown: str) -> tuple[list[Chosen], Piece]:
        known = [number for number in numbers if number in self.rules]
        if not known:
            what = "rule" if part.name == "if_sid" else "rule of this group"
            return [], refused(shown, f"no such {what} is among the files: give the rule set of Wazuh too")
        chains = {number: self.chain(number) for number in known}
        good = [chain for chain in chains.values() if not chain.refused]
        if not good:
            number, chain = next(iter(chains.items()))
            return [], refused(shown, f"rule {number} cannot be carried: {_first_refusal(chain)}")
        ways = _joined(way for chain in good for way in chain.ways)
        if len(good) < len(numbers):
            lost = f"{len(numbers) - len(good)} of {len(numbers)} rules are not there or cannot be carried"
            return ways, approximated(shown, lost, UNDER)
        doubts = [(number, piece) for number, chain in chains.items() for piece in chain.pieces if piece.fate == APPROXIMATED]
        if not doubts:
            return ways, carried(shown)
        number, doubt = doubts[0]
        why = doubt.why if doubt.why.startswith(_ABOVE) else f"{_ABOVE} {number}: {doubt.part}: {doubt.why}"
        return ways, approximated(shown, why, doubt.direction)

    def _decoded(self, part: Part, found: list[Chosen]) -> tuple[list[Chosen], Piece]:
        """Narrow what is judged to the log of a decoder, or to a category of logs."""
        name = part.text.strip()
        if part.name == "category":
            if name in _TEXT_CATEGORIES:
                return found, carried(f"category {name}")
            if name == "windows":
                return [Chosen(WINDOWS, way.asked) for way in found], carried("category windows")
            return [], refused(f"category {name}", "which logs it stands for is decided by decoders that are built into Wazuh")
        world = self.decoders.get(name) or (json_world() if name == "json" else decoded_world(name))
        if world is None:
            return [], refused(f"decoded_as {name}", f"the decoder '{name}' is not among the files: give its decoder file too")
        piece = approximated(f"decoded_as {name}", world.doubt, EITHER) if world.doubt else carried(f"decoded_as {name}")
        return [Chosen(world, way.asked) for way in found if way.world in (TEXT, world)], piece


def names_in(text: str) -> list[str]:
    """Return the ids in a list of them, parted by commas or blanks."""
    return [number.lstrip("0") or "0" for number in text.replace(",", " ").split()]


def _fitting(root: Chosen, rule: WazuhRule) -> World:
    """Take a rule that hangs below no decoder but asks for fields of Windows events for one about those."""
    fields = [part.attributes.get("name", "") for part in rule.parts if part.name == "field"]
    if root == Chosen(TEXT, ANY) and fields and all(name.startswith("win.") for name in fields):
        return WINDOWS
    return root.world


def _sysmon(part: Part) -> int:
    """Return the Sysmon event that a parent of Wazuh's own rules stands for; 0 where it is none."""
    known = SYSMON_SIDS if part.name == "if_sid" else SYSMON_GROUPS
    return known.get(part.text.strip(), 0)


def _joined(ways: Iterable[Chosen]) -> list[Chosen]:
    """Join ways that judge the same log."""
    by_world: dict[str, list[Chosen]] = {}
    for way in ways:
        by_world.setdefault(way.world.name, []).append(way)
    return [Chosen(alike[0].world, some(way.asked for way in alike)) for alike in by_world.values()]


def _less(way: Chosen, taken: Chain) -> Chosen:
    away = some(other.asked for other in taken.ways if other.world.name == way.world.name)
    return way if away == NOTHING else Chosen(way.world, every([way.asked, never(away)]))


def _counts(rule: WazuhRule) -> bool:
    return any(part.name in MATCHED for part in rule.parts)


def _first_refusal(chain: Chain) -> str:
    return next(f"{piece.part}: {piece.why}" for piece in chain.pieces if piece.fate == REFUSED)
