"""Find native fields from which a computed field comes out as a rule asks for."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, permutations
from typing import TYPE_CHECKING, Final

from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.testing.proving.values import satisfying, values_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.rules.logic.proof import Fact
    from bartizan.schema.expressions import Expression

__all__ = ["assignments", "computed"]

_TARGETS: Final = 10
_SEPARATORS: Final = ("\\", "/", "@", ":", " ", ".", "?", "\n")


def assignments(
    place: Expression, facts: Sequence[Fact], row: Mapping[str, Cell], may: Callable[[str], bool]
) -> Iterator[Mapping[str, Cell]]:
    """Yield settings of an expression's inputs under which all facts hold of what it computes; the fewest changes first."""
    now = [row.get(name, ABSENT) for name in place.inputs]
    free = [name for name in place.inputs if may(name)]
    drafts: list[dict[str, Cell]] = [{}]
    targets = list(islice(values_for(facts, place.apply(*now)), _TARGETS))
    for target in targets:
        drafts += _guesses(target, free, place, row)
    for name in free:
        drafts += [{name: word} for word in _words(place.apply)]
        drafts += [{name: number} for number in range(64)]
    cells = [computed(place, {**row, **draft}) for draft in drafts]
    good = {repr(cell) for cell in satisfying(facts, cells)}
    yield from (draft for draft, cell in zip(drafts, cells, strict=True) if repr(cell) in good)


def computed(place: Expression, row: Mapping[str, Cell]) -> Cell:
    """Return what an expression makes of a row."""
    return place.apply(*(row.get(name, ABSENT) for name in place.inputs))


def _guesses(target: Cell, free: Sequence[str], place: Expression, row: Mapping[str, Cell]) -> Iterator[dict[str, Cell]]:
    others = dict.fromkeys(free, ABSENT)
    forms: list[Cell] = [target, (target,)] if target is not ABSENT else [target]
    if isinstance(target, str) and target.lstrip("-").isdecimal():
        forms.append(int(target))
    for name in free:
        yield from ({name: form} for form in forms)
        yield from ({**others, name: form} for form in forms)
    yield from _within(target, free, place, row)
    yield from ({name: changed} for name in free for changed in _changed(row.get(name, ABSENT), target))
    if isinstance(target, str) and len(place.inputs) > 1:
        yield from _parted(target, free)


def _parted(target: str, free: Sequence[str]) -> Iterator[dict[str, Cell]]:
    """Yield a text cut in two, each part for another input."""
    for separator in _SEPARATORS:
        left, found, right = target.partition(separator)
        for one, other in permutations(free, 2) if found else ():
            yield {one: left, other: right}
            yield {one: left + separator, other: right}


def _within(target: Cell, free: Sequence[str], place: Expression, row: Mapping[str, Cell]) -> Iterator[dict[str, Cell]]:
    """Yield inputs in which what is computed now, or what follows the host of an address, is replaced, and longer ones."""
    old, new = text_of(computed(place, row)), text_of(target)
    if new is None:
        return
    for name in free:
        now = row.get(name, ABSENT)
        if not isinstance(now, str):
            continue
        scheme, mark, rest = now.partition("://")
        if mark:
            yield {name: scheme + mark + rest.partition("/")[0] + new}
            yield {name: f"{scheme}{mark}{new}/"}
        if old and old in now:
            yield {name: now.replace(old, new)}
        for between in ("?", " ", ""):
            yield {name: now + between + new}


def _changed(cell: Cell, target: Cell) -> Iterator[Cell]:
    """Yield a list or an object with one of the values in it replaced."""
    if isinstance(cell, tuple):
        for at, inner in enumerate(cell):
            yield from ((*cell[:at], changed, *cell[at + 1 :]) for changed in (target, *_changed(inner, target)))
    elif isinstance(cell, Mapping):
        for key, inner in cell.items():
            yield from ({**cell, key: changed} for changed in (target, *_changed(inner, target)))


def _words(function: object, depth: int = 6) -> Iterator[Cell]:
    """Yield the texts and numbers that tables hold which a function is made with: what it can look up."""
    for cell in getattr(function, "__closure__", None) or ():
        yield from _held(cell.cell_contents, depth)
    yield from _held(getattr(function, "keywords", None), depth)


def _held(value: object, depth: int) -> Iterator[Cell]:
    if depth <= 0:
        return
    if isinstance(value, str | int | float):
        yield value
    elif isinstance(value, dict):
        yield from (key for key in value if isinstance(key, str | int | float))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _held(one, depth - 1)
    elif callable(value) or hasattr(value, "apply"):
        yield from _words(getattr(value, "apply", value), depth - 1)
