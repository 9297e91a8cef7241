"""Know JSON objects that only carry records: ``{"Records": [{...}, {...}]}`` and their like."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from bartizan.collect.framing.envelopes import HINTS, opened

__all__ = ["entered", "unwrapped"]

_ARRAYS: Final = frozenset(("records", "value", "events", "logevents", "results", "items", "entries", "data", "logs", "hits", "findings"))
"""Names (lower case) of the array in replies of cloud and search interfaces and in the files that they deliver."""
_ENVELOPES: Final = frozenset(
    ("_shards", "hits", "metadata", "meta", "links", "_links", "paging", "pagination", "total", "schema", "fields")
)
"""Names of the objects and arrays that such a reply has beside it. Any other makes it a record that has an array of its own."""
_OBJECTS_INSIDE: Final = re.compile(rb"\[\s*\{")
_NAMES_INSIDE: Final = (b'"hits"', b'"_source"', b'"preview"', *HINTS)
_EMPTY: Final = re.compile(rb'\{\s*"(?:[Rr]ecords|value|logEvents|results)"\s*:\s*\[\s*\]\s*\}$')
_MEMBER: Final = re.compile(rb'\s*[{,]\s*"([^"\\]{1,64})"\s*:\s*')
_SCALAR: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[-+.\w]++', re.DOTALL)
_OBJECTS: Final = re.compile(rb"\[\s*(\{|$)")
_FLAT: Final = re.compile(rb"\{[^{}]*+\}|\[[^\[\]]*+\]")
_DUMPS: Final = (("_index", "_source"), ("preview", "result"))
_KINDS: Final = ("clicksBlocked", "clicksPermitted", "messagesBlocked", "messagesDelivered")
"""Arrays of a reply of Proofpoint's SIEM API, each named for what its records are and do not say themselves."""
LEVELS: Final = 4
"""Envelopes in each other that are opened: a batch from a queue that carries a reply is three."""
_Members = dict[str, msgspec.Raw]
_MEMBERS: Final = msgspec.json.Decoder(_Members)
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def unwrapped(raw: bytes, *, levels: int = LEVELS) -> list[bytes] | None:
    """Return the records that a JSON object carries, each as it is written there; None where it is a record itself.

    It carries records if it has an array of objects under a name that replies use and nothing beside it but scalars and
    envelopes, or has nothing but that array; if it is a search reply (``hits.hits[]._source``), a document of a search
    dump (``_index``, ``_source``) or a line of a Splunk export (``preview``, ``result``); if it has arrays each named for
    what their records are, which is written into them (``eventType``); if it is an envelope of a transport,
    in which a record may be a text (``envelopes.py``). Of what is in each other, ``levels`` are opened.
    """
    if _OBJECTS_INSIDE.search(raw) is None and not any(name in raw for name in _NAMES_INSIDE):
        return [] if _EMPTY.match(raw) else None
    members = _members(raw)
    if members is None or not levels:
        return None
    for one, record in _DUMPS:
        if one in members and record in members:
            return [bytes(members[record])]
    inside = _told(members) or opened(members)
    hits = _members(bytes(members["hits"])) if inside is None and "hits" in members else None
    if hits is not None and "hits" in hits:
        inside = _objects(bytes(hits["hits"])) or []
    if inside is None:
        return _array_of(members)
    return [record for one in inside for record in (unwrapped(one, levels=levels - 1) or [one])]


def entered(text: bytes) -> int | None:
    """Return where the elements begin of a wrapper that ``text`` is only the beginning of; None if it is none.

    Such a wrapper is told by what comes before its array: only scalars, or the objects that search replies begin with.
    """
    at = 0
    while (member := _MEMBER.match(text, at)) is not None:
        name, at = member[1].decode("utf-8", "replace").lower(), member.end()
        if name in _ARRAYS and _OBJECTS.match(text, at):
            return at + 1
        if name == "hits" and text[at : at + 1] == b"{":
            continue
        value = _SCALAR.match(text, at)
        if value is None:
            value = _FLAT.match(text, at) if name in _ENVELOPES else None
        if value is None:
            return None
        at = value.end()
    return None


def _told(members: _Members) -> list[bytes]:
    """Return the records of all arrays of a reply of Proofpoint, each with the name of its array in it."""
    if "queryEndTime" not in members:
        return []
    named = ((kind, _objects(bytes(members[kind])) or []) for kind in _KINDS if kind in members)
    return [_with_kind(kind.encode(), record[1:].lstrip()) for kind, records in named for record in records]


def _with_kind(kind: bytes, rest: bytes) -> bytes:
    """Return an object whose first member says what it is, given what follows its opening brace."""
    return b'{"eventType":"%b"%b%b' % (kind, b"" if rest == b"}" else b",", rest)


def _array_of(members: _Members) -> list[bytes] | None:
    """Return the elements of the one array of objects among the members, if the others are but its envelope."""
    found: list[bytes] | None = None
    for name, value in members.items():
        raw = bytes(value)
        opening = raw[:1]
        if found is None and opening == b"[" and (name.lower() in _ARRAYS or len(members) == 1):
            found = _objects(raw)
            if found is not None:
                continue
        if opening == b"{" and name.lower() not in _ENVELOPES:
            return None
        if opening == b"[" and name.lower() not in _ENVELOPES and _objects(raw) is not None:
            return None
    return found


def _members(raw: bytes) -> _Members | None:
    try:
        return _MEMBERS.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _objects(raw: bytes) -> list[bytes] | None:
    """Return the elements of an array of objects; None if it is none or an empty one."""
    try:
        elements = [bytes(element) for element in _ELEMENTS.decode(raw)]
    except (msgspec.DecodeError, RecursionError):
        return None
    return elements if elements and all(element[:1] == b"{" for element in elements) else None
