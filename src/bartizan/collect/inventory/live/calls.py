"""What a call of a cloud is answered with, whichever cloud it is and however it is carried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "Ask", "CallT", "Failure"]

CallT = TypeVar("CallT")
"""A call of one cloud: a frozen value that can be a key."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call gave nothing: ``reason`` as a ``Gap`` names it, ``code`` as the cloud does."""

    reason: str
    code: str
    message: str = ""

    @property
    def told(self) -> str:
        """Return it as the detail of a gap says it."""
        return ": ".join(filter(None, (self.code, self.message)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave: plain JSON, redacted; or why it gave nothing."""

    document: Mapping[str, Any] = field(default_factory=dict)
    failure: Failure | None = None


Ask: TypeAlias = Callable[[CallT], Answer]
"""Answer a call: from a cloud, or from what was kept of it."""
