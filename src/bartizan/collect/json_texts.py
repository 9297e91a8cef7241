"""Read fields of JSON records as the text that spells them: for rules that look for text in what is an object."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.collect.json_columns import Json, decode_object, frozen
from bartizan.collect.text_columns import coded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.schema.columns import Cell, Column

__all__ = ["object_texts"]

_NONE: Final = msgspec.Raw()
"""What a field holds that a record has not: no text at all, which is no JSON."""


def object_texts(records: Sequence[bytes], names: Sequence[str]) -> dict[str, Column]:
    """Return one column per top-level field: objects and lists as compact JSON text, scalars as themselves, null as null.

    Every record must be one that ``json_columns.decode`` reads. A field is cut out of the record without being decoded.
    """
    decoder = _decoder(tuple(names))
    rows = [_row(decoder, record, names) for record in records]
    texts = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {name: coded(column).map(_scalar) for name, column in zip(names, texts, strict=True)}


@lru_cache(maxsize=64)
def _decoder(names: tuple[str, ...]) -> msgspec.json.Decoder[Json]:
    members = [(f"f{at}", msgspec.Raw, _NONE) for at in range(len(names))]
    struct = msgspec.defstruct("Objects", members, rename={f"f{at}": name for at, name in enumerate(names)}, gc=False)
    return msgspec.json.Decoder(struct)


def _row(decoder: msgspec.json.Decoder[Json], record: bytes, names: Sequence[str]) -> tuple[str | None, ...]:
    try:
        return tuple([_compact(bytes(raw)) for raw in msgspec.structs.astuple(decoder.decode(record))])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = decode_object(record)
        return tuple(msgspec.json.encode(found[name]).decode() if name in found else None for name in names)


def _compact(raw: bytes) -> str | None:
    if b": " in raw or b", " in raw or b"\n" in raw:
        raw = msgspec.json.format(raw, indent=-1)
    return raw.decode() if raw else None


def _scalar(cell: Cell) -> Cell:
    """Read what is no object or list; a record may hold text, already JSON, in its place."""
    if not isinstance(cell, str) or cell[:1] in {"{", "["}:
        return cell
    try:
        found: Cell = msgspec.json.decode(cell)
    except msgspec.MsgspecError:
        return frozen(decode_object(f'{{"cell":{cell}}}'.encode())["cell"])
    return found
