"""List the texts of a raw record, in which keywords are looked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from bartizan.schema.columns import Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["texts_of"]


def texts_of(raw: bytes, *, structured: bool) -> tuple[str, ...]:
    """Return the text of every leaf of a JSON record, keys not among them, or the whole line of any other record.

    A record that is said to be JSON and is not counts as a line.
    """
    line = raw.decode("utf-8", "replace")
    if not structured:
        return (line,)
    try:
        decoded = json.loads(line)
    except (ValueError, RecursionError):
        return (line,)
    return tuple(_leaves(decoded))


def _leaves(decoded: object) -> Iterator[str]:
    waiting = [decoded]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(reversed(item.values()))
        elif isinstance(item, list):
            waiting.extend(reversed(item))
        else:
            text = text_of(cast("Cell", item))
            if text is not None:
                yield text
