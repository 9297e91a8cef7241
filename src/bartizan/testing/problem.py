"""What a conformance check finds wrong."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: ``where`` (an attribute, an example, a record) and ``what``, a sentence."""

    where: str
    what: str

    def __str__(self) -> str:
        """Return the line that a reader sees."""
        return f"{self.where}: {self.what}"
