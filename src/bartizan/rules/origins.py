"""Say where rules were read from, so that they can be read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.rules.plan import Filter

__all__ = ["Origin", "Read"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule comes from: the path shown, which document of its file (from 0), and its first line."""

    path: str
    document: int
    line: int


class Read(Protocol):
    """What was read for a rule set, so that it can be read again: by path the files, by number where each rule stands."""

    @property
    def origins(self) -> Sequence[Origin]:
        """Return where each rule comes from."""

    @property
    def contents(self) -> Mapping[str, bytes]:
        """Return the files read, by path as shown."""

    @property
    def placeholders(self) -> Mapping[str, Sequence[str]]:
        """Return the lists that rules may ask for."""

    @property
    def filters(self) -> Sequence[tuple[str, Filter]]:
        """Return the filters, with the path of each."""

    @property
    def filtered(self) -> Mapping[int, Sequence[int]]:
        """Return the filters in force for a rule, by their places."""
