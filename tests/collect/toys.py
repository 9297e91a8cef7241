"""Small sources with all that a source has: they read records that begin with their word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.contract import Context, Example, Framing, Parsed, Part, Route, Source
from bartizan.schema.columns import ABSENT, Column, Frame

if TYPE_CHECKING:
    from collections.abc import Sequence


def toy(name: str, *framings: Framing, word: bytes = b"", grouped: bool = False) -> Source:
    """Make a source that reads records beginning with ``word`` and takes their last word as the field ``last``."""
    begin = word or name.encode()
    route = Route(name="all", views=(), ocsf={"class_uid": 0, "activity_id": 0, "severity_id": 1, "time": 0})

    def recognise(records: Sequence[bytes]) -> int:
        return sum(record.startswith(begin) for record in records)

    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        rows = [index for index, record in enumerate(records) if record.startswith(begin)]
        unparsed = {index: f"does not begin with {begin.decode()}" for index, record in enumerate(records) if not record.startswith(begin)}
        words = Column.encode(records[row].rsplit(None, 1)[-1].decode("utf-8", "replace") for row in rows)
        wanted = context.wanted(route)
        columns = {"last": words} if wanted is None or "last" in wanted else {}
        return Parsed((Part(route, rows, Frame(len(rows), columns)),), unparsed)

    def group(record: bytes) -> object:
        return record.split()[1] if len(record.split()) > 1 else ABSENT

    return Source(
        name=name,
        title=f"Records of {name}",
        framings=framings or (Framing.LINES,),
        recognise=recognise,
        parse=parse,
        routes=(route,),
        examples=(Example(title="one", raw=(begin + b" 1 x",), routes=("all",)), Example(title="none", raw=(b"?",), routes=(None,))),
        product={"name": name},
        group=group if grouped else None,
    )
