"""Hold verdicts as columns: what a check says of a thousand resources is one array, and a judgement is made when it is asked for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from bartizan.review.cloud.contract import Judgement, Verdict
from bartizan.rules.match.formula import FALSE, OPEN, TRUE
from bartizan.schema.columns import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.checks.columns import Layer
    from bartizan.review.cloud.checks.contract import Check
    from bartizan.rules.contract import Holding, Refusal

__all__ = ["FAIL", "PASS", "UNKNOWN", "Outcome", "Review"]

PASS: Final = FALSE
FAIL: Final = TRUE
UNKNOWN: Final = OPEN
"""What a condition is of a resource is what a check says of it: it names the wrong that it finds."""
_VERDICTS: Final = {PASS: Verdict.PASS, FAIL: Verdict.FAIL, UNKNOWN: Verdict.UNKNOWN}
_CODES: Final = {verdict: code for code, verdict in _VERDICTS.items()}
_LONGEST: Final = 200
"""Characters of a value that are told as a reason: two lines of a terminal."""


def _none() -> npt.NDArray[np.int8]:
    return np.zeros(0, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check says: ``codes`` of each subject, ``rows`` of each row of the layer, which belong to subjects by ``owners``."""

    check: Check
    subjects: Sequence[Resource]
    layer: Layer
    owners: npt.NDArray[np.int64] | None = None
    missing: Sequence[tuple[Resource, str]] = ()
    """What stands for resources that could not be listed, with why: each is UNKNOWN."""
    codes: npt.NDArray[np.int8] = field(default_factory=_none)
    rows: npt.NDArray[np.int8] = field(default_factory=_none)
    hidden: Mapping[int, str] = field(default_factory=dict)
    exempted: Mapping[int, Holding] = field(default_factory=dict)
    raised: str = ""
    unread: str = ""
    """Why there is nothing to judge, where no origin would have read it: that is no PASS, and no resource to be UNKNOWN."""

    def judgements(self, verdict: Verdict | None = None) -> Iterator[Judgement]:
        """Yield a judgement of each subject, in order; only those of a verdict where one is named."""
        wanted = np.arange(len(self.codes)) if verdict is None else np.flatnonzero(self.codes == _CODES[verdict])
        for subject in wanted.tolist():
            said = _VERDICTS[int(self.codes[subject])]
            yield Judgement(self.check.name, self.subjects[subject], said, self._why(subject, said), self.exempted.get(subject))
        if verdict in {None, Verdict.UNKNOWN}:
            for resource, why in self.missing:
                yield Judgement(self.check.name, resource, Verdict.UNKNOWN, why)

    def counts(self) -> Counter[Verdict]:
        """Count verdicts; what is excepted counts as FAIL here too."""
        found = Counter({verdict: int((self.codes == code).sum()) for code, verdict in _VERDICTS.items()})
        found[Verdict.UNKNOWN] += len(self.missing)
        return +found

    def _why(self, subject: int, verdict: Verdict) -> str:
        if verdict is Verdict.PASS:
            return ""
        if self.raised:
            return self.raised
        row = self._row(subject, FAIL if verdict is Verdict.FAIL else UNKNOWN)
        if verdict is Verdict.FAIL:
            return "; ".join(f"{name}: {_shown(self.layer, row, name)}" for name in self.check.asks)
        if row < 0:
            return self.hidden[subject]
        reasons = ((name, self.layer.why(row, name)) for name in self.check.asks)
        return "; ".join(f"{name}: {why}" for name, why in reasons if why)

    def _row(self, subject: int, code: int) -> int:
        """Return the first row of a subject with a code, -1 where none has it."""
        if self.owners is None:
            return subject
        found = np.flatnonzero((self.owners == subject) & (self.rows == code))
        return int(found[0]) if len(found) else -1


@dataclass(frozen=True, slots=True)
class Review:
    """What all checks say, in their order; ``refused`` are documents that are no checks."""

    outcomes: Sequence[Outcome]
    refused: Sequence[Refusal]
    holdings: Sequence[Holding]

    def __iter__(self) -> Iterator[Judgement]:
        """Yield every judgement, by check and in the order of its resources."""
        return self.judgements()

    def judgements(self, verdict: Verdict | None = None) -> Iterator[Judgement]:
        """Yield the judgements, only those of a verdict where one is named."""
        for outcome in self.outcomes:
            yield from outcome.judgements(verdict)

    def counts(self) -> Counter[Verdict]:
        """Count the verdicts of all checks."""
        return sum((one.counts() for one in self.outcomes), Counter[Verdict]())

    @property
    def excepted(self) -> int:
        """Count the judgements that are FAIL and that an exception is about."""
        return sum(len(one.exempted) for one in self.outcomes)

    @property
    def unread(self) -> dict[str, str]:
        """Return the checks that had nothing to judge because no origin reads what they are about, with why."""
        return {one.check.name: one.unread for one in self.outcomes if one.unread}

    @property
    def yellow(self) -> bool:
        """Say whether something could not be judged: a review that is yellow is never one that found nothing."""
        return bool(self.refused) or any(one.raised or one.missing or bool((one.codes == UNKNOWN).any()) for one in self.outcomes)


def _shown(layer: Layer, row: int, name: str) -> str:
    if layer.why(row, name):
        return "unknown"
    cell = layer.cell(row, name)
    if cell is ABSENT or cell is None:
        return "not set"
    text = json.dumps(cell, ensure_ascii=False) if isinstance(cell, bool | tuple | dict) else str(cell)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
