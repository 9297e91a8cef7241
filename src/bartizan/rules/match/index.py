"""Lay the predicates about one column out so that one pass over a text finds those that hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from bartizan.rules.match.globs import glob_matcher
from bartizan.rules.match.literals import Literals
from bartizan.rules.match.networks import Networks
from bartizan.rules.plan import AnyText, Compare, Exists, Glob, Network, Null, Number, Predicate, Reference, Regex, Text, TimePart
from bartizan.rules.regexes import required, searcher

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

__all__ = ["Check", "Index", "holding_of_absent", "indexed"]

_Key = TypeVar("_Key")

_SIGMA: Final = "\u03a3"
"""The one letter whose lower case depends on its neighbours: a lowered part of a text need not be a part of the lowered text."""


@dataclass(frozen=True, slots=True)
class Check:
    """A predicate that is tried only where all its literals are; a ``lazy`` one may then hold, until a rule wants to know.

    ``needs`` are literals by number, ``letters`` those of one ASCII character, which are in too many texts to be listed.
    """

    number: int
    needs: frozenset[int]
    letters: tuple[str, ...]
    test: Callable[[str], bool]
    cased: bool = False
    lazy: bool = False


@dataclass(slots=True)
class Index:
    """Predicates by what finds them. Sets hold predicate numbers; ``inside``, ``starts``, ``ends`` and ``gates`` go by literal.

    ``letters``, ``first`` and ``last`` are the same for literals of one ASCII character.
    """

    any_text: frozenset[int] = frozenset()
    present: frozenset[int] = frozenset()
    null: frozenset[int] = frozenset()
    always_maybe: frozenset[int] = frozenset()
    twins: Sequence[Check] = ()
    exact: Mapping[str, Sequence[int]] = field(default_factory=dict)
    cased: Mapping[str, Sequence[int]] = field(default_factory=dict)
    numbers: Mapping[float, Sequence[int]] = field(default_factory=dict)
    compares: Sequence[tuple[int, Compare]] = ()
    times: Sequence[tuple[int, TimePart]] = ()
    networks: Networks | None = None
    inside: Sequence[Sequence[int]] = ()
    starts: Mapping[int, Sequence[int]] = field(default_factory=dict)
    ends: Mapping[int, Sequence[int]] = field(default_factory=dict)
    letters: Sequence[tuple[str, Sequence[int]]] = ()
    first: Mapping[str, Sequence[int]] = field(default_factory=dict)
    last: Mapping[str, Sequence[int]] = field(default_factory=dict)
    gates: Mapping[int, Sequence[Check]] = field(default_factory=dict)
    always_checks: Sequence[Check] = ()
    literals: Literals = field(default_factory=lambda: Literals([]))

    @property
    def has_unlisted(self) -> bool:
        """Say whether a text without any of the literals, and in no table, may still satisfy something."""
        return bool(self.cased or self.letters or self.first or self.last or self.always_checks or self.twins)


def indexed(predicates: Sequence[Predicate], eager: Container[int] = ()) -> Index:
    """Index predicates; each one's number is its place in the sequence. ``eager`` regular expressions are never left open."""
    numbered = list(enumerate(predicates))
    builder = _Builder(eager)
    for number, one in numbered:
        builder.add(number, one)
    networks = [(number, one.cidr) for number, one in numbered if isinstance(one, Network)]
    return Index(
        any_text=_numbers(numbered, lambda one: type(one) is AnyText),
        present=_numbers(numbered, lambda one: isinstance(one, Exists) and one.wanted),
        null=_numbers(numbered, lambda one: type(one) is Null),
        always_maybe=frozenset(builder.always_maybe),
        twins=builder.twins,
        exact=_grouped((one.text, n) for n, one in numbered if isinstance(one, Text) and one.how == "is" and not one.cased),
        cased=_grouped((one.text, n) for n, one in numbered if isinstance(one, Text) and one.how == "is" and one.cased),
        numbers=_grouped((one.value, n) for n, one in numbered if isinstance(one, Number)),
        compares=[(n, one) for n, one in numbered if isinstance(one, Compare)],
        times=[(n, one) for n, one in numbered if isinstance(one, TimePart)],
        networks=Networks(networks) if networks else None,
        inside=[builder.inside.get(literal, ()) for literal in range(len(builder.literals))],
        starts=builder.starts,
        ends=builder.ends,
        letters=list(builder.letters.items()),
        first=builder.first,
        last=builder.last,
        gates=builder.gates,
        always_checks=builder.always_checks,
        literals=Literals(list(builder.literals)),
    )


def holding_of_absent(predicates: Sequence[Predicate]) -> Iterator[int]:
    """Give the numbers of the predicates that hold where the field is not there."""
    for number, one in enumerate(predicates):
        if type(one) is Null or (isinstance(one, Exists) and not one.wanted):
            yield number


class _Builder:
    """Collect the literals of predicates and what follows from finding each."""

    def __init__(self, eager: Container[int]) -> None:
        self.eager = eager
        self.literals: dict[str, int] = {}
        self.inside: dict[int, list[int]] = {}
        self.starts: dict[int, list[int]] = {}
        self.ends: dict[int, list[int]] = {}
        self.letters: dict[str, list[int]] = {}
        self.first: dict[str, list[int]] = {}
        self.last: dict[str, list[int]] = {}
        self.gates: dict[int, list[Check]] = {}
        self.always_checks: list[Check] = []
        self.always_maybe: set[int] = set()
        self.twins: list[Check] = []

    def add(self, number: int, one: Predicate) -> None:
        """Take in one predicate that looks at texts; others are indexed elsewhere."""
        if isinstance(one, Text) and one.how != "is":
            self._add_text(number, one)
        elif isinstance(one, Glob):
            parts = [part for part in one.parts if isinstance(part, str)]
            self._gate(number, parts, glob_matcher(one), cased=one.cased)
        elif isinstance(one, Regex):
            self._add_regex(number, one)
        elif isinstance(one, Reference):
            self.always_maybe.add(number)

    def _add_text(self, number: int, one: Text) -> None:
        if one.cased:
            self._gate(number, [one.text], _TESTS[one.how](one.text), cased=True)
        elif _is_letter(one.text):
            by_letter = {"in": self.letters, "start": self.first, "end": self.last}[one.how]
            by_letter.setdefault(one.text, []).append(number)
        else:
            by_literal = {"in": self.inside, "start": self.starts, "end": self.ends}[one.how]
            by_literal.setdefault(self._literal(one.text), []).append(number)

    def _add_regex(self, number: int, one: Regex) -> None:
        alternatives = required(one.pattern, one.flags)
        lazy = number not in self.eager
        check = Check(number, frozenset(), (), searcher(one.pattern, one.flags).found, cased=True, lazy=lazy)
        if not alternatives:
            self._check([], check)
            return
        self.twins.append(replace(check, needs=frozenset()))
        if any(all(map(_is_letter, alternative)) for alternative in alternatives):
            # One of the ways needs single letters only: what all ways need is then a better sieve than each way by itself.
            alternatives = (frozenset.intersection(*alternatives),)
        for alternative in alternatives:
            self._check(sorted(alternative), check)

    def _gate(self, number: int, parts: list[str], test: Callable[[str], bool], *, cased: bool) -> None:
        """Try a predicate where all its literal parts are found, or everywhere where they cannot be looked for."""
        lowered = [part.lower() for part in parts]
        anywhere = cased and any(_SIGMA in part for part in parts)
        self._check([] if anywhere else lowered, Check(number, frozenset(), (), test, cased=cased))

    def _check(self, literals: list[str], check: Check) -> None:
        """Put a check behind the longest of its literals."""
        long = [literal for literal in literals if not _is_letter(literal)]
        needs = frozenset(map(self._literal, long))
        whole = replace(check, needs=needs, letters=tuple(literal for literal in literals if _is_letter(literal)))
        if long:
            self.gates.setdefault(self._literal(max(long, key=len)), []).append(whole)
        else:
            self.always_checks.append(whole)

    def _literal(self, text: str) -> int:
        return self.literals.setdefault(text, len(self.literals))


def _is_letter(literal: str) -> bool:
    return len(literal) == 1 and literal.isascii()


def _contains(literal: str) -> Callable[[str], bool]:
    return lambda text: literal in text


def _starts(literal: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(literal)


def _ends(literal: str) -> Callable[[str], bool]:
    return lambda text: text.endswith(literal)


_TESTS: Final[Mapping[str, Callable[[str], Callable[[str], bool]]]] = {"in": _contains, "start": _starts, "end": _ends}


def _numbers(numbered: Iterable[tuple[int, Predicate]], wanted: Callable[[Predicate], bool]) -> frozenset[int]:
    return frozenset(number for number, one in numbered if wanted(one))


def _grouped(pairs: Iterable[tuple[_Key, int]]) -> dict[_Key, list[int]]:
    grouped: dict[_Key, list[int]] = {}
    for key, number in pairs:
        grouped.setdefault(key, []).append(number)
    return grouped
