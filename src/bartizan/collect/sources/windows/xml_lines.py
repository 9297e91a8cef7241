"""Parse events that stand as XML in lines of text: rendered by ``wevtutil`` or a forwarder, or written to syslog by Sysmon."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Parsed, Part
from bartizan.collect.sources.windows.events import split, wanted_of
from bartizan.collect.sources.windows.routes import kind_of
from bartizan.collect.text_columns import Gatherer, lines_of
from bartizan.schema.cells import integer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.collect.sources.windows.kinds import Kind
    from bartizan.schema.columns import Cell

__all__ = ["parse", "recognise"]

_SYSTEM: Final = re.compile(r"<(EventID|Version|Level|Task|Opcode|Keywords|EventRecordID|Channel|Computer)(?: [^<>]*+)?>([^<]*+)")
_ATTRIBUTE: Final = re.compile(r"<(Provider|TimeCreated|Execution|Security|Correlation)\s([^>]*+)")
_PAIR: Final = re.compile(r"""\b(\w++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_DATA: Final = re.compile(r"""<Data(?:\s+Name\s*=\s*["']([^"']*)["'])?\s*(?:/>|>([^<]*))""")
_ELEMENT: Final = re.compile(r"<([\w.:-]++)(?:\s[^<>]*+)?>([^<]++)</\1>")
_NAMES: Final = {
    ("Provider", "Name"): "Provider_Name",
    ("Provider", "Guid"): "Provider_Guid",
    ("TimeCreated", "SystemTime"): "TimeCreated",
    ("Execution", "ProcessID"): "Execution_ProcessID",
    ("Execution", "ThreadID"): "Execution_ThreadID",
    ("Security", "UserID"): "Security_UserID",
    ("Security", "UserId"): "Security_UserID",
    ("Correlation", "ActivityID"): "Correlation_ActivityID",
}
_NUMBERS: Final = frozenset(("EventID", "Execution_ProcessID", "Execution_ThreadID"))
_UNNAMED: Final = "\0"
"""Stands between the texts of data without names while they travel as one."""


def recognise(records: Sequence[bytes], mine: Callable[[str], bool]) -> int:
    """Count the records that hold an event with an id, from a provider that is ``mine``."""
    fields = [_system(line) for line in lines_of(records)]
    return sum("EventID" in found and mine(found.get("Provider_Name", "")) for found in fields)


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Parse one event per line. An event cut off in its data is read as far as it goes: a long command line must not hide it."""
    gathered: dict[Kind, Gatherer] = {}
    unparsed: dict[int, str] = {}
    shapes: dict[tuple[Kind, tuple[str, ...]], list[tuple[int, tuple[str, ...]]]] = {}
    for index, line in enumerate(lines_of(records)):
        fields = _fields(line)
        number = integer(fields.get("EventID", ""))
        if not isinstance(number, int):
            unparsed[index] = "no event: there is no <EventID> with a number" if "<Event" in line else "a line without an <Event>"
            continue
        kind = kind_of(fields.get("Channel", ""), number, fields.get("Provider_Name", ""))
        shapes.setdefault((kind, tuple(fields)), []).append((index, tuple(fields.values())))
    for (kind, names), rows in shapes.items():
        if kind not in gathered:
            gathered[kind] = Gatherer(wanted_of(kind, context), _decoder)
        gathered[kind].add([index for index, _ in rows], names, list(zip(*(values for _, values in rows), strict=True)))
    parts: list[Part] = []
    for kind, gatherer in gathered.items():
        parts.extend(split(kind, gatherer.rows, gatherer.frame()))
    return Parsed(parts, unparsed)


def _fields(line: str) -> dict[str, str]:
    fields = _system(line)
    cut = max(line.find("<EventData"), line.find("<UserData"))
    if cut < 0:
        return fields
    body = line[cut:]
    unnamed: list[str] = []
    for name, value in _DATA.findall(body):
        if name:
            fields.setdefault(name, value)
        else:
            unnamed.append(value)
    if body.startswith("<UserData"):
        fields.update({f"UserData.{name}" if name in fields else name: value for name, value in _ELEMENT.findall(body)})
    if unnamed:
        fields["Data"] = _UNNAMED.join(unnamed)
    return fields


def _system(line: str) -> dict[str, str]:
    start = max(line.find("<Event"), 0)
    head = line[start:].partition("</System>")[0]
    fields = dict(_SYSTEM.findall(head))
    for element, attributes in _ATTRIBUTE.findall(head):
        for name, double, single in _PAIR.findall(attributes):
            known = _NAMES.get((element, name))
            if known:
                fields[known] = double or single
    return fields


def _decoder(name: str) -> Callable[[str], Cell]:
    if name in _NUMBERS:
        return integer
    return _list if name == "Data" else unescape


def _list(value: str) -> Cell:
    parts = tuple(map(unescape, value.split(_UNNAMED)))
    return parts if len(parts) > 1 else parts[0]
