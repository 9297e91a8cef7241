"""What deciding is: may a principal do an action to a resource, and which statements say so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.contract import Statement, Uid

__all__ = ["Answer", "Authorizer", "Decision", "Why"]


class Answer(Enum):
    """The values of a decision."""

    ALLOWED = "allowed"
    DENIED = "denied"
    CONDITIONAL = "conditional"
    """It depends on ``Decision.depends``: condition keys of which nothing is known."""
    UNKNOWN = "unknown"
    """It cannot be told: something was not read, or the action is in no reference data."""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: what the statement did there. ``through``: identity, boundary, scp, rcp, resource, session, trust, grant, or default."""

    through: str
    text: str
    """One sentence."""
    statement: Statement | None = None
    """None where nothing allows it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with the statements that decide it, the deciding one first."""

    answer: Answer
    why: tuple[Why, ...]
    depends: tuple[str, ...] = ()
    """Condition keys, sorted; only with CONDITIONAL."""
    reference: str = ""
    """The day of the reference data by which it was decided, where there is such."""


class Authorizer(Protocol):
    """What decides, for one provider, over the facts it was made of."""

    def decide(self, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]] | None = None) -> Decision:
        """Decide one question; ``action`` as the provider writes it (``s3:GetObject``, ``Microsoft.Storage/.../read``, ``get pods``).

        ``context`` is what is known of the request, by condition key in any case: one with no values is known to be absent, of one
        that is not there nothing is known.
        """
        ...

    def may(self, principal: Uid, actions: Sequence[str]) -> Mapping[str, bool]:
        """Say quickly which actions it could have on any resource at all: never False where ``decide`` would allow or make conditional."""
        ...
