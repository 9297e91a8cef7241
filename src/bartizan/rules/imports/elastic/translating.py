"""Carry a query over to a log: find which it is about, and say each question in that log's own fields."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.asked import Asked, Every, Is, Never, Some, every, never, some
from bartizan.rules.imports.contract import OVER, UNDER, Piece, approximated, carried
from bartizan.rules.imports.elastic.kql import NotTranslated
from bartizan.rules.imports.elastic.texts import cut, named
from bartizan.rules.imports.elastic.worlds import CLASSIFYING, WORLDS, Place, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Carried", "translated"]

_OPTIONAL: Final = frozenset({"event.type"})
"""What a query may leave open: it then asks for more kinds of event than the log that is meant holds."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The log source of a rule, what it asks there, and what became of its parts."""

    logsource: Mapping[str, str]
    asked: Asked
    pieces: Sequence[Piece]


def translated(asked: Asked) -> Carried:
    """Carry a query over; raises NotTranslated where its log or one of its fields is not known."""
    parts = asked.parts if isinstance(asked, Every) else (asked,)
    said = [(name, values) for name, values in map(_classified, parts) if name]
    rest = every(part for part in parts if not _classified(part)[0])
    told: dict[str, frozenset[str]] = {}
    for name, values in said:
        told[name] = told[name] & values if name in told else values
    world = next((world for world in WORLDS if _fits(world, told)), None)
    if world is None:
        message = f"no log of ours is known for {_shown(told)}"
        raise NotTranslated(message)
    mapper = _Mapper(world)
    found = mapper.mapped(rest, positive=True)
    pieces = [carried(name, "the log source says it") for name in told]
    lost = [f"{name} that is {', '.join(sorted(told[name] - _values(world, name)))}" for name in told if told[name] - _values(world, name)]
    lost += [f"{name} of every kind" for name in world.needs if name not in told]
    pieces += [approximated("query", f"it also asks for records with {what}, which stand in another log", UNDER) for what in lost]
    return Carried(world.logsource, found, [*pieces, *mapper.pieces.values()])


def _classified(part: Asked) -> tuple[str, frozenset[str]]:
    """Return the field and the values of a part that says which log a query is about; "" for another part."""
    questions = part.parts if isinstance(part, Some) else (part,)
    names = {one.field for one in questions if isinstance(one, Is)}
    plain = all(isinstance(one, Is) and one.how in {"", "cased"} and isinstance(one.value, str) for one in questions)
    if not questions or not plain or len(names) != 1 or not names <= CLASSIFYING:
        return "", frozenset()
    return names.pop(), frozenset(str(one.value) for one in questions if isinstance(one, Is))


def _values(world: World, name: str) -> frozenset[str]:
    return world.needs.get(name) or world.allows.get(name, frozenset())


def _fits(world: World, told: Mapping[str, frozenset[str]]) -> bool:
    """Say whether what a query says of its log is so in a world; a data set may be told by either of its two names."""
    told = {
        **told,
        **({"event.dataset": told["data_stream.dataset"]} if "event.dataset" not in told and "data_stream.dataset" in told else {}),
    }
    missing = world.needs.keys() - told.keys() - _OPTIONAL
    return not missing and all(values & _values(world, name) for name, values in told.items())


def _shown(told: Mapping[str, frozenset[str]]) -> str:
    words = [f"{name}: {' or '.join(sorted(values))}" for name, values in sorted(told.items())]
    return "; ".join(words) or "a query that does not say which log it is about (event.dataset, or host.os.type with event.category)"


@dataclass(slots=True)
class _Mapper:
    world: World
    pieces: dict[str, Piece] = field(default_factory=dict)

    def mapped(self, asked: Asked, *, positive: bool) -> Asked:
        """Say a part in the fields of the log; ``positive`` where it stands under no negation, or under two."""
        if isinstance(asked, Never):
            return never(self.mapped(asked.part, positive=not positive))
        if isinstance(asked, Every):
            return every(self.mapped(part, positive=positive) for part in asked.parts)
        if isinstance(asked, Some):
            return some(self.mapped(part, positive=positive) for part in asked.parts)
        place = self.world.place(asked.field)
        if place is None:
            message = f"{asked.field}: this log has no field that is known to be the same"
            raise NotTranslated(message)
        return self._placed(asked, place, positive=positive)

    def _placed(self, asked: Is, place: Place, *, positive: bool) -> Asked:
        if asked.value == "*" and not asked.how and place.how != "outcome":
            self.pieces.setdefault(asked.field, carried(asked.field, f"{place.name} is there"))
            return Is(place.name, "*")
        if not place.how:
            self.pieces.setdefault(asked.field, carried(asked.field, place.name))
            return replace(asked, field=place.name)
        return _HOW[place.how](self, asked, place, positive)

    def path(self, asked: Is, place: Place, _positive: bool) -> Asked:  # noqa: FBT001 - one of a table
        """Ask what a path ends with behind its last separator."""
        self.pieces.setdefault(asked.field, carried(asked.field, f"the last part of {place.name}"))
        return _last(asked, place.name, self.world.separator)

    def extension(self, asked: Is, place: Place, _positive: bool) -> Asked:  # noqa: FBT001 - as above
        """Ask what a path ends with behind its last dot."""
        self.pieces.setdefault(asked.field, carried(asked.field, f"the end of {place.name}"))
        return _last(asked, place.name, ".")

    def words(self, asked: Is, place: Place, positive: bool) -> Asked:  # noqa: FBT001 - as above
        """Ask for a word anywhere in a command line, of which the one word may be a part."""
        why = f"one of the arguments is looked for anywhere in {place.name}"
        self.pieces.setdefault(f"{asked.field} {positive}", approximated(asked.field, why, OVER if positive else UNDER))
        return replace(asked, field=place.name, how="|".join(["contains", *([asked.how] if asked.how else [])]))

    def outcome(self, asked: Is, place: Place, _positive: bool) -> Asked:  # noqa: FBT001 - as above
        """Ask whether the field that tells of an error is there."""
        if asked.value not in {"success", "failure"}:
            message = f"{asked.field}: '{asked.value}' is no outcome that this log tells"
            raise NotTranslated(message)
        self.pieces.setdefault(asked.field, carried(asked.field, f"whether {place.name} is there"))
        return Is(place.name, None) if asked.value == "success" else never(Is(place.name, None))


_HOW: Final[Mapping[str, Callable[[_Mapper, Is, Place, bool], Asked]]] = {
    "extension": _Mapper.extension,
    "outcome": _Mapper.outcome,
    "path": _Mapper.path,
    "words": _Mapper.words,
}


def _last(asked: Is, name: str, separator: str) -> Asked:
    if not isinstance(asked.value, str) or asked.how not in {"", "cased"}:
        message = f"{asked.field}: a number has no last part"
        raise NotTranslated(message)
    return named(name, cut(asked.value), separator)
