"""Change one record and keep its form: JSON, XML, CSV, key=value, syslog; what is hurt is what it says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.testing.fuzzing.oddities import TEXTS, VALUES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

__all__ = ["changed"]

_PAIR: Final = re.compile(r"""(?<![\w.\-])([\w.\-]++)([=:]\s?)("[^"]*"|'[^']*'|[^\s,;|"']*)""")
_ELEMENT: Final = re.compile(r"<([\w:]+)([^<>]*)>([^<]*)</\1>")
_ATTRIBUTE: Final = re.compile(r"""(?<![\w:])([\w:]++)=(["'])([^"']*+)\2""")
_HEADER: Final = re.compile(r"^(<\d+>)?(?:1 )?(\w{3} [ \d]\d [\d:]{8}|\d{4}-\d\d-\d\dT\S+) (\S+) ?")
_WORD: Final = re.compile(r"[\w.:@\\/\-+%]+")
_MARKS: Final = (",", "\t", "|", ";", " ")
_DEEP: Final = 60
_USUALLY: Final = 0.9
"""JSON is changed as JSON, and written on one line; in one of ten it is broken as text, or pretty-printed."""


def changed(record: bytes, chance: random.Random) -> bytes:
    """Return a record with one to four things of its form changed."""
    text = record.decode("utf-8", "surrogateescape")
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        text = _changed(text, chance)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _changed(text: str, chance: random.Random) -> str:
    if text.lstrip()[:1] in {"{", "["} and chance.random() < _USUALLY:
        try:
            return _json(json.loads(text), chance)
        except (ValueError, RecursionError):
            pass
    known: list[Callable[[str, random.Random], str]] = [_words]
    if "<" in text:
        known += [_xml] * 4
    if "=" in text or ": " in text:
        known += [_pairs] * 3
    known += [_table] if any(text.count(mark) > 1 for mark in _MARKS) else []
    known += [_syslog] if _HEADER.match(text) else []
    return chance.choice(known)(text, chance)


def _odd(chance: random.Random) -> str:
    return chance.choice(TEXTS)


# JSON


def _json(document: Any, chance: random.Random) -> str:  # noqa: ANN401 - JSON
    places = list(_places(document))
    if places:
        holder, key = chance.choice(places)
        chance.choice((_replace, _replace, _replace, _retype, _remove, _rename, _move, _wrap))(holder, key, chance, places)
    else:
        document = chance.choice(VALUES)
    shape: dict[str, Any] = {"separators": (",", ":")} if chance.random() < _USUALLY else {"indent": 1}
    return json.dumps(document, ensure_ascii=chance.choice((True, False)), **shape)


def _places(value: Any, depth: int = 0) -> list[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    if depth > _DEEP:
        return []
    keys: Sequence[Any] = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *_places(value[key], depth + 1))]


_Places = list[tuple[Any, Any]]


def _replace(holder: Any, key: Any, chance: random.Random, _places: _Places) -> None:  # noqa: ANN401 - JSON
    holder[key] = chance.choice((_odd(chance), _odd(chance), chance.choice(VALUES)))


def _retype(holder: Any, key: Any, _chance: random.Random, _places: _Places) -> None:  # noqa: ANN401 - JSON
    value = holder[key]
    if isinstance(value, str):
        holder[key] = int(value) if value.isascii() and value.isdigit() and len(value) < _DEEP else [value]
    elif isinstance(value, (dict, list)):
        holder[key] = json.dumps(value)
    else:
        holder[key] = str(value)


def _remove(holder: Any, key: Any, _chance: random.Random, _places: _Places) -> None:  # noqa: ANN401 - JSON
    del holder[key]


def _rename(holder: Any, key: Any, chance: random.Random, places: _Places) -> None:  # noqa: ANN401 - JSON
    if isinstance(holder, dict):
        names = [str(name) for _, name in places]
        other = chance.choice((chance.choice(names), key.lower(), key.upper(), f"{key}.{chance.choice(names)}", _odd(chance)))
        holder[other] = holder.pop(key)


def _move(holder: Any, key: Any, chance: random.Random, places: _Places) -> None:  # noqa: ANN401 - JSON
    """Put another value of the document here, as a copy."""
    other, name = chance.choice(places)
    holder[key] = json.loads(json.dumps(other[name]))


def _wrap(holder: Any, key: Any, chance: random.Random, _places: _Places) -> None:  # noqa: ANN401 - JSON
    value = holder[key]
    holder[key] = chance.choice(([value], [value, value], {"value": value}, {_odd(chance): value}, [[value]], [value, None]))


# Texts


def _xml(text: str, chance: random.Random) -> str:
    pattern = chance.choice((_ELEMENT, _ATTRIBUTE))
    found = list(pattern.finditer(text))
    if not found:
        return _words(text, chance)
    met = chance.choice(found)
    group = chance.choice((1, 3, 3, 3))
    begin, end = met.span(group)
    return chance.choice(
        (
            text[:begin] + _odd(chance) + text[end:],
            text[: met.start()] + text[met.end() :],
            text[: met.end()] + met.group() + text[met.end() :],
            text[:begin] + f"<![CDATA[{met.group(group)}]]>" + text[end:],
        )
    )


def _pairs(text: str, chance: random.Random) -> str:
    found = list(_PAIR.finditer(text))
    if not found:
        return _words(text, chance)
    met, other = chance.choice(found), chance.choice(found)
    begin, end = met.span(chance.choice((1, 3, 3, 3)))
    odd = _odd(chance)
    return chance.choice(
        (
            text[:begin] + odd + text[end:],
            text[:begin] + f'"{odd}"' + text[end:],
            text[: met.start()] + text[met.end() :],
            text[: met.start(3)] + other.group(3) + text[met.end(3) :],
            text[: met.start(1)] + other.group(1) + text[met.end(1) :],
            text + " " + met.group(),
        )
    )


def _table(text: str, chance: random.Random) -> str:
    mark = max(_MARKS, key=text.count)
    cells = text.split(mark)
    at, other = chance.randrange(len(cells)), chance.randrange(len(cells))
    odd = _odd(chance)
    what = chance.choice(("odd", "odd", "quoted", "drop", "add", "swap", "unquoted"))
    if what == "drop":
        del cells[at]
    elif what == "add":
        cells.insert(at, odd)
    elif what == "swap":
        cells[at], cells[other] = cells[other], cells[at]
    else:
        cells[at] = {"odd": odd, "quoted": f'"{odd}"', "unquoted": '"' + cells[at]}[what]
    return mark.join(cells)


def _syslog(text: str, chance: random.Random) -> str:
    met = _HEADER.match(text)
    if met is None:
        return text
    group = chance.choice((1, 2, 3))
    begin, end = met.span(group)
    return chance.choice(
        (
            text[max(begin, 0) :],
            text[: max(begin, 0)] + _odd(chance) + text[max(end, 0) :],
            "<34>" + text,
            text[met.end() :],
            met.group() + text,
        )
    )


def _words(text: str, chance: random.Random) -> str:
    found = list(_WORD.finditer(text))
    if not found:
        return text + _odd(chance)
    met, other = chance.choice(found), chance.choice(found)
    return text[: met.start()] + chance.choice((_odd(chance), other.group(), met.group() * 2, "")) + text[met.end() :]
