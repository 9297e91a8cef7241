"""Write texts that a regular expression finds, from its parse tree: few, and the same ones each time."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from bartizan.rules.regexes.tree import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.rules.regexes.tree import Tree

__all__ = ["texts_for"]

_TRIES: Final = 6
_LONGEST: Final = 3
"""Repeats beyond the least number that are tried."""
_USUAL: Final = "aA0 _-./\\x7bZ9:\"'(){}|=%&$;,<>@#*+?[]^~`!\t"
"""Characters that are tried where a pattern leaves the choice, the plainest first."""


def texts_for(pattern: str, flags: str) -> Iterator[tuple[bool, str, bool]]:
    """Yield texts that a pattern should find, the shortest first, each with whether it must stand at the beginning and at the end."""
    tree = parsed(pattern, flags)
    for seed in range(_TRIES):
        writer = _Writer(Random(seed) if seed else None)  # noqa: S311 - a choice that nobody has to guess
        writer.write(tree)
        yield writer.at_start, "".join(writer.text), writer.at_end


class _Writer:
    """Write one text. Without a ``chance`` each repeat is as short as it may be, and each choice the first."""

    def __init__(self, chance: Random | None) -> None:
        """Begin with an empty text."""
        self.chance = chance
        self.text: list[str] = []
        self.groups: dict[int, str] = {}
        self.at_start = False
        self.at_end = False

    def write(self, tree: Tree) -> None:
        """Write what a part of a pattern asks for."""
        for operation, argument in tree:
            name = str(operation)
            method = getattr(self, f"_{name.lower()}", None)
            if method is not None:
                method(argument)

    def _literal(self, code: int) -> None:
        self.text.append(chr(code))

    def _not_literal(self, code: int) -> None:
        self.text.append(self._some([one for one in _USUAL if ord(one) != code]))

    def _any(self, _none: object) -> None:
        self.text.append(self._some(list(_USUAL)))

    def _in(self, members: Tree) -> None:
        negated = bool(members) and str(members[0][0]) == "NEGATE"
        fits = [one for one in _USUAL if any(_is_member(one, member) for member in members) is not negated]
        if not fits and not negated:
            fits = [chr(argument if str(operation) == "LITERAL" else argument[0]) for operation, argument in members]
        self.text.append(self._some(fits or ["a"]))

    def _max_repeat(self, argument: Any) -> None:  # noqa: ANN401 - parse trees have no type
        low, high, inner = argument
        more = self.chance.randint(0, min(int(high) - int(low), _LONGEST)) if self.chance else 0
        for _ in range(int(low) + more):
            self.write(inner)

    _min_repeat = _possessive_repeat = _max_repeat

    def _subpattern(self, argument: Any) -> None:  # noqa: ANN401 - parse trees have no type
        before = len(self.text)
        self.write(argument[3])
        if argument[0] is not None:
            self.groups[argument[0]] = "".join(self.text[before:])

    def _groupref(self, number: int) -> None:
        self.text.append(self.groups.get(number, ""))

    def _branch(self, argument: Any) -> None:  # noqa: ANN401 - parse trees have no type
        self.write(self.chance.choice(argument[1]) if self.chance else argument[1][0])

    def _at(self, place: object) -> None:
        self.at_start |= str(place) in {"AT_BEGINNING", "AT_BEGINNING_STRING"} and not self.text
        self.at_end |= str(place) in {"AT_END", "AT_END_STRING"}

    def _some(self, choices: list[str]) -> str:
        return self.chance.choice(choices) if self.chance else choices[0]


def _is_member(one: str, member: tuple[object, Any]) -> bool:
    operation, argument = str(member[0]), member[1]
    if operation == "LITERAL":
        return bool(ord(one) == argument)
    if operation == "RANGE":
        return bool(argument[0] <= ord(one) <= argument[1])
    return operation == "CATEGORY" and _in_category(one, str(argument))


def _in_category(one: str, category: str) -> bool:
    kind = category.removeprefix("CATEGORY_")
    inside = {"DIGIT": one.isdigit(), "SPACE": one.isspace(), "WORD": one.isalnum() or one == "_"}[kind.removeprefix("NOT_")]
    return inside is not kind.startswith("NOT_")
