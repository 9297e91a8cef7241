"""Find the rows of a list that speak of one thing, without going through all of them for each thing."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, TypeAlias

__all__ = ["rows_where"]

Evaluate: TypeAlias = Callable[[str, Any], Any]
"""What an expression gives on a row."""
_KEPT: Final = 64
_WORTH: Final = 16
"""Rows from which on an index is worth making."""
_indices: OrderedDict[tuple[int, str], tuple[list[Any], dict[str, list[Any]]]] = OrderedDict()
"""By identity of a list, which is held so that no other can come to have its identity, and by expression."""
_lock: Final = threading.Lock()


def rows_where(rows: Any, key: str, value: Any, evaluate: Evaluate) -> list[Any]:  # noqa: ANN401 - JSON
    """Return the rows in which an expression gives a value, or a list that holds it."""
    if not isinstance(rows, list) or value is None:
        return []
    if len(rows) < _WORTH:
        return _index(rows, key, evaluate).get(_key(value), [])
    with _lock:
        known = _indices.get((id(rows), key))
        if known is None:
            known = _indices[id(rows), key] = (rows, _index(rows, key, evaluate))
            if len(_indices) > _KEPT:
                _indices.popitem(last=False)
    return known[1].get(_key(value), [])


def _index(rows: list[Any], key: str, evaluate: Evaluate) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        given = evaluate(key, row)
        for one in dict.fromkeys(map(_key, given if isinstance(given, list) else [given])):
            found.setdefault(one, []).append(row)
    return found


def _key(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
