"""Mapping files for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.contract import Context, Parsed, Source
from bartizan.collect.mapped.document import plan_of
from bartizan.collect.mapped.source import source_of
from bartizan.schema.expressions import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.schema.columns import Cell

DOOR = """\
name: door
title: Door controller
product: {name: Door, vendor_name: Example}
read: json
recognise: {badge: present, door: present}
ocsf:
  time: at
  user.name: badge
  src_endpoint.ip: reader.ip | ip
routes:
  - name: refused
    when: {result: ["denied*", expired]}
    sigma: [{product: door, fields: {who: badge}}]
    ocsf: {class_uid: 3002, activity_id: 1, status_id: 2}
  - name: opened
    ocsf: {class_uid: 3002, activity_id: {of: result, map: {opened: 1, left: 2}, else: 99}, status_id: 1}
"""


def source(text: str) -> Source:
    return source_of(plan_of(text.encode()))


def rows(made: Source, records: Sequence[str], context: Context | None = None) -> list[tuple[str, dict[str, Cell]]]:
    """Return the route and the attributes of each record, in order; of one that is not read the route is "" and ``why`` says why."""
    parsed: Parsed = made.parse([record.encode() for record in records], context or Context())
    found: dict[int, tuple[str, dict[str, Cell]]] = {row: ("", {"why": why}) for row, why in parsed.unparsed.items()}
    for part in parsed.parts:
        mapped = evaluate(part.route.ocsf, part.frame)
        found.update({row: (part.route.name, mapped.row(at)) for at, row in enumerate(part.rows)})
    return [found[row] for row in sorted(found)]


def attribute(value: str, record: str, *, read: str = "json", test: str = "present") -> Cell | None:
    """Return what an attribute of a record comes out as; None where it is absent. The record has a field ``a``."""
    whole = source(
        f"name: x\ntitle: X\nproduct: {{name: X}}\nread: {read}\nrecognise: {{a: {test}}}\nroutes:\n"
        f"  - name: r\n    ocsf:\n      class_uid: 0\n      activity_id: 0\n      time: a\n      unmapped.it: {value}\n"
    )
    [(_, cells)] = rows(whole, [record])
    return cells.get("unmapped.it")
