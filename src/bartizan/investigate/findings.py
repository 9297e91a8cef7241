"""Read findings with everything that they name: who acts, on what, with what, and the words that their rules matched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.detect.alerts.reading import flatten
from bartizan.investigate.contract import Finding, Named
from bartizan.schema.columns import text_of
from bartizan.schema.entities import Entity, EntityKind, Role, mentions_of
from bartizan.schema.names import distinguishes, normal_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.schema.columns import Cell

__all__ = ["Unread", "read_findings", "things_in"]

_FINDING: Final = 2004
_MILLI: Final = 1_000_000
_LONGEST: Final = 400
"""Characters of a matched value that are kept."""
_READ: Final = 20_000
"""Characters of a record's text in which names are looked for."""
_ADDRESS: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_SITE: Final = re.compile(r"\b[a-z]{2,6}://([a-z0-9.-]+\.[a-z]{2,18})\b", re.IGNORECASE)
_ENCODED: Final = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){12,}(?![0-9A-Fa-f])")
"""What auditd writes where an argument holds a space."""
_KEPT: Final = frozenset(Role)


class Unread:
    """Counts lines that are no findings; ``example`` names the first."""

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.example = ""


def read_findings(lines: Iterable[bytes], path: str, unread: Unread) -> Iterator[Finding]:
    """Yield the findings of some lines; what is none is counted."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _finding(msgspec.json.decode(line, type=dict[str, Any]))
        except (msgspec.DecodeError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            unread.count += 1
            unread.example = unread.example or f"{path}:{number}: {error!r}"


def things_in(text: str) -> tuple[Entity, ...]:
    """Return the addresses and the hosts of URLs that a text names, each once, in the order of their kinds."""
    text = text[:_READ]
    for encoded in _ENCODED.findall(text):
        text += " " + bytes.fromhex(encoded).decode("utf-8", "replace")
    found: dict[Entity, None] = {}
    for kind, pattern in ((EntityKind.IP, _ADDRESS), (EntityKind.DOMAIN, _SITE)):
        for word in pattern.findall(text):
            name = normal_name(kind.value, word)
            # What ends in .0 is a network, or the version of a program.
            if name is not None and distinguishes(name.kind, name.value) and not (name.kind == "ip" and name.value.endswith(".0")):
                found[Entity(EntityKind(name.kind), name.value)] = None
    return tuple(found)


def _finding(read: Mapping[str, Any]) -> Finding:
    info = read["finding_info"]
    analytic = info.get("analytic") or {}
    rule = analytic.get("uid") or analytic.get("name") or info.get("title")
    if read.get("class_uid", _FINDING) != _FINDING or not rule:
        message = "is no Detection Finding of a rule"
        raise ValueError(message)
    bytes.fromhex(info["uid"])
    evidences = [one for one in read.get("evidences") or () if isinstance(one, dict)]
    data = evidences[0].get("data") if evidences else None
    first: Mapping[str, Any] = data if isinstance(data, dict) else {}
    origin = first.get("origin") or {}
    attacks = info.get("attacks") or ()
    return Finding(
        uid=str(info["uid"]),
        time=int(read["time"]) * _MILLI,
        rule=str(rule),
        title=str(info.get("title") or rule),
        severity_id=int(read.get("severity_id") or 0),
        confidence_id=int(read.get("confidence_id") or 0),
        tactics=tuple(dict.fromkeys(one["tactic"]["name"] for one in attacks if one.get("tactic"))),
        techniques=tuple(dict.fromkeys(filter(None, map(_technique, attacks)))),
        named=tuple(dict.fromkeys(_named(read, evidences))),
        records=tuple(dict.fromkeys(str(one["uid"]) for one in evidences if one.get("uid"))),
        origin=str(origin.get("path") or ""),
        record=int(origin.get("record") or 0),
        source=str((read.get("metadata") or {}).get("log_source") or ""),
        matched=tuple((name, _text(value)) for name, value in sorted((first.get("matched") or {}).items())),
    )


def _technique(attack: Mapping[str, Any]) -> str:
    return str((attack.get("sub_technique") or attack.get("technique") or {}).get("uid") or "")


def _named(read: Mapping[str, Any], evidences: Sequence[dict[str, Any]]) -> Iterator[Named]:
    """Yield what all records of a finding name, and what their words do; of several records only what each of them names."""
    shown = [tuple(_of_record(read, one)) for one in evidences or ({},)]
    for named in shown[0]:
        if all(named in other for other in shown):
            yield named


def _of_record(read: Mapping[str, Any], evidence: Mapping[str, Any]) -> Iterator[Named]:
    record: dict[str, Cell] = {}
    if isinstance(read.get("device"), dict):
        flatten(read["device"], "device.", record)
    if isinstance(read.get("cloud"), dict):
        flatten(read["cloud"], "cloud.", record)
    flatten({name: value for name, value in evidence.items() if name != "data"}, "", record)
    for mention in mentions_of(record):
        if mention.distinguishing and mention.role in _KEPT:
            yield Named(mention.entity, mention.role)
    data = evidence.get("data")
    words = [str(data.get("raw_data") or ""), *map(_text, (data.get("matched") or {}).values())] if isinstance(data, dict) else []
    for entity in things_in(" ".join(words)):
        yield Named(entity, Role.OBJECT, "named-in-text")


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))[:_LONGEST]
    text = text_of(value) if isinstance(value, str | int | float | bool) or value is None else repr(value)
    return (text or "")[:_LONGEST]
