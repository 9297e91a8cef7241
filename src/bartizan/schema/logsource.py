"""Name which log a record belongs to, in Sigma's terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.expressions import Expression

__all__ = ["Logsource", "View"]


@dataclass(frozen=True, slots=True, order=True)
class Logsource:
    """A Sigma log source: of a rule (what it asks for) or of a record (what it is). An empty part is not given."""

    product: str = ""
    category: str = ""
    service: str = ""

    def serves(self, asked: Logsource) -> bool:
        """Say whether a record of this log source is one that a rule asking for ``asked`` judges.

        Each part that the rule gives must be the record's (Sigma specification, "Log source"). A rule that gives no part
        asks for nothing and is served by no record: pySigma refuses such rules.
        """
        pairs = ((asked.product, self.product), (asked.category, self.category), (asked.service, self.service))
        return any(want for want, _ in pairs) and all(not want or want == have for want, have in pairs)

    def __str__(self) -> str:
        """Return the usual notation, ``product/category/service`` with ``-`` for a part not given."""
        return "/".join(part or "-" for part in (self.product, self.category, self.service))


@dataclass(frozen=True, slots=True)
class View:
    """A log source that records serve; ``aliases`` say where a rule's field name is not the native one: a field, or an expression."""

    logsource: Logsource
    aliases: Mapping[str, str | Expression] = field(default_factory=dict)
