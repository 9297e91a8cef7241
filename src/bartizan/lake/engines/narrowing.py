"""Say the columns to read, and no others, in the words of Spark: what is not named is not read from disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["has", "narrowed"]

_SIMPLE = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int32, "int"),
    (pa.types.is_int64, "bigint"),
    (pa.types.is_float64, "double"),
    (pa.types.is_string, "string"),
    (pa.types.is_large_string, "string"),
    (pa.types.is_binary, "binary"),
    (pa.types.is_large_binary, "binary"),
)


def has(schema: pa.Schema, path: str) -> bool:
    """Say whether a schema has a column of this dotted name."""
    fields: Iterable[pa.Field] = schema
    for name in path.split("."):
        found = next((field for field in fields if field.name == name), None)
        if found is None:
            return False
        fields = found.type.fields if pa.types.is_struct(found.type) else ()
    return True


def narrowed(schema: pa.Schema, paths: Sequence[str]) -> str:
    """Return the DDL of those of a schema's columns that are named; of an object only the fields that are named."""
    return ", ".join(f"{_quoted(field.name)} {_type(field, inner)}" for field, inner in _kept(schema, paths))


def _kept(fields: Iterable[pa.Field], paths: Sequence[str]) -> Iterable[tuple[pa.Field, list[str]]]:
    for field in fields:
        named = [path for path in paths if path.partition(".")[0] == field.name]
        if named:
            # An object that is named itself is wanted whole, whatever of it is named beside.
            yield field, [] if field.name in named else [path.partition(".")[2] for path in named]


def _type(field: pa.Field, inner: Sequence[str]) -> str:
    kind = field.type
    if pa.types.is_struct(kind):
        kept = _kept(kind.fields, inner) if inner else ((one, []) for one in kind.fields)
        return f"struct<{', '.join(f'{_quoted(one.name)}: {_type(one, deeper)}' for one, deeper in kept)}>"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{_type(kind.value_field, ())}>"
    found = next((name for test, name in _SIMPLE if test(kind)), None)
    if found is None:
        message = f"{field.name}: columns of type {kind} cannot be read by Spark as the lake has them"
        raise UsageError(message)
    return found


def _quoted(name: str) -> str:
    escaped = name.replace("`", "``")
    return f"`{escaped}`"
