"""Change JSON records: the places where a field may stand in an object, each with a value set there."""

from __future__ import annotations

import contextlib
import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from bartizan.schema.columns import ABSENT, Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["objects"]

_Place = tuple[Any, ...]
_NAMES: Final = ("name", "key", "field")


def objects(raw: bytes, name: str, cell: Cell, now: Cell) -> Iterator[bytes | None] | None:
    """Yield a JSON record with a field set in each of the places where it may stand; None for a record that is none."""
    start = raw.find(b"{")
    try:
        item = json.loads(raw[start:]) if start >= 0 else None
    except ValueError:
        return None
    return _drafts(raw[:start], item, name, cell, now) if isinstance(item, dict) else None


def _drafts(before: bytes, item: dict[str, Any], name: str, cell: Cell, now: Cell) -> Iterator[bytes | None]:
    for value in _values(cell):
        for change in _changes(item, name, now):
            draft = deepcopy(item)
            yield before + _text(draft) if change(draft, value) else None


def _text(item: object) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _values(cell: Cell) -> Iterator[object]:
    """Yield what a cell may be in JSON: a number also as text, a text of digits also as a number."""
    if isinstance(cell, tuple):
        yield list(cell)
        return
    yield cell
    text = text_of(cell)
    if isinstance(cell, str) and text is not None:
        with contextlib.suppress(ValueError):
            yield json.loads(text)
        yield [text]
    elif text is not None:
        yield text


def _changes(item: dict[str, Any], name: str, now: Cell) -> Iterator[Callable[[dict[str, Any], object], bool]]:
    """Yield what sets a field: where it stands by its name, where its value stands, where its neighbours do."""
    last = name.rpartition(".")[2]
    leaves = list(_leaves(item, ()))
    text = text_of(now)
    named = [place for place, _ in leaves if place and place[-1] in {name, last}]
    valued = [place for place, value in leaves if text is not None and text_of(value) == text and place not in named]
    yield from (_like_others(place, name) for place, value in _inner(item, ()) if _is_pairs(value))
    yield from map(_replace, (*named, *valued))
    yield _path(name.split("."))
    yield _path([name])
    inner = [place for place, value in _inner(item, ()) if isinstance(value, dict)]
    yield from (_below(place, key) for place in inner for key in dict.fromkeys((name, last)))
    yield from (_path(name.split("."), place) for place in inner if "." in name)


def _replace(place: _Place) -> Callable[[dict[str, Any], object], bool]:
    return lambda draft, value: _set(_at(draft, place[:-1]), place[-1], value)


def _below(place: _Place, key: str) -> Callable[[dict[str, Any], object], bool]:
    return lambda draft, value: _set(_at(draft, place), key, value)


def _set(holder: Any, key: Any, value: object) -> bool:  # noqa: ANN401 - JSON holds anything
    if value is not ABSENT:
        holder[key] = value
        return True
    if isinstance(holder, dict):
        return holder.pop(key, ABSENT) is not ABSENT
    del holder[key]
    return True


def _path(keys: list[str], start: _Place = ()) -> Callable[[dict[str, Any], object], bool]:
    """Make what sets a value behind a path of keys, making objects where there are none; lists are entered at their first."""

    def change(draft: dict[str, Any], value: object) -> bool:
        holder = _at(draft, start)
        for key in keys[:-1]:
            holder = holder[0] if isinstance(holder, list) and holder else holder
            if not isinstance(holder, dict):
                return False
            if not isinstance(holder.get(key), dict | list):
                holder[key] = {}
            holder = holder[key]
        holder = holder[0] if isinstance(holder, list) and holder else holder
        return isinstance(holder, dict) and _set(holder, keys[-1], value)

    return change


def _like_others(place: _Place, name: str) -> Callable[[dict[str, Any], object], bool]:
    """Make what sets a value in a list of pairs of a name and a value, adding a pair like the others."""

    def change(draft: dict[str, Any], value: object) -> bool:
        pairs = _at(draft, place)
        key = _name_key(pairs[0])
        other = next(one for one in pairs[0] if one != key)
        kept = [pair for pair in pairs if pair.get(key) != name]
        pairs[:] = kept if value is ABSENT else [*kept, {key: name, other: value}]
        return True

    return change


def _is_pairs(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and len(one) == 2 and _name_key(one) for one in value)  # noqa: PLR2004 - a pair


def _name_key(pair: Mapping[str, object]) -> str:
    return next((key for key in pair if key.lstrip("@#$").lower() in _NAMES), "")


def _at(item: Any, place: _Place) -> Any:  # noqa: ANN401 - JSON holds anything
    for key in place:
        item = item[key]
    return item


def _inner(item: object, place: _Place) -> Iterator[tuple[_Place, object]]:
    """Yield every part of an object with where it stands, the outermost first."""
    yield place, item
    pairs = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    for key, value in pairs:
        yield from _inner(value, (*place, key))


def _leaves(item: object, place: _Place) -> Iterator[tuple[_Place, Any]]:
    return ((at, value) for at, value in _inner(item, place) if at)
