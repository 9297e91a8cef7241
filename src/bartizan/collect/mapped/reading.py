"""Read records into columns by the format that a mapping file names."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Framing
from bartizan.collect.json_columns import Decoded, decode
from bartizan.collect.mapped.headers import HEADER_FIELDS, header_of
from bartizan.collect.mapped.texts import body_of
from bartizan.collect.text_columns import Gatherer, lines_of
from bartizan.schema.columns import ABSENT, Cell

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from bartizan.collect.contract import Context
    from bartizan.collect.mapped.plan import Reader

__all__ = ["Read", "framings_of", "read_of"]

Read = "Callable[[Sequence[bytes], Collection[str] | None, Context], Decoded]"
"""Records, the fields that are wanted (None: all), what is known beside them -> columns."""

_NO_HEADER: Final = "the header that stands before such a record is missing or another program's"
_WHY: Final[Mapping[str, str]] = {
    "kv": "no key=value pairs",
    "csv": "too few values, or of a kind that is not known",
    "regex": "none of the patterns fits",
    "cef": "no CEF: record",
    "leef": "no LEEF: record",
    "w3c": "not as many values as the #Fields line before it has names",
}


def framings_of(reader: Reader) -> tuple[Framing, ...]:
    """Return how a file of such records is cut."""
    if reader.format != "json":
        return (Framing.LINES,)
    return (Framing.LINES, Framing.JSON) if reader.body or reader.header not in {"", "none"} else (Framing.JSON,)


def read_of(reader: Reader, paths: Sequence[str]) -> Callable[[Sequence[bytes], Collection[str] | None, Context], Decoded]:
    """Return the function that reads records; ``paths`` are fields that are to be there even where all are wanted."""
    if reader.format != "json":
        return _texts(reader)
    plain = _json(paths)
    header = header_of(reader)
    if header is None:
        return plain

    def behind_header(records: Sequence[bytes], wanted: Collection[str] | None, context: Context) -> Decoded:
        parted = [header(line) for line in lines_of(records)]
        kept = [row for row, part in enumerate(parted) if part is not None]
        bodies = [part[1].encode() for part in parted if part is not None]
        decoded = plain(bodies, wanted, context)
        heads = [part[0] for row in decoded.rows if (part := parted[kept[row]]) is not None]
        gatherer = Gatherer(wanted, lambda _name: None)
        gatherer.add(range(len(heads)), HEADER_FIELDS, list(zip(*heads, strict=True)) or [()] * len(HEADER_FIELDS))
        unparsed = {row: _NO_HEADER for row, part in enumerate(parted) if part is None}
        unparsed.update({kept[row]: why for row, why in decoded.unparsed.items()})
        return Decoded([kept[row] for row in decoded.rows], {**gatherer.frame().columns, **decoded.columns}, unparsed)

    return behind_header


def _json(paths: Sequence[str]) -> Callable[[Sequence[bytes], Collection[str] | None, Context], Decoded]:
    def read(records: Sequence[bytes], wanted: Collection[str] | None, _context: Context) -> Decoded:
        if wanted is not None:
            return decode(records, sorted(wanted))
        whole = decode(records, None)
        # An object has no leaf of its own name, though another record may have one: what is asked for is read as it is asked for.
        return Decoded(whole.rows, {**whole.columns, **decode(records, paths).columns}, whole.unparsed)

    return read


def _texts(reader: Reader) -> Callable[[Sequence[bytes], Collection[str] | None, Context], Decoded]:
    header = header_of(reader)
    why = _WHY[reader.format]

    def read(records: Sequence[bytes], wanted: Collection[str] | None, context: Context) -> Decoded:
        body = body_of(reader, context.head)
        unparsed: dict[int, str] = {}
        alike: defaultdict[tuple[str, ...], list[tuple[int, Sequence[str | None]]]] = defaultdict(list)
        for row, line in enumerate(lines_of(records)):
            parted = ((), line) if header is None else header(line)
            found = None if parted is None else body(parted[1])
            if parted is None or found is None:
                unparsed[row] = _NO_HEADER if parted is None else why
            elif header is None:
                alike[found[0]].append((row, found[1]))
            else:
                alike[*HEADER_FIELDS, *found[0]].append((row, (*parted[0], *found[1])))
        gatherer = Gatherer(wanted, lambda _name: _tidy)
        for names, rows in alike.items():
            gatherer.add([row for row, _ in rows], names, list(zip(*(cells for _, cells in rows), strict=True)))
        return Decoded(gatherer.rows, gatherer.frame().columns, unparsed)

    return read


def _tidy(text: str) -> Cell:
    """Return a text without the blanks around it; what is nothing but blanks is not there."""
    return text.strip() or ABSENT
