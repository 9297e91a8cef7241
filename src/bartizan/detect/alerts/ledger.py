"""Keep of findings what alerts follow from: per subject and span of time how many, when, and the earliest one's id.

Such cells can be merged in any order, so findings in any order and in any portions give the same ledger, and what alerts
there are is a function of the ledger alone. Two bounds keep it small, and both give a result that depends on the set of
findings only, not on their order:

- ``MOST_CELLS`` cells. With more the span doubles, for everything: as cells of a set only become more when it grows, the
  span ends where it would have ended had all findings come at once (where the second bound was reached too, it may end wider).
  There may be two cells of each subject in any case: a bound below that would hang on the order in which subjects come.
- ``MOST_SUBJECTS`` subjects. With more those with the greatest digests are folded into one per rule that is about nobody;
  those that stay are the same whatever order they came in.

With both bounds reached (3 M findings of 120,000 subjects), making alerts of the ledger took 656 MB at its peak, all included.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from bartizan.detect.alerts.contract import MINUTE, RuleFacts, Subject
from bartizan.detect.hunt.duplicates import SeenRecords

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FOLDED", "MOST_CELLS", "MOST_SUBJECTS", "SPAN", "Cells", "Ledger", "Portion"]

SPAN: Final = 5 * MINUTE
"""Long enough that a scan is one cell, short enough to tell its steps apart."""
MOST_CELLS: Final = 500_000
MOST_SUBJECTS: Final = 50_000
FOLDED: Final = (("folded", "other subjects of this rule"),)
"""The key of findings whose subject was one too many."""

_Ints = NDArray[np.int64]
_Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Portion:
    """Some findings: for each its time (ns UTC), the place of its subject in ``subjects``, and its id (two 64-bit words)."""

    times: _Ints
    codes: _Ints
    uids: _Words
    subjects: Sequence[Subject]
    rules: Sequence[RuleFacts]


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns of one row per subject and span, sorted by both. ``low`` and ``high``: the id of the earliest finding."""

    subject: _Ints
    span: _Ints
    count: _Ints
    first: _Ints
    last: _Ints
    high: _Words
    low: _Words

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.subject)

    def uid(self, row: int) -> str:
        """Return the id of a row's earliest finding, 32 hexadecimal digits."""
        return f"{int(self.high[row]):016x}{int(self.low[row]):016x}"


class Ledger:
    """Takes findings in and keeps cells of them."""

    def __init__(self, *, span: int = SPAN, most_cells: int = MOST_CELLS, most_subjects: int = MOST_SUBJECTS) -> None:
        """Start with nothing; both bounds are at least 1."""
        self.span = self._asked = span
        self.subjects: list[Subject] = []
        self.rules: dict[str, RuleFacts] = {}
        self.findings = 0
        self.duplicates = 0
        """Findings met before by their id; they do not count."""
        self._most_cells, self._most_subjects = most_cells, most_subjects
        self._codes: dict[Subject, int] = {}
        self._digests: list[bytes] = []
        self._ceiling: bytes | None = None
        self._seen = SeenRecords()
        self.cells = _empty()

    @property
    def folded(self) -> int:
        """Return the number of findings whose subject was one too many."""
        codes = [code for code, subject in enumerate(self.subjects) if subject.key == FOLDED]
        return int(self.cells.count[np.isin(self.cells.subject, codes)].sum())

    @property
    def widened(self) -> bool:
        """Say whether spans are longer than was asked for, because there were too many cells."""
        return self.span > self._asked

    @property
    def forgot(self) -> bool:
        """Say whether there were more findings than are remembered to see duplicates."""
        return self._seen.forgot

    def add(self, portion: Portion) -> None:
        """Take in some findings."""
        twice = self._seen.add(np.ascontiguousarray(portion.uids).tobytes())
        kept = np.ones(len(portion.times), np.bool_)
        kept[twice] = False
        self.findings += int(kept.sum())
        self.duplicates += len(twice)
        for rule in portion.rules:
            # Of one rule in two editions the greater is kept: any choice will do that does not hang on the order.
            self.rules[rule.id] = max(rule, self.rules.get(rule.id, rule))
        table = np.array([self._code(subject) for subject in portion.subjects], np.int64)
        times, uids = portion.times[kept], portion.uids[kept]
        fresh = Cells(
            table[portion.codes[kept]] if len(times) else np.zeros(0, np.int64),
            times // self.span,
            np.ones(len(times), np.int64),
            times,
            times,
            uids[:, 0],
            uids[:, 1],
        )
        self.cells = _reduced(_joined(self.cells, _reduced(fresh)))
        if len(self.subjects) > self._most_subjects:
            self._fold()
        # A subject has two cells at the least where it was seen before and after 1970.
        while len(self.cells) > max(self._most_cells, 2 * len(self.subjects)):
            self.span *= 2
            self.cells = _reduced(_with(self.cells, span=self.cells.span // 2))

    def _code(self, subject: Subject) -> int:
        known = self._codes.get(subject)
        if known is not None:
            return known
        digest = digest_of(subject)
        if self._ceiling is not None and digest > self._ceiling and subject.key != FOLDED:
            return self._code(Subject(subject.rule, FOLDED, ()))
        code = self._codes[subject] = len(self.subjects)
        self.subjects.append(subject)
        self._digests.append(digest)
        return code

    def _fold(self) -> None:
        """Keep the subjects with the least digests and give the cells of the others to one subject per rule."""
        own = sorted((digest, code) for code, digest in enumerate(self._digests) if self.subjects[code].key != FOLDED)
        if len(own) <= self._most_subjects:
            return
        self._ceiling = own[self._most_subjects - 1][0]
        before = self.subjects
        self.subjects, self._digests, self._codes = [], [], {}
        table = np.array([self._code(subject) for subject in before], np.int64)
        self.cells = _reduced(_with(self.cells, subject=table[self.cells.subject]))


def digest_of(subject: Subject) -> bytes:
    """Return what a subject's place among too many hangs on: nothing that order or time could change."""
    text = repr((subject.rule, subject.key, [str(entity) for entity in subject.entities]))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()


def _empty() -> Cells:
    ints, words = np.zeros(0, np.int64), np.zeros(0, np.uint64)
    return Cells(ints, ints, ints, ints, ints, words, words)


def _with(cells: Cells, *, subject: _Ints | None = None, span: _Ints | None = None) -> Cells:
    return Cells(
        cells.subject if subject is None else subject,
        cells.span if span is None else span,
        cells.count,
        cells.first,
        cells.last,
        cells.high,
        cells.low,
    )


def _joined(one: Cells, other: Cells) -> Cells:
    return Cells(
        np.concatenate((one.subject, other.subject)),
        np.concatenate((one.span, other.span)),
        np.concatenate((one.count, other.count)),
        np.concatenate((one.first, other.first)),
        np.concatenate((one.last, other.last)),
        np.concatenate((one.high, other.high)),
        np.concatenate((one.low, other.low)),
    )


def _reduced(cells: Cells) -> Cells:
    """Merge rows of one subject and span; the earliest finding, of several the one with the least id, gives its own."""
    if not len(cells):
        return cells
    order = np.lexsort((cells.low, cells.high, cells.first, cells.span, cells.subject))
    subject, span = cells.subject[order], cells.span[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (subject[1:] != subject[:-1]) | (span[1:] != span[:-1])
    at = np.flatnonzero(new)
    heads = order[at]
    return Cells(
        subject[at],
        span[at],
        np.add.reduceat(cells.count[order], at),
        cells.first[heads],
        np.maximum.reduceat(cells.last[order], at),
        cells.high[heads],
        cells.low[heads],
    )
