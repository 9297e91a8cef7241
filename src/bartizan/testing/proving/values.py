"""Find values of one field that satisfy what a rule asks of it and escape what it excludes."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from itertools import chain, islice, product
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.rules.contract import Records
from bartizan.rules.match import FastBound, Memory
from bartizan.rules.plan import (
    AllOf,
    AnyText,
    Compare,
    Exists,
    Glob,
    Network,
    Not,
    Null,
    Number,
    Predicate,
    Reference,
    Regex,
    Test,
    Text,
    TimePart,
)
from bartizan.schema.columns import ABSENT, Cell, Frame
from bartizan.schema.logsource import Logsource, View
from bartizan.testing.proving.regexes import texts_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.rules.logic.proof import Fact

__all__ = ["satisfying", "values_for"]

_MOST: Final = 120
"""Candidates that are held against what is asked, and picks of one predicate per list that they are made of."""
_BETWEEN: Final = ("", " ", "x", "\\", "/", ".", " a ", '"')
"""What may stand between the parts of a text."""
_PLAIN: Final[tuple[Cell, ...]] = (ABSENT, "bartizan", "0", "1", "198.51.100.7", "C:\\bartizan.exe", "/opt/bartizan", "true", None, "")
"""Values for a field of which only is known what it must not be."""
_ANY: Final = View(Logsource("any"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text: whether it must begin the text, what it says, whether it must end it."""

    first: bool
    text: str
    last: bool


_Picked: TypeAlias = "_Piece | Cell"


def values_for(facts: Sequence[Fact], now: Cell) -> Iterator[Cell]:
    """Yield values of a field of which all facts hold, ``now`` first where it is one, then the plainest."""
    tests = [fact.test for fact in facts if fact.wanted]
    candidates: Iterable[Cell] = chain((now,), _PLAIN)
    if tests:
        candidates = chain((now,), islice(_candidates(tests), _MOST), _PLAIN)
    seen: dict[tuple[type, str], Cell] = {(type(cell), repr(cell)): cell for cell in candidates}
    yield from satisfying(facts, list(seen.values()))


def satisfying(facts: Sequence[Fact], cells: Sequence[Cell]) -> list[Cell]:
    """Return those of some cells of which all facts hold, in order; what another field says is left open."""
    asked = [fact for fact in facts if not any(isinstance(one, Reference) for one in fact.test.of)]
    if not asked:
        return list(cells)
    node = AllOf(tuple(_named(fact.test) if fact.wanted else Not(_named(fact.test)) for fact in asked))
    frame = Frame.of([{"value": cell} for cell in cells])
    found = FastBound([(0, node, _ANY)], Memory()).match(Records(frame, [b""] * len(cells), structured=False))
    return [cells[row] for row in found[0].rows] if found else []


def _named(test: Test) -> Test:
    return Test("value", test.of, test.every)


def _candidates(tests: Sequence[Test]) -> Iterator[Cell]:
    for picked in _picks(tests):
        ways = [list(islice(_pieces(one), 6)) for one in picked]
        for pieces in islice(product(*ways), 12):
            yield from _joined(
                [piece for piece in pieces if isinstance(piece, _Piece)], [cell for cell in pieces if not isinstance(cell, _Piece)]
            )


def _picks(tests: Sequence[Test]) -> Iterator[list[Predicate]]:
    """Yield predicates to satisfy together: one of each list, all of those that want every one; in order, then by chance."""
    fixed = [one for test in tests if test.every for one in test.of]
    lists = [test.of for test in tests if not test.every]
    chance = Random(len(fixed))  # noqa: S311 - a choice that nobody has to guess
    longest = max(map(len, lists), default=1)
    for number in range(min(longest, _MOST)):
        yield [*fixed, *(of[number % len(of)] for of in lists)]
    for _ in range(_MOST if len(lists) > 1 else 0):
        yield [*fixed, *(chance.choice(of) for of in lists)]


def _joined(pieces: Sequence[_Piece], cells: Sequence[Cell]) -> Iterator[Cell]:
    """Yield values that hold pieces together; cells that are no text stand alone, or with them in a list."""
    if not pieces:
        yield from cells
        if len(cells) > 1:
            yield tuple(cells)
        return
    begin = max((one.text for one in pieces if one.first and not one.last), key=len, default="")
    end = max((one.text for one in pieces if one.last and not one.first), key=len, default="")
    whole = [one.text for one in pieces if one.first and one.last]
    within = list(dict.fromkeys(one.text for one in pieces if not one.first and not one.last))
    within = [one for one in within if not any(one != other and one in other for other in within)]
    yield from whole
    if len(whole) > 1:
        yield tuple(whole)
    for between in _BETWEEN:
        yield begin + between.join(within) + end
        yield between.join(one for one in (begin, *within, end) if one)
        if not end:
            yield begin + between.join(within) + between
        if not begin:
            yield between + between.join(within) + end


def _pieces(one: Predicate) -> Iterator[_Picked]:
    """Yield ways to satisfy one predicate."""
    if isinstance(one, Text):
        yield _Piece(one.how in {"is", "start"}, one.text, one.how in {"is", "end"})
    elif isinstance(one, Glob):
        yield from _of_glob(one)
    elif isinstance(one, Regex):
        yield from (_Piece(*found) for found in texts_for(one.pattern, one.flags))
    elif isinstance(one, Number):
        yield from (_Piece(first=True, text=str(one.value), last=True), one.value)
    elif isinstance(one, Compare):
        step = 0 if one.how.endswith("e") else -1 if one.how.startswith("l") else 1
        yield from (_Piece(first=True, text=str(one.value + step), last=True), one.value + step)
    else:
        yield from _others(one)


def _of_glob(one: Glob) -> Iterator[_Piece]:
    first, last = one.parts[0] != 0, one.parts[-1] != 0
    for filling in ("", "x", "0", " "):
        text = "".join(part if isinstance(part, str) else filling if part == 0 else filling or "x" for part in one.parts)
        yield _Piece(first, text, last)


def _others(one: Predicate) -> Iterator[_Picked]:
    if isinstance(one, Network):
        network = ip_network(one.cidr)
        last = min(network.num_addresses - 1, 1 << 16)
        yield from (_Piece(first=True, text=str(network[at]), last=True) for at in sorted({min(1, last), last // 2, max(last - 1, 0)}))
    elif isinstance(one, TimePart):
        yield from (f"2026-{month:02d}-{day:02d}T{hour:02d}:{hour:02d}:00Z" for month, day, hour in product((3, 11), (2, 17), (1, 13)))
    elif isinstance(one, Null):
        yield from (None, ABSENT)
    elif isinstance(one, Exists) and not one.wanted:
        yield ABSENT
    elif isinstance(one, AnyText | Exists):
        yield _Piece(first=False, text="", last=False)
        yield _Piece(first=False, text="bartizan", last=False)
