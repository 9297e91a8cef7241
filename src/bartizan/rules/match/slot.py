"""Judge the values of one column: which predicates hold of each, found in one pass over its text."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

from bartizan.rules.cells import address_in, number_in, texts_in, time_in
from bartizan.rules.match.index import Index, holding_of_absent, indexed
from bartizan.rules.match.memory import MAX_LENGTH, Memory
from bartizan.rules.regexes.literals import TWINS
from bartizan.schema.columns import ABSENT, Cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from bartizan.rules.match.index import Check
    from bartizan.rules.plan import Predicate

__all__ = ["Signature", "Slot"]

_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "is": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_PARTS: Final[Mapping[str, Callable[[datetime], int]]] = {
    "minute": lambda time: time.minute,
    "hour": lambda time: time.hour,
    "day": lambda time: time.day,
    "week": lambda time: time.isocalendar().week,
    "month": lambda time: time.month,
    "year": lambda time: time.year,
}
_NUMERIC: Final = frozenset("+-0123456789")
_ADDRESS: Final = frozenset("0123456789abcdefABCDEF:")
_FEW: Final = 8
"""Literals in a text up to which what follows from them is remembered: with more, each text has its own."""
_ENOUGH: Final = 1_000
_UNIQUE: Final = 0.98
"""Share of values of a batch (of so many at least) that are new, beyond which it does not pay to remember them."""
_LOOK_AGAIN: Final = 8
"""Batches after which one is remembered again, to see whether values come back now."""


class Signature:
    """What is known of a value: the predicates that hold, those that may (a look at the value decides), the rules to wake.

    Values with the same predicates share one signature, and one is equal to itself only.
    """

    __slots__ = ("maybe", "sure", "wakes")

    def __init__(self, sure: frozenset[int], maybe: frozenset[int], wakes: tuple[int, ...]) -> None:
        """Hold predicates by number, and rules by place."""
        self.sure = sure
        self.maybe = maybe
        self.wakes = wakes


@dataclass(slots=True)
class _Met:
    """What follows from the literals that a text holds: predicates that hold, those to be tried, the signature if that is all."""

    sure: frozenset[int]
    checks: Sequence[Check]
    signature: Signature | None = None


class Slot:
    """The predicates of all rules about one column, numbered."""

    def __init__(
        self, predicates: Sequence[Predicate], wakes: Mapping[int, Sequence[int]], memory: Memory, *, remember: bool = True
    ) -> None:
        """Index the predicates; ``wakes`` says which rules become candidates when one holds or may hold.

        ``remember`` is for columns in which values come back.
        """
        self.predicates = predicates
        self._wakes = wakes
        self._memory = memory
        self._longest = MAX_LENGTH if remember else -1
        self._by_value: dict[object, Signature] = memory.dictionary()
        self._by_content: dict[tuple[frozenset[int], frozenset[int]], Signature] = memory.dictionary()
        self._by_hits: dict[tuple[int, ...], _Met] = memory.dictionary()
        self._passed = 0
        self._remembered_before = False

    @cached_property
    def _index(self) -> Index:
        """Built for the first value: most logs have half of the fields that rules ask for."""
        # A regular expression that wakes its rule would be looked at for every value anyway.
        return indexed(self.predicates, self._wakes)

    @cached_property
    def _gated(self) -> frozenset[int]:
        return frozenset(self._index.gates)

    @cached_property
    def _has_numbers(self) -> bool:
        return bool(self._index.numbers or self._index.compares)

    @cached_property
    def _has_others(self) -> bool:
        return bool(self._has_numbers or self._index.networks or self._index.times)

    @cached_property
    def _is_plain(self) -> bool:
        return not (self._has_others or self._index.has_unlisted)

    @property
    def _open(self) -> frozenset[int]:
        """Predicates that may hold of any text."""
        return self._index.always_maybe

    @cached_property
    def _plain(self) -> tuple[frozenset[int], frozenset[int]]:
        return self._index.present | self._index.any_text, self._index.always_maybe

    def signatures(self, values: Sequence[Cell]) -> list[Signature]:
        """Return the signature of each value."""
        get = self._by_value.get
        found = [get(value) if type(value) is str else None for value in values]
        if None in found:
            self._judge_new(values, found, keep=self._comes_back(len(found), found.count(None)))
        return cast("list[Signature]", found)

    def _comes_back(self, values: int, new: int) -> bool:
        """Say whether to remember the new values of a batch: not where next to none of the last that were remembered came back."""
        if self._passed:
            self._passed = (self._passed + 1) % _LOOK_AGAIN
        elif self._remembered_before and values >= _ENOUGH and new > values * _UNIQUE:
            self._passed = 1
        self._remembered_before = not self._passed
        return not self._passed

    def _judge_new(self, values: Sequence[Cell], found: list[Signature | None], *, keep: bool) -> None:
        """Fill in the signatures that are not known yet. This is where all the time goes on logs that never repeat themselves."""
        index, by_value, longest = self._index, self._by_value, self._longest if keep else -1
        find, exact = index.literals.find, index.exact
        plain = self._interned(*self._plain) if self._is_plain else None
        entries = characters = 0
        for place, known in enumerate(found):
            if known is not None:
                continue
            value = values[place]
            if type(value) is not str:
                found[place] = self.signature(value)
                continue
            low = value.lower()
            hits = find(low)
            made = plain if plain is not None and not hits and low not in exact else self._judged(value, low, hits)
            found[place] = made
            if len(value) <= longest:
                by_value[value] = made
                entries += 1
                characters += len(value)
        self._memory.spend(entries, characters)

    def signature(self, value: Cell) -> Signature:
        """Return the signature of one value."""
        if value is None or value is ABSENT:
            return self._by_value.get(value) or self._remembered(value, value, 0)
        text = value if type(value) is str else repr(value)
        key: object = text if text is value else (type(value), text)
        known = self._by_value.get(key)
        if known is not None:
            return known
        return self._remembered(key, value, len(text))

    def settled(self, signature: Signature, found: frozenset[int]) -> Signature:
        """Return the signature of a value in which, of what may hold by a signature, these predicates were found to and no others."""
        return self._interned(signature.sure | found, frozenset())

    def _remembered(self, key: object, value: Cell, size: int) -> Signature:
        made = self._made(value)
        if size <= self._longest:
            self._by_value[key] = made
            self._memory.spend(1, size)
        return made

    def _made(self, value: Cell) -> Signature:
        """Judge a value that was not seen before."""
        if type(value) is str:
            return self._made_of_text(value)
        if value is ABSENT:
            return self._interned(frozenset(holding_of_absent(self.predicates)), frozenset())
        index = self._index
        maybe: set[int] = set()
        sure = set(index.present)
        if value is None or (type(value) is tuple and None in value):
            sure.update(index.null)
        for text in texts_in(value):
            made = self._made_of_text(text)
            sure |= made.sure
            maybe |= made.maybe
        if self._has_numbers and not isinstance(value, bool):
            for number in value if isinstance(value, tuple) else (value,):
                if isinstance(number, int | float) and not isinstance(number, bool):
                    sure.update(self._holding_of_number(number))
        return self._interned(frozenset(sure), frozenset(maybe - sure if maybe else ()))

    def _made_of_text(self, text: str) -> Signature:
        low = text.lower()
        return self._judged(text, low, self._index.literals.find(low))

    def _judged(self, text: str, low: str, hits: list[tuple[int, int, int]]) -> Signature:
        """Judge a text, of which the lowered form and the literals in it are given."""
        index = self._index
        known = self._known(hits, len(low))
        more: list[Iterable[int]] = []
        if low in index.exact:
            more.append(index.exact[low])
        if index.cased and text in index.cased:
            more.append(index.cased[text])
        if index.letters or index.first or index.last:
            self._add_letters(low, more)
        maybe = self._open
        if known.checks or (index.twins and not text.isascii()):
            maybe = self._add_checked(known, text, low, more)
        if self._has_others and text:
            self._add_others(text, more)
        if more or maybe is not self._open:
            sure = known.sure.union(*more)
            return self._interned(sure, maybe - sure if maybe else maybe)
        if known.signature is None:
            known.signature = self._interned(known.sure, maybe - known.sure if maybe else maybe)
        return known.signature

    def _known(self, hits: list[tuple[int, int, int]], length: int) -> _Met:
        """Return what follows from the literals in a text; texts of one kind (a path of a program, say) have the same."""
        if len(hits) > _FEW:
            return self._follows(hits, length)
        key = tuple([number << 2 | (start == 0) << 1 | (end == length) for number, start, end in hits])
        known = self._by_hits.get(key)
        if known is None:
            known = self._by_hits[key] = self._follows(hits, length)
            self._memory.spend(1, 2 * len(known.sure))
        return known

    def _follows(self, hits: list[tuple[int, int, int]], length: int) -> _Met:
        index = self._index
        inside, starts, ends, gates = index.inside, index.starts, index.ends, index.gates
        sure = self._plain[0]
        checks = index.always_checks
        if hits:
            held: list[Sequence[int]] = [inside[number] for number, _, _ in hits]
            if starts:
                held += [starts[number] for number, start, _ in hits if start == 0 and number in starts]
            if ends:
                held += [ends[number] for number, _, end in hits if end == length and number in ends]
            sure = sure.union(*held)
            found = {number for number, _, _ in hits}
            gated = found & self._gated
            if gated:
                checks = [*checks, *(check for number in gated for check in gates[number] if check.needs <= found)]
        return _Met(sure, checks)

    def _interned(self, sure: frozenset[int], maybe: frozenset[int]) -> Signature:
        known = self._by_content.get((sure, maybe))
        if known is None:
            wakes = {rule for number in sure | maybe for rule in self._wakes.get(number, ())}
            known = self._by_content[sure, maybe] = Signature(sure, maybe, tuple(sorted(wakes)))
            self._memory.spend(1, 4 * (len(sure) + len(maybe)))
        return known

    def _add_letters(self, low: str, more: list[Iterable[int]]) -> None:
        index = self._index
        for letter, numbers in index.letters:
            if letter in low:
                more.append(numbers)
        if index.first and low[:1] in index.first:
            more.append(index.first[low[:1]])
        if index.last and low[-1:] in index.last:
            more.append(index.last[low[-1:]])

    def _add_checked(self, known: _Met, text: str, low: str, more: list[Iterable[int]]) -> frozenset[int]:
        """Try the predicates that have all their literals in the text; return those that may hold."""
        checks = known.checks
        if self._index.twins and not text.isascii() and not TWINS.isdisjoint(text):
            checks = [*checks, *self._index.twins]
        open_: list[int] = []
        for check in checks:
            if _has_letters(low, check.letters) and check.number not in known.sure:
                if check.lazy:
                    open_.append(check.number)
                elif check.test(text if check.cased else low):
                    more.append((check.number,))
        return self._open.union(open_) if open_ else self._open

    def _add_others(self, text: str, more: list[Iterable[int]]) -> None:
        """Judge a text as number, address and time."""
        index = self._index
        if self._has_numbers and text[0] in _NUMERIC:
            number = number_in(text)
            if number is not None:
                more.append(self._holding_of_number(number))
        if index.networks is not None and text[0] in _ADDRESS:
            address = address_in(text)
            if address is not None:
                more.append(index.networks.holding(address))
        if index.times:
            time = time_in(text)
            if time is not None:
                more.append([n for n, asked in index.times if _COMPARE[asked.how](_PARTS[asked.part](time), asked.value)])

    def _holding_of_number(self, number: float) -> list[int]:
        index = self._index
        return [*index.numbers.get(number, ()), *(n for n, asked in index.compares if _COMPARE[asked.how](number, asked.value))]


def _has_letters(low: str, letters: tuple[str, ...]) -> bool:
    for letter in letters:  # noqa: SIM110 - all() with a generator takes three times as long, and this is asked of every value
        if letter not in low:
            return False
    return True
