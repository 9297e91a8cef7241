"""Bring values of answers into the types that kinds declare."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["cast", "tags_of"]

_YES: Final = frozenset({"true", "yes", "enabled", "1"})
_NO: Final = frozenset({"false", "no", "disabled", "0", ""})


def cast(value: Any, type_: str) -> Any:  # noqa: ANN401 - JSON
    """Return a value in a type of ``kinds.TYPES``; ValueError where it has not that form."""
    return _CASTS[type_](value)


def tags_of(value: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """Return tags, which services tell as mappings or as pairs of many spellings."""
    if isinstance(value, dict):
        return {str(key): str(each) for key, each in value.items()}
    found = {}
    for pair in value if isinstance(value, list) else ():
        if isinstance(pair, dict):
            lowered = {key.lower().removeprefix("tag"): each for key, each in pair.items()}
            found[str(lowered.get("key", ""))] = str(lowered.get("value") or "")
    return found


def _string(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _boolean(value: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(value, bool):
        return value
    lowered = str(value).lower()
    if lowered not in _YES | _NO:
        message = f"{value!r} is neither true nor false"
        raise ValueError(message)
    return lowered in _YES


def _integer(value: Any) -> int:  # noqa: ANN401 - JSON
    return int(float(value)) if not isinstance(value, int) else int(value)


def _time(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, int | float):  # of epoch, in seconds or milliseconds
        stamp = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)  # noqa: PLR2004 - beyond the year 5000 as seconds
    else:
        stamp = datetime.fromisoformat(str(value))
    return stamp.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _strings(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [_string(each) for each in (value if isinstance(value, list) else [value]) if each is not None]


def _object(value: Any) -> Any:  # noqa: ANN401 - JSON
    return value


_CASTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "string": _string,
    "integer": _integer,
    "number": float,
    "boolean": _boolean,
    "time": _time,
    "strings": _strings,
    "policy": _object,
    "object": _object,
}
