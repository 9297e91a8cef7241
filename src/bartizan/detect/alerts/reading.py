"""Read findings, OCSF Detection Findings as NDJSON or Parquet, as portions for a ledger.

Of a finding only what alerts need is decoded. What cannot be read as a finding is counted, with the first such line named.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec
import numpy as np

from bartizan.detect.alerts.contract import RuleFacts, Subject
from bartizan.detect.alerts.ledger import Portion
from bartizan.detect.alerts.severity import NAMES
from bartizan.schema.columns import Cell, text_of
from bartizan.schema.entities import TELLING, principals_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bartizan.schema.entities import Entity

__all__ = ["DEDUP_TAG", "GROUP_TAG", "Reader", "flatten"]

DEDUP_TAG: Final = "alert.dedup"
"""The tag of ``finding_info.tags`` that names the attributes whose values make findings one alert; without it the principals do."""
GROUP_TAG: Final = "correlation.group"
"""The tag in which a finding of a correlation says for which group of values it came true: that group is one alert."""
_BATCH: Final = 20_000
_HEX: Final = 32
_FINDING: Final = 2004
_MOST_VALUE: Final = 512
"""Characters of a value that are kept in a key."""


class _Tactic(msgspec.Struct):
    name: str = ""


class _Attack(msgspec.Struct):
    tactic: _Tactic | None = None


class _Tag(msgspec.Struct):
    name: str = ""
    value: str | None = None
    values: list[str] | None = None


class _Analytic(msgspec.Struct):
    uid: str = ""
    name: str = ""


class _Info(msgspec.Struct):
    uid: str = ""
    title: str = ""
    analytic: _Analytic | None = None
    attacks: list[_Attack] | None = None
    tags: list[_Tag] | None = None


def _shape(names: Iterable[str], title: str) -> type[msgspec.Struct]:
    """Return a struct of what stands under some dotted names; the rest of a JSON object is passed over without being built."""
    below: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition(".")
        below.setdefault(first, []).extend([rest] if rest else [])
    members = [(name, _shape(rest, f"{title}_{name}") | None if rest else Any, None) for name, rest in sorted(below.items())]
    return msgspec.defstruct(title, members)


if TYPE_CHECKING:
    _Artifact: TypeAlias = msgspec.Struct
    _Device: TypeAlias = msgspec.Struct
else:
    _Artifact = _shape(TELLING, "_Artifact")
    _Device = _shape([name.removeprefix("device.") for name in TELLING if name.startswith("device.")], "_Device")


class _Line(msgspec.Struct):
    finding_info: _Info
    time: int
    class_uid: int = _FINDING
    severity_id: int = 0
    confidence_id: int = 0
    evidences: list[_Artifact] | None = None
    device: _Device | None = None


class _Whole(msgspec.Struct):
    evidences: list[dict[str, Any]] | None = None
    device: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(_Line).decode
_decode_whole = msgspec.json.Decoder(_Whole).decode


@dataclass(slots=True)
class Reader:
    """Reads lines of one or more files. ``unread`` counts what is no finding; ``example`` names the first of them."""

    unread: int = 0
    example: str = ""

    def portions(self, lines: Iterable[bytes], path: str) -> Iterator[Portion]:
        """Yield the findings of some lines, in portions."""
        numbered = enumerate(lines, 1)
        while batch := list(islice(numbered, _BATCH)):
            yield self._portion(batch, path)

    def _portion(self, batch: list[tuple[int, bytes]], path: str) -> Portion:
        subjects: dict[Subject, int] = {}
        rules: dict[str, RuleFacts] = {}
        times: list[int] = []
        codes: list[int] = []
        uids: list[bytes] = []
        for number, line in batch:
            if not line.strip():
                continue
            try:
                found = _read(line)
            except (msgspec.DecodeError, ValueError, UnicodeDecodeError, RecursionError) as error:
                self.unread += 1
                self.example = self.example or f"{path}:{number}: {error}"
                continue
            rules[found.rule.id] = max(found.rule, rules.get(found.rule.id, found.rule))
            codes.append(subjects.setdefault(found.subject, len(subjects)))
            times.append(found.time)
            uids.append(found.uid)
        words = np.frombuffer(b"".join(uids), np.dtype(">u8")).astype(np.uint64).reshape(-1, 2)
        return Portion(np.array(times, np.int64), np.array(codes, np.int64), words, list(subjects), list(rules.values()))


@dataclass(frozen=True, slots=True)
class _Found:
    time: int
    uid: bytes
    rule: RuleFacts
    subject: Subject


def _read(line: bytes) -> _Found:
    one = _decode(line)
    info = one.finding_info
    if one.class_uid != _FINDING:
        message = f"class_uid {one.class_uid} is no Detection Finding"
        raise ValueError(message)
    rule_id = (info.analytic.uid or info.analytic.name if info.analytic else "") or info.title
    if not rule_id or len(info.uid) != _HEX:
        message = "finding_info has no rule, or a uid that is not 32 hexadecimal digits"
        raise ValueError(message)
    tactics = {attack.tactic.name for attack in info.attacks or () if attack.tactic}
    known = len(NAMES)
    rule = RuleFacts(
        rule_id,
        info.title,
        one.severity_id if 0 <= one.severity_id < known else 0,
        one.confidence_id if 0 <= one.confidence_id < known else 0,
        tuple(sorted(tactics)),
    )
    return _Found(_time(one), bytes.fromhex(info.uid), rule, _subject(rule_id, one, line))


def _time(one: _Line) -> int:
    """Return nanoseconds; a time that 64 bits cannot hold is no finding's."""
    time = one.time * 1_000_000
    if not -(2**63) <= time < 2**63:
        message = f"time {one.time} lies outside of what can be counted"
        raise ValueError(message)
    return time


def _subject(rule: str, one: _Line, line: bytes) -> Subject:
    entities = _entities(one)
    tags = {tag.name: tag for tag in one.finding_info.tags or ()}
    fields = tags[DEDUP_TAG].values if DEDUP_TAG in tags else None
    if fields:
        record, matched = _first(_decode_whole(line))
        return Subject(rule, tuple((name, _value(record.get(name, matched.get(name)))) for name in fields), entities)
    group = tags[GROUP_TAG].value if GROUP_TAG in tags else None
    if group:
        return Subject(rule, ((GROUP_TAG, group[:_MOST_VALUE]),), entities)
    return Subject(rule, tuple((entity.kind.value, entity.value) for entity in entities), entities)


def _entities(one: _Line) -> tuple[Entity, ...]:
    """Return the principals that all records of a finding name; those of the first where there is none: a correlation shows several."""
    device: dict[str, Cell] = {}
    if one.device is not None:
        _told(one.device, "device.", device)
    found: list[tuple[Entity, ...]] = []
    for artifact in one.evidences or (None,):
        record = dict(device)
        if artifact is not None:
            _told(artifact, "", record)
        found.append(principals_of(record))
    if len(found) == 1:
        return found[0]
    return tuple(entity for entity in found[0] if all(entity in other for other in found)) or found[0]


def _told(part: msgspec.Struct, prefix: str, into: dict[str, Cell]) -> None:
    """Put what a struct has under its dotted names."""
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if value is None:
            continue
        if isinstance(value, msgspec.Struct):
            _told(value, f"{prefix}{name}.", into)
        else:
            into[prefix + name] = tuple(value) if isinstance(value, list) else value


def _first(whole: _Whole) -> tuple[dict[str, Cell], Mapping[str, Any]]:
    """Return all that the first evidence artifact shows of its record, and the rule's own fields that matched in it."""
    record: dict[str, Cell] = {}
    matched: object = None
    if whole.device is not None:
        flatten(whole.device, "device.", record)
    for artifact in (whole.evidences or ())[:1]:
        data = artifact.pop("data", None)
        matched = data.get("matched") if isinstance(data, dict) else None
        flatten(artifact, "", record)
    return record, matched if isinstance(matched, dict) else {}


def flatten(value: Mapping[str, Any], prefix: str, into: dict[str, Cell]) -> None:
    """Put the members of an object into ``into`` under dotted names that begin with ``prefix``."""
    for name, item in value.items():
        if isinstance(item, dict):
            flatten(item, f"{prefix}{name}.", into)
        else:
            into[f"{prefix}{name}"] = tuple(item) if isinstance(item, list) else item


def _value(cell: Cell) -> str:
    text = text_of(cell)
    if text is None:
        text = "" if cell is None else repr(cell)
    return text[:_MOST_VALUE]
