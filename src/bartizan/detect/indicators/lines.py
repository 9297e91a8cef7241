"""Take indicators out of text: a value on each line, or a CSV table whose header (or the user) names its columns."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from bartizan.detect.indicators.contract import UNSAID, Kind
from bartizan.detect.indicators.keeping import Said
from bartizan.schema.time import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.detect.indicators.keeping import Keeper

__all__ = ["COLUMNS", "LINE_BYTES", "cut", "header_of", "take_list", "take_table"]

LINE_BYTES: Final = 64 << 10
"""The longest line that is read; the rest of a longer one is skipped and the line refused."""
COLUMNS: Final = {
    "value": ("value", "indicator", "ioc", "ioc_value", "indicator_value", "observable"),
    "type": ("type", "ioc_type", "indicator_type", "kind"),
    "confidence": ("confidence", "confidence_level", "score"),
    "source": ("source", "feed", "provider", "reporter"),
    "since": ("since", "valid_from", "last_seen", "last_seen_utc", "first_seen_utc", "first_seen", "date", "dateadded"),
    "until": ("until", "valid_until", "expires", "expiration", "expiry"),
    "name": ("name", "description", "threat", "malware", "malware_printable", "comment", "tags"),
    "ip": ("ip", "ip_address", "dst_ip", "src_ip", "address"),
    "network": ("network", "cidr", "subnet"),
    "domain": ("domain", "hostname", "host", "fqdn"),
    "url": ("url", "uri"),
    "hash": ("hash", "md5", "md5_hash", "sha1", "sha1_hash", "sha256", "sha256_hash", "sha512"),
    "email": ("email", "mail"),
    "ja3": ("ja3", "ja3_md5"),
    "ja4": ("ja4",),
}
"""What a column can be -> the names under which headers call it, lower case, in the order of preference."""
_TYPES: Final = {
    **{kind.value: kind for kind in Kind},
    **dict.fromkeys(("ipv4", "ipv6", "ipv4-addr", "ipv6-addr", "ip-dst", "ip-src", "ip:port", "ip_address"), Kind.IP),
    **dict.fromkeys(("cidr", "subnet"), Kind.NETWORK),
    **dict.fromkeys(("domain-name", "hostname", "host", "fqdn"), Kind.DOMAIN),
    **dict.fromkeys(("uri",), Kind.URL),
    **dict.fromkeys(("md5", "sha1", "sha-1", "sha256", "sha-256", "sha512", "md5_hash", "sha1_hash", "sha256_hash", "filehash"), Kind.HASH),
    **dict.fromkeys(("email-addr", "mail", "email-src"), Kind.EMAIL),
    "ja3_fingerprint": Kind.JA3,
}
_KNOWN: Final = {name: meaning for meaning, names in COLUMNS.items() for name in names}
_KINDS: Final = {kind.value for kind in Kind}
_COMMENTS: Final = ("#", ";", "//")


def cut(blocks: Iterable[bytes]) -> Iterator[tuple[int, str | None]]:
    """Yield the number and text of each line, None for a line that is too long. What is not UTF-8 is shown escaped."""
    number, rest, skipping = 0, b"", False
    for block in blocks:
        pieces = (rest + block).split(b"\n")
        rest = pieces.pop()
        for piece in pieces:
            number += 1
            yield number, None if skipping or len(piece) > LINE_BYTES else piece.rstrip(b"\r").decode("utf-8", "backslashreplace")
            skipping = False
        if len(rest) > LINE_BYTES:
            skipping, rest = True, b""
    if rest or skipping:
        yield number + 1, None if skipping else rest.rstrip(b"\r").decode("utf-8", "backslashreplace")


def take_list(lines: Iterable[tuple[int, str | None]], keeper: Keeper, source: str) -> None:
    """Take in a value from each line: up to a blank, so that a hosts file and a comment behind a value are read too."""
    said = Said(source=source)
    for number, line in lines:
        if line is None:
            keeper.refuse(number, "", f"a line of more than {LINE_BYTES} bytes")
            continue
        text = line.strip()
        if not text or text.startswith(_COMMENTS):
            continue
        words = text.split()
        word = words[1] if len(words) > 1 and words[0] in {"0.0.0.0", "127.0.0.1", "::"} else words[0]  # noqa: S104 - how hosts files block
        keeper.take(number, word.rstrip(","), said)


def header_of(line: str) -> list[str] | None:
    """Return the meanings of a table's columns by its header ("" of one not known), None where this is no header."""
    cells = [cell.strip().strip("\"'").lower().replace(" ", "_") for cell in _cells(line.lstrip("# "))]
    meanings = [_KNOWN.get(cell, "") for cell in cells]
    return meanings if len(cells) > 1 and _valued(meanings) else None


def take_table(lines: Iterable[tuple[int, str | None]], keeper: Keeper, source: str, columns: Sequence[str]) -> None:
    """Take in the rows of a table; ``columns`` says what each column is, "" of one that is not read. A row is a line."""
    for number, line in lines:
        if line is None:
            keeper.refuse(number, "", f"a line of more than {LINE_BYTES} bytes")
            continue
        if not line.strip() or line.startswith(_COMMENTS):
            continue
        _row(number, _cells(line), keeper, (source, columns))


def _row(number: int, cells: Sequence[str], keeper: Keeper, about: tuple[str, Sequence[str]]) -> None:
    source, columns = about
    told: dict[str, str] = {}
    values: list[tuple[str, str]] = []
    for meaning, cell in zip(columns, cells, strict=False):
        text = cell.strip()
        if text and meaning in _KINDS | {"value"}:
            values.append((meaning, text))
        elif text and meaning:
            told.setdefault(meaning, text)
    if not values:
        keeper.refuse(number, ",".join(cells), "the row has no value")
        return
    said = Said(
        source=told.get("source", source),
        confidence=_confidence(told.get("confidence", "")),
        since=_time(told.get("since", "")),
        until=_time(told.get("until", "")),
        name=told.get("name", "")[:200],
    )
    for meaning, text in values:
        named = _TYPES.get(told.get("type", "").lower()) if meaning == "value" else Kind(meaning)
        bare = text.rpartition(":")[0] if told.get("type", "").lower() == "ip:port" else text
        keeper.take(number, bare, said, Kind.NETWORK if named is Kind.IP and "/" in bare else named)


def _valued(meanings: Sequence[str]) -> bool:
    return any(meaning == "value" or meaning in _KINDS for meaning in meanings)


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:
        return line.split(",")


def _confidence(text: str) -> int:
    try:
        return min(max(int(float(text.rstrip("% "))), 0), 100)
    except (ValueError, OverflowError):
        return {"high": 90, "medium": 60, "low": 30}.get(text.lower(), UNSAID)


def _time(text: str) -> int | None:
    found = nanoseconds(text) if text else None
    return found if isinstance(found, int) else None
