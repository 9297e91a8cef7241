"""What a review yields: judgements of resources, and edges by which somebody gets further."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Resource, Uid
    from bartizan.review.cloud.permission.contract import Decision
    from bartizan.rules.contract import Holding

__all__ = ["Hop", "Judgement", "Verdict"]


class Verdict(Enum):
    """What a check says of a resource. There is no fourth."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A check's verdict of one resource. ``why``: for UNKNOWN what is missing, for FAIL the properties that decide it."""

    check: str
    resource: Resource
    verdict: Verdict
    why: str = ""
    exception: Holding | None = None
    """The exception that accepts a FAIL, with who answers for it and until when: it is counted, not dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One edge of an attack: who holds ``src`` can come to hold ``dst``, by the rule of paths ``rule`` (``content/paths``)."""

    src: Uid
    dst: Uid
    rule: str
    decisions: tuple[Decision, ...] = ()
    """What had to be allowed, and by which statement it is."""
    depends: tuple[str, ...] = ()
    """Condition keys on which it hangs: empty for an edge that is certain."""
