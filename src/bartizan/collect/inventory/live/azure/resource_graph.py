"""Ask the Resource Graph: every resource of all subscriptions in pages of a thousand rows.

Source: Azure Resource Graph, "Table and resource type reference", "Working with large data sets", "Guidance for throttled requests".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.rest.calls import Call, pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.live.azure.asking import Asks

__all__ = ["SERVICE", "TABLES", "Table", "table_rows"]

SERVICE: Final = "resource-graph"
_ACTION: Final = "Microsoft.ResourceGraph/resources"
_VERSION: Final = "2024-04-01"
_ROWS: Final = 1000
"""Rows of a page: more are not given."""
_AT_ONCE: Final = 1000
"""Subscriptions of one query: more are not taken."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the kinds that it alone holds: () for everything that is a resource."""

    name: str
    kinds: tuple[str, ...] = ()
    where: str = ""
    above: bool = False
    """Whether what holds above the subscriptions is wanted too."""

    @property
    def query(self) -> str:
        """Return the query, in an order that pages can go by."""
        return " | ".join(filter(None, (self.name, self.where and f"where {self.where}", "order by id asc")))


TABLES: Final = (
    Table("resourcecontainers", ("subscription", "resource_group", "management_group")),
    Table("resources"),
    Table("authorizationresources", ("role_definition",), "type =~ 'microsoft.authorization/roledefinitions'", above=True),
    Table("policyresources", ("policy_assignment",), "type =~ 'microsoft.authorization/policyassignments'", above=True),
)


def table_rows(asks: Asks, table: Table, subscriptions: Sequence[str]) -> Iterator[Mapping[str, Any] | Failure]:
    """Yield the rows of a table in some subscriptions; a failure is the last that comes of those that were asked for together."""
    for first in range(0, len(subscriptions), _AT_ONCE):
        yield from _rows(asks, _call(asks, table, subscriptions[first : first + _AT_ONCE]))


def _call(asks: Asks, table: Table, subscriptions: Sequence[str]) -> Call:
    options = {
        "$top": _ROWS,
        "resultFormat": "objectArray",
        **({"authorizationScopeFilter": "AtScopeAboveAndBelow"} if table.above else {}),
    }
    asked = {"subscriptions": list(subscriptions), "query": table.query, "options": options}
    url = f"{asks.cloud.manager}/providers/{_ACTION}?api-version={_VERSION}"
    return Call.post(f"{_ACTION}/read ({table.name})", url, asked, service=SERVICE)


def _rows(asks: Asks, call: Call) -> Iterator[Mapping[str, Any] | Failure]:
    came = total = 0
    for here, answer in pages(asks.ask, call, _following, anew=asks.anew):
        came = 0 if here is call else came  # all are asked for again where a mark had grown old
        if answer.failure is not None:
            yield answer.failure
            return
        rows, total = answer.document.get("data"), _number(answer.document.get("totalRecords"))
        if not isinstance(rows, list):
            yield Failure("failed", "NoRows", "the answer has no list of rows")
            return
        came += len(rows)
        yield from (row for row in rows if isinstance(row, dict))
        if str(answer.document.get("resultTruncated")).lower() == "true" and not answer.document.get("$skipToken"):
            yield Failure("failed", "ResultTruncated", f"{came} of {total} rows came, and nothing says how to get the others")
            return
    if came < total:
        yield Failure("failed", "Incomplete", f"{came} of {total} rows came")


def _following(call: Call, document: Mapping[str, Any]) -> Call | None:
    mark = document.get("$skipToken")
    if not isinstance(mark, str) or not mark:
        return None
    asked = json.loads(call.body)
    return replace(call, body=json.dumps({**asked, "options": {**asked["options"], "$skipToken": mark}}, sort_keys=True))


def _number(value: Any) -> int:  # noqa: ANN401 - JSON
    return value if isinstance(value, int) else 0
