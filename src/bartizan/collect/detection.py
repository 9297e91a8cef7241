"""Tell by its content which source wrote a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.contract import Framing, Source

__all__ = ["SAMPLE", "Claim", "Detected", "claims", "detect", "sample_of"]

SAMPLE: Final = 64
"""Records that a source is shown: enough that one odd line in ten does not sway the share, cheap enough to ask everyone."""
_MIXED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Claim:
    """How many of the sampled records a source would read as its own; ``failed`` says why it could not tell."""

    source: Source
    count: int
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Detected:
    """The source that a log was taken for, None for nobody's, and why."""

    source: Source | None
    share: float
    why: str
    claims: Sequence[Claim] = ()


def detect(framing: Framing, records: Sequence[bytes], catalogue: Catalogue, *, head: Sequence[bytes] = ()) -> Detected:
    """Ask every source that reads this framing; the largest share wins, ties go to the special before the general, the first name.

    Where a log has a head (``#`` lines), the sample begins with it.
    """
    sample = sample_of(records)
    if not sample:
        return Detected(None, 0.0, "no records")
    found = claims(framing, [*head, *sample], catalogue)
    some = sorted((claim for claim in found if claim.count > 0), key=lambda claim: (-claim.count, claim.source.general, claim.source.name))
    failed = "".join(f"; {claim.source.name} {claim.failed}" for claim in found if claim.failed)
    if not some:
        return Detected(None, 0.0, f"no source knows any of {len(sample)} records looked at{failed}", found)
    best = some[0]
    share = min(1.0, best.count / len(sample))
    why = f"{best.source.name} knows {min(best.count, len(sample))} of {len(sample)} records looked at"
    if others := ", ".join(f"{claim.source.name} {min(claim.count, len(sample))}" for claim in some[1:]):
        why += f", {others}"
    if share < _MIXED:
        why += "; mixed: each record goes to who reads it"
    return Detected(best.source, share, why + failed, found)


def claims(framing: Framing, sample: Sequence[bytes], catalogue: Catalogue) -> list[Claim]:
    """Ask each source that reads this framing how much of a sample is its own; one whose marks are nowhere in it is not asked."""
    marked = catalogue.marks.sources_in(b"\n".join(sample))
    asked = (source for source in catalogue.reading(framing) if not source.marks or source.name in marked)
    return [_claim(source, sample) for source in asked]


def sample_of(records: Sequence[bytes], size: int = SAMPLE) -> list[bytes]:
    """Return up to ``size`` records spread evenly over all of them."""
    if len(records) <= size:
        return list(records)
    return [records[number * len(records) // size] for number in range(size)]


def _claim(source: Source, sample: Sequence[bytes]) -> Claim:
    try:
        return Claim(source, source.recognise(sample))
    except Exception as error:  # noqa: BLE001 - a source that fails on a foreign log must not hide whose it is
        return Claim(source, 0, f"failed: {type(error).__name__}: {error}")
