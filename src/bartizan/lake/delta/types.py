"""Say the columns of a Delta table in the words of DuckDB, and by the paths of their leaves."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from deltalake import Schema

from bartizan.lake.relations import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


__all__ = ["duckdb_types", "mark_of", "paths_of"]

_SIMPLE: Final = {"string": "VARCHAR", "long": "BIGINT", "integer": "INTEGER", "double": "DOUBLE", "boolean": "BOOLEAN", "binary": "BLOB"}


def duckdb_types(fields: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return each field's name and type; fields as the JSON of Delta's protocol has them."""
    return {field["name"]: _duckdb(field["type"]) for field in fields}


def mark_of(paths: frozenset[str]) -> str:
    """Return what names a set of columns: files whose marks are equal have the same."""
    return sha256("\n".join(sorted(paths)).encode()).hexdigest()[:8]


def paths_of(schema: pa.Schema | Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Return the dotted paths of everything in a schema, objects too; items of a list are called ``item``."""
    told = json.loads(Schema.from_arrow(schema).to_json())["fields"] if isinstance(schema, pa.Schema) else schema
    return frozenset(path for field in told for path in _walk(field["name"], field["type"]))


def _duckdb(kind: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(kind, str):
        return _SIMPLE[kind]
    if kind["type"] == "array":
        return f"{_duckdb(kind['elementType'])}[]"
    fields = [f"{quoted(field['name'])} {_duckdb(field['type'])}" for field in kind["fields"]]
    return f"STRUCT({', '.join(fields)})"


def _walk(path: str, kind: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    yield path
    if isinstance(kind, dict) and kind["type"] == "array":
        yield from _walk(f"{path}.item", kind["elementType"])
    elif isinstance(kind, dict):
        for field in kind["fields"]:
            yield from _walk(f"{path}.{field['name']}", field["type"])
