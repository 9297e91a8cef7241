"""Parse in a test and show what came of it: per record its route, native fields and mapped attributes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bartizan.collect.contract import Context
from bartizan.schema.expressions import Expression, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.contract import Source
    from bartizan.schema.columns import Cell

ALL = Context()


def raw(*records: Mapping[str, Any]) -> list[bytes]:
    return [json.dumps(record).encode() for record in records]


def routes(source: Source, records: Sequence[bytes], context: Context = ALL) -> list[str | None]:
    found: list[str | None] = [None] * len(records)
    parsed = source.parse(records, context)
    for part in parsed.parts:
        for index in part.rows:
            assert found[index] is None
            found[index] = part.route.name
    assert {index for index, name in enumerate(found) if name is None} == set(parsed.unparsed)
    return found


def native(source: Source, record: bytes, context: Context = ALL) -> dict[str, Cell]:
    (part,) = source.parse([record], context).parts
    return part.frame.row(0)


def mapped(source: Source, record: bytes, context: Context = ALL) -> dict[str, Cell]:
    (part,) = source.parse([record], context).parts
    return evaluate(part.route.ocsf, part.frame).row(0)


def seen(source: Source, record: bytes, category: str = "", service: str = "") -> dict[str, Cell]:
    """Return what the aliases of a record's view give to rules."""
    (part,) = source.parse([record], ALL).parts
    view = next(
        view
        for view in part.route.views
        if (view.logsource.category == category if category else view.logsource.service == service and not view.logsource.category)
    )
    table = {name: to if isinstance(to, Expression) else Expression((to,), lambda cell: cell) for name, to in view.aliases.items()}
    return evaluate(table, part.frame).row(0)
