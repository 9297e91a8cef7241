"""What a lint is: a module of ``checks/`` with ``check``, which is given every rule that can be read. Nobody edits a list to add one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.documents import Map
    from bartizan.rules.plan import Meta, Node
    from bartizan.schema.logsource import Logsource

__all__ = ["LEVELS", "Check", "Lint", "LintRule"]

LEVELS: Final = ("note", "warning", "error")
"""SARIF levels: something to know, something that costs or misleads, something that is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Lint:
    """One thing that is wrong: where, the kebab-case ``id`` of the lint, its level, what it is, and what to do."""

    path: str
    line: int
    id: str
    level: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LintRule:
    """A rule as lints see it: its document with lines, what it asks, and its selections, which are parts of ``condition`` itself."""

    path: str
    document: Map
    meta: Meta
    logsource: Logsource
    condition: Node
    selections: Mapping[str, Node]
    part: bool = False
    """Whether it raises no findings of its own, because a correlation is made of it: others may ask the same and share its title."""

    def line(self, *keys: str) -> int:
        """Return the line of a key of the document, or of one inside it; that of what holds it where it is not there."""
        found, where = self.document.line, self.document
        for key in keys:
            found = where.lines.get(key, found)
            inner = where.get(key)
            if not isinstance(inner, dict):
                break
            where = inner  # type: ignore[assignment]  # mappings of documents are Maps
        return found

    def lint(self, identity: str, level: str, what: str, fix: str, *keys: str) -> Lint:
        """Make a finding about a key of the rule."""
        return Lint(self.path, self.line(*keys), identity, level, what, fix)


class Check(Protocol):
    """A module of ``checks/``."""

    def check(self, rules: Sequence[LintRule]) -> Iterable[Lint]:
        """Look over rules."""
