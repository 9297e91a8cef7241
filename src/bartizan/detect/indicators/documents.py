"""Take indicators out of JSON documents: STIX 2.1 bundles, MISP events and feeds.

Sources: STIX 2.1 sections 4.7 (indicator) and 9 (patterns); MISP core format (attributes, objects, ``to_ids``, manifest).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.indicators.contract import UNSAID, Kind
from bartizan.detect.indicators.keeping import Said
from bartizan.detect.indicators.patterns import NotCarried, values_of
from bartizan.schema.time import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bartizan.detect.indicators.keeping import Keeper

__all__ = ["form_of", "take_document"]

_HASHES: Final = ("md5", "sha1", "sha256", "sha512")
_MISP_KINDS: Final[Mapping[str, Kind]] = {
    **{f"ip-{end}": Kind.IP for end in ("src", "dst")},
    **dict.fromkeys(("domain", "hostname"), Kind.DOMAIN),
    **dict.fromkeys(("url", "uri", "link"), Kind.URL),
    **dict.fromkeys(_HASHES, Kind.HASH),
    **dict.fromkeys(("email", "email-src", "email-dst", "email-reply-to"), Kind.EMAIL),
    "ja3-fingerprint-md5": Kind.JA3,
    "ja4-plus": Kind.JA4,
    "ja4": Kind.JA4,
}
_PAIRS: Final[Mapping[str, tuple[tuple[int, Kind], ...]]] = {
    "domain|ip": ((0, Kind.DOMAIN), (1, Kind.IP)),
    **{f"ip-{end}|port": ((0, Kind.IP),) for end in ("src", "dst")},
    "hostname|port": ((0, Kind.DOMAIN),),
    **{f"filename|{name}": ((1, Kind.HASH),) for name in _HASHES},
}
"""Attributes of two values with a bar between -> which of them name something by themselves."""


def form_of(document: object) -> str:
    """Return ``stix`` or ``misp``, "" for a document that is neither; ``manifest`` for the table of contents of a MISP feed."""
    if isinstance(document, list):
        return form_of(document[0]) if document else ""
    if not isinstance(document, Mapping):
        return ""
    if document.get("type") == "bundle" or (document.get("type") == "indicator" and "pattern" in document):
        return "stix"
    if isinstance(document.get("Event"), Mapping) or isinstance(document.get("response"), list | Mapping) or "Attribute" in document:
        return "misp"
    values = list(document.values())
    return "manifest" if values and all(isinstance(one, Mapping) and "Orgc" in one and "info" in one for one in values) else ""


def take_document(document: Any, keeper: Keeper, source: str) -> None:  # noqa: ANN401 - JSON
    """Take in everything that a document holds; ``source`` is said of what names none."""
    _FORMS[keeper.form](document, keeper, source)


def _stix(document: Any, keeper: Keeper, source: str) -> None:  # noqa: ANN401 - JSON
    bundles = document if isinstance(document, list) else [document]
    objects: list[Any] = []
    for bundle in bundles:
        inside = bundle.get("objects") if isinstance(bundle, Mapping) and bundle.get("type") == "bundle" else [bundle]
        objects += inside if isinstance(inside, list) else []
    names = {str(one.get("id")): _text(one.get("name")) for one in objects if isinstance(one, Mapping) and one.get("type") == "identity"}
    for place, one in enumerate(objects, 1):
        if not isinstance(one, Mapping):
            keeper.refuse(place, str(one), "is no STIX object")
        elif one.get("type") == "indicator":
            _stix_indicator(place, one, keeper, names.get(str(one.get("created_by_ref"))) or source)


def _stix_indicator(place: int, one: Mapping[str, Any], keeper: Keeper, source: str) -> None:
    pattern = one.get("pattern")
    if one.get("revoked") is True:
        keeper.refuse(place, _text(pattern), "was revoked by its source")
        return
    if not isinstance(pattern, str) or one.get("pattern_type", "stix") != "stix":
        keeper.refuse(place, _text(pattern), f"its pattern is of type '{_text(one.get('pattern_type'))[:40]}', not stix")
        return
    try:
        values = values_of(pattern)
    except NotCarried as why:
        keeper.refuse(place, pattern, str(why))
        return
    said = Said(
        source=source,
        confidence=_confidence(one.get("confidence")),
        since=_time(one.get("valid_from")),
        until=_time(one.get("valid_until")),
        uid=_text(one.get("id")),
        name=_text(one.get("name")),
    )
    for kind, value in values:
        keeper.take(place, value, said, kind)


def _misp(document: Any, keeper: Keeper, source: str) -> None:  # noqa: ANN401 - JSON
    place = 0
    for event in _events(document):
        organisation = event.get("Orgc")
        named = _text(organisation.get("name")) if isinstance(organisation, Mapping) else ""
        who, info = named or source, _text(event.get("info"))
        for attribute in _attributes(event):
            place += 1
            _misp_attribute(place, attribute, keeper, (who, info, event.get("timestamp")))


def _misp_attribute(place: int, one: Mapping[str, Any], keeper: Keeper, event: tuple[str, str, object]) -> None:
    kind, value = _text(one.get("type")), _text(one.get("value"))
    who, info, stamp = event
    refusal = ""
    if one.get("deleted") is True:
        refusal = "was deleted by its source"
    elif one.get("to_ids") not in (True, "1"):
        refusal = "is not marked to be looked for (to_ids)"
    elif kind not in _MISP_KINDS and kind not in _PAIRS:
        refusal = f"attributes of type {kind[:60]} are not looked for"
    if refusal:
        keeper.refuse(place, value, refusal)
        return
    since = _time(one.get("last_seen")) or _time(one.get("timestamp")) or _time(stamp)
    said = Said(source=who, since=since, uid=_text(one.get("uuid")), name=info)
    parts = value.split("|")
    for at, part_kind in _PAIRS.get(kind, ((0, _MISP_KINDS.get(kind, Kind.DOMAIN)),)):
        text = parts[at] if kind in _PAIRS and at < len(parts) else value
        keeper.take(place, text, said, Kind.NETWORK if part_kind is Kind.IP and "/" in text else part_kind)


def _events(document: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - JSON
    """Yield the events of what MISP exports: one, a list, or a list under ``response``."""
    inside = document.get("response", document) if isinstance(document, Mapping) else document
    for one in inside if isinstance(inside, list) else [inside]:
        event = one.get("Event", one) if isinstance(one, Mapping) else None
        if isinstance(event, Mapping):
            yield event


def _attributes(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    holders = [event, *(one for one in _list(event.get("Object")) if isinstance(one, Mapping))]
    for holder in holders:
        yield from (one for one in _list(holder.get("Attribute")) if isinstance(one, Mapping))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)[:200]


def _time(value: object) -> int | None:
    found = nanoseconds(value) if isinstance(value, str | int | float) else None
    return found if isinstance(found, int) and found else None


def _confidence(value: object) -> int:
    return min(max(value, 0), 100) if isinstance(value, int) and not isinstance(value, bool) else UNSAID


_FORMS: Final[Mapping[str, Callable[[Any, Keeper, str], None]]] = {
    "stix": _stix,
    "misp": _misp,
    "manifest": lambda _document, _keeper, _source: None,
}
