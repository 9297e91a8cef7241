"""Judge records with what an import made, by the fast engine and by the reference matcher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.rules.imports.asked import ANY, NOTHING, Asked, detection_of
from bartizan.rules.imports.writing import text_of
from bartizan.testing.conformance.ours import answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["fires", "fires_by"]

HEAD = {"title": "t", "id": "00000000-0000-4000-8000-000000000001", "logsource": {"product": "p"}}


def fires(asked: Asked, record: Mapping[str, Any]) -> bool:
    """Say whether a question holds of a record; both engines must say the same."""
    if asked in (ANY, NOTHING):
        return asked == ANY
    return fires_by([{**HEAD, "detection": detection_of(asked)}], [record]) == [0]


def fires_by(documents: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return which records fire."""
    request = {"rules": text_of(documents), "events": list(records), "placeholders": {}}
    fast, reference = answer(request), answer(request, reference=True)
    assert fast == reference
    assert "matches" in fast, fast
    return list(fast["matches"])
