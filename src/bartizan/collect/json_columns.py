"""Decode JSON records into columns, reading only the fields that someone will look at.

A dotted field name means the key of that very name if the record has it (flattened exports write such keys), else a path
into nested objects. A path that meets a list gives the tuple of what the list's objects hold, or goes on in one of them
where its next part is a number (``target.0.id``). Fields nobody named are skipped by the decoder and cost a scan, not an
object.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from bartizan.schema.columns import ABSENT, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Decoded", "Json", "column_of", "decode", "decode_object", "decode_paths", "frozen"]

Json: TypeAlias = Any
"""What a JSON decoder gives, before anyone looked at it."""

_BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_MISSING: Final[Json] = object()
"""Stands for ABSENT inside decoded objects: hashing a plain object is twenty times cheaper than hashing an enum member."""
_NUMBERS = frozenset({int, float, bool})
_MOST_FIELDS = 1_000
"""Columns made when every field is asked for. Real logs have some hundred; records that each invent their own would fill the memory."""
_ODD = re.compile(r'["\\\x00-\x1f]')
"""What no key of a struct may hold; such a key is looked up in the decoded object."""
_FLAT: Final = frozenset({"output_fields", "labels"})
"""Members whose own keys have dots in them: ``output_fields`` of Falco holds ``proc.name``, labels of Kubernetes ``app.kubernetes.io``."""
_SAMPLED: Final = 64
"""Cells that are all different where probably all are: then numbering them is quicker."""
_DIGITS = 300
"""The longest number that is read as one; a float holds 309 digits before the point."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """``rows[i]`` is the index, among the records given, of row ``i`` of the columns; ``unparsed`` says why of the others."""

    rows: Sequence[int]
    columns: Mapping[str, Column]
    unparsed: Mapping[int, str]


def decode(records: Sequence[bytes], fields: Sequence[str] | None) -> Decoded:
    """Decode one JSON object per record into one column per field; a field that no record has gets no column.

    ``fields`` None means every field: each leaf by its dotted path, of the first thousand that occur. A record that is
    not valid UTF-8, holds half a surrogate pair or a bare control character is read with U+FFFD or the character in its
    place; anything else that is not one JSON object is unparsed.
    """
    if fields is None:
        return _decode_all(records)
    literal = [(name, (name,)) for name in fields]
    uris = ((name, path) for name in fields if "/" in name for path in _paths_to_uri(name))
    pointed = ((name, _path_to_point(name)) for name in fields if ".." in name)
    flat = ((name, (parts[0], parts[2])) for name in fields if (parts := name.partition("."))[0] in _FLAT)
    return decode_paths(records, (*literal, *flat, *((name, tuple(name.split("."))) for name in fields if "." in name), *uris, *pointed))


def _path_to_point(name: str) -> tuple[str, ...]:
    """Return the path of a name in which keys begin with a point: ``details..tag``."""
    return tuple(part.replace("\0", ".") for part in name.replace("..", ".\0").split("."))


def _paths_to_uri(name: str) -> Iterable[tuple[str, ...]]:
    """Yield the paths that end with a key that is a URI or the like, dots and all: ``claims.http://example.com/name``."""
    parts = name.partition("/")[0].split(".")
    for depth in range(1, len(parts)):
        start = sum(map(len, parts[:depth])) + depth
        yield (*parts[:depth], name[start:])


def decode_paths(records: Sequence[bytes], paths: Sequence[tuple[str, tuple[str, ...]]]) -> Decoded:
    """Decode as ``decode`` does, each column from the path of keys beside its name; of several the shortest that is there counts."""
    odd = [(name, path) for name, path in paths if any(map(_ODD.search, path))]
    shape = _shape(tuple(dict.fromkeys(path for path in paths if path not in odd)))
    objects, unparsed = _objects(records, shape.decoder.decode, shape.convert)
    rows = range(len(records)) if not unparsed else [i for i in range(len(records)) if i not in unparsed]
    cells: dict[str, Sequence[Json]] = {}
    _gather(shape.level, objects, cells)
    if odd:
        whole = [decode_object(records[row]) for row in rows]
        for name, path in odd:
            _fill(cells, name, [_walk(item, path) for item in whole])
    return Decoded(rows, {name: column_of(found) for name, found in cells.items() if not _blank(found)}, unparsed)


def decode_object(record: bytes) -> dict[str, Json]:
    """Decode one record as ``decode`` does, into plain Python; raise ValueError, saying why, where it is no JSON object."""
    try:
        found = _any_decoder.decode(record)
    except _BROKEN:
        found = _lenient(record)
    if not isinstance(found, dict):
        why = f"JSON, but {_kind(found)} where an object is expected"
        raise ValueError(why)  # noqa: TRY004 - the caller handles one kind of error, whatever was wrong with the record
    return found


def column_of(cells: Sequence[Json]) -> Column:
    """Encode decoded JSON values, one per row; the fast twin of ``Column.encode`` that also takes lists and dicts."""
    if _constant(cells):
        return Column.constant(cells[0], len(cells))
    try:
        codes_of, codes = _numbered(cells)
    except TypeError:
        return Column.encode(ABSENT if cell is _MISSING else frozen(cell) for cell in cells)
    if _NUMBERS.isdisjoint(map(type, codes_of)):
        values: list[Cell] = list(codes_of)
    elif len(_NUMBERS.intersection(map(type, cells))) > 1 or float in map(type, codes_of):
        return Column.encode(ABSENT if cell is _MISSING else cell for cell in cells)
    else:
        values = list(codes_of)
    if _MISSING in codes_of:
        values[codes_of[_MISSING]] = ABSENT
    return Column(codes, values)


def _numbered(cells: Sequence[Json]) -> tuple[dict[Json, int], array[int]]:
    """Give each distinct cell a number, in the order in which they come; raise TypeError where one cannot be hashed."""
    if len(set(cells[:_SAMPLED])) == _SAMPLED:
        own = dict(zip(cells, range(len(cells)), strict=True))
        if len(own) == len(cells):
            return own, array("i", range(len(cells)))
    codes_of: defaultdict[Json, int] = defaultdict(count().__next__)
    return codes_of, array("i", list(map(codes_of.__getitem__, cells)))


def _constant(cells: Sequence[Json]) -> bool:
    """Say whether all cells are one text, as channel and host are in most logs: comparing costs a fifth of numbering."""
    if not cells or type(first := cells[0]) is not str or first != cells[-1] or first != cells[len(cells) // 2]:
        return False
    return cells.count(first) == len(cells)


def frozen(value: Json) -> Cell:
    """Return a decoded JSON value as a cell: lists as tuples, at any depth."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    cell: Cell = value
    return cell


@dataclass(frozen=True, slots=True)
class _Level:
    """The objects at one depth: attributes that are fields, that are walked by hand (a field and its parts), that are objects."""

    struct: type[msgspec.Struct]
    leaves: tuple[tuple[int, str], ...]
    walked: tuple[tuple[int, str, tuple[str, ...]], ...]
    inner: tuple[tuple[int, _Level], ...]
    blank: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    level: _Level
    decoder: msgspec.json.Decoder[Json]

    def convert(self, record: bytes) -> Json:
        return msgspec.convert(decode_object(record), self.level.struct)


@dataclass(slots=True)
class _Node:
    """A key in the tree of paths: the fields that end here, and the keys below."""

    names: list[str]
    below: dict[str, _Node]

    def add(self, name: str, path: tuple[str, ...]) -> None:
        node = self
        for key in path:
            node = node.below.setdefault(key, _Node([], {}))
        node.names.append(name)

    def paths(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        for key, node in self.below.items():
            yield from ((name, (key,)) for name in node.names)
            yield from ((name, (key, *path)) for name, path in node.paths())


@lru_cache(maxsize=4096)
def _shape(paths: tuple[tuple[str, tuple[str, ...]], ...]) -> _Shape:
    root = _Node([], {})
    for name, path in paths:
        root.add(name, path)
    level = _level(root)
    return _Shape(level, msgspec.json.Decoder(level.struct))


def _level(node: _Node) -> _Level:
    """Build the struct that reads the keys below a node."""
    leaves: list[tuple[int, str]] = []
    walked: list[tuple[int, str, tuple[str, ...]]] = []
    inner: list[tuple[int, _Level]] = []
    members: list[tuple[str, Json, Json]] = []
    for at, below in enumerate(node.below.values()):
        kind: Json = object
        if below.names or not below.below:
            leaves.extend((at, name) for name in below.names)
            walked.extend((at, name, path) for name, path in below.paths())
        else:
            inner.append((at, _level(below)))
            kind = inner[-1][1].struct | str | int | float | bool | list[Json] | None
        members.append((f"f{at}", kind, _MISSING))
    rename = {f"f{at}": key for at, key in enumerate(node.below)}
    struct = msgspec.defstruct("Row", members, rename=rename, gc=False)
    return _Level(struct, tuple(leaves), tuple(walked), tuple(inner), (_MISSING,) * len(members))


def _gather(level: _Level, objects: Sequence[Json], found: dict[str, Sequence[Json]]) -> None:
    """Give each field its cells."""
    struct, blank, astuple = level.struct, level.blank, msgspec.structs.astuple
    uniform = set(map(type, objects)) <= {struct}
    rows = map(astuple, objects) if uniform else [astuple(item) if type(item) is struct else blank for item in objects]
    columns: Sequence[Sequence[Json]] = list(zip(*rows, strict=True)) or [()] * len(blank)
    for at, name in level.leaves:
        _fill(found, name, columns[at])
    for at, name, path in level.walked:
        _fill(found, name, [_walk(item, path) for item in columns[at]])
    for at, inner in level.inner:
        _gather(inner, columns[at], found)
        _gather_lists(inner, columns[at], found)


def _gather_lists(level: _Level, objects: Sequence[Json], found: dict[str, Sequence[Json]]) -> None:
    """Follow the paths through the lists that stand where an object was expected."""
    if list not in map(type, objects):
        return
    for name, path in _paths(level, ()):
        _fill(found, name, [_walk(item, path) if type(item) is list else _MISSING for item in objects])


def _paths(level: _Level, above: tuple[str, ...]) -> Iterable[tuple[str, tuple[str, ...]]]:
    keys = msgspec.structs.fields(level.struct)
    for at, name in level.leaves:
        yield name, (*above, keys[at].encode_name)
    for at, name, path in level.walked:
        yield name, (*above, keys[at].encode_name, *path)
    for at, inner in level.inner:
        yield from _paths(inner, (*above, keys[at].encode_name))


def _fill(found: dict[str, Sequence[Json]], name: str, cells: Sequence[Json]) -> None:
    before = found.get(name)
    if before is None or _blank(before):
        found[name] = cells
    elif not _blank(cells):
        found[name] = [new if old is _MISSING else old for old, new in zip(before, cells, strict=True)]


def _walk(value: Json, path: Sequence[str]) -> Json:
    for at, key in enumerate(path):
        if type(value) is list and key.isdecimal():
            value = value[int(key)] if int(key) < len(value) else _MISSING
            continue
        if type(value) is list:
            met = [_walk(item, path[at:]) for item in value]
            flat = [one for item in met if item is not _MISSING for one in (item if type(item) is list else [item])]
            return flat or _MISSING
        if type(value) is not dict:
            return _MISSING
        value = value.get(key, _MISSING)
    return value


def _objects(
    records: Sequence[bytes], decode_one: Callable[[bytes], Json], recover: Callable[[bytes], Json]
) -> tuple[list[Json], dict[int, str]]:
    """Decode record by record at the speed of ``map``: an error costs its own record a second look, no other record anything."""
    objects: list[Json] = []
    unparsed: dict[int, str] = {}
    todo = iter(records)
    while len(objects) + len(unparsed) < len(records):
        try:
            objects.extend(map(decode_one, todo))
        except _BROKEN:
            at = len(objects) + len(unparsed)
            try:
                objects.append(recover(records[at]))
            except ValueError as error:
                unparsed[at] = str(error)
    return objects, unparsed


def _decode_all(records: Sequence[bytes]) -> Decoded:
    objects, unparsed = _objects(records, _object_decoder.decode, decode_object)
    rows = [at for at in range(len(records)) if at not in unparsed]
    cells: dict[str, list[Json]] = {}
    for at, item in enumerate(objects):
        for name, cell in _leaves(item, ""):
            column = cells.get(name)
            if column is None:
                if len(cells) == _MOST_FIELDS:
                    continue
                column = cells[name] = [_MISSING] * len(objects)
            column[at] = cell
    return Decoded(rows, {name: column_of(column) for name, column in cells.items()}, unparsed)


def _leaves(item: Mapping[str, Json], above: str) -> Iterable[tuple[str, Json]]:
    for key, value in item.items():
        if type(value) is dict and value:
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield above + key, value


def _lenient(record: bytes) -> Json:
    """Read what strict JSON refuses but writers of logs produce: broken encoding, lone surrogates, bare control characters, NaN."""
    text = record.decode("utf-8", "replace").lstrip("\ufeff")
    try:
        return _scrubbed(json.loads(text, strict=False, parse_constant=str, parse_float=_number, parse_int=_number))
    except RecursionError:
        why = "JSON nested too deeply to read"
    except json.JSONDecodeError as error:
        why = f"no JSON: {error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1} of {len(text)}"
    raise ValueError(why)


def _number(text: str) -> int | float | str:
    """Read a number, or keep the text of one that no machine number holds."""
    if len(text) > _DIGITS or not isfinite(float(text)):
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _scrubbed(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not value.isascii() else value
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(item) for key, item in value.items()}
    return value


def _kind(value: Json) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _blank(cells: Sequence[Json]) -> bool:
    return not cells or (cells[0] is _MISSING and cells[-1] is _MISSING and cells.count(_MISSING) == len(cells))


_any_decoder: msgspec.json.Decoder[Json] = msgspec.json.Decoder()
_object_decoder: msgspec.json.Decoder[dict[str, Json]] = msgspec.json.Decoder(dict[str, Json])
