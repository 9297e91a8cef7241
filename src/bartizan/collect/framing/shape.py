"""Tell from a file's first bytes how to cut it into records. Names of files are not asked: they lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

import msgspec

from bartizan.collect.contract import Framing
from bartizan.collect.framing.binary import binary_name
from bartizan.collect.framing.encodings import encoding_of
from bartizan.collect.framing.text import is_heading
from bartizan.collect.framing.wrappers import unwrapped

__all__ = ["EVTX_MAGIC", "SNIFF_BYTES", "Layout", "Shape", "shape_of"]

SNIFF_BYTES: Final = 256 << 10
"""What is looked at: the longest single records seen in real logs fit in it several times."""

EVTX_MAGIC: Final = b"ElfFile\x00"
_DIRECTIVE: Final = re.compile(rb"#[A-Za-z][\w-]*[:\s]")
"""First line of a log that explains itself (Zeek, W3C). ``#1604998782`` (shell history) and comments are no directives."""
_LINES: Final = 16
_SPACE: Final = b" \t\r\n"


class Layout(Enum):
    """How records lie in a file."""

    LINES = "one a line"
    DOCUMENTS = "JSON values that span lines, share lines or hold the records in an array"
    EVTX = "EVTX chunks"
    NONE = "no records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a file is cut: ``skip`` bytes of mark come first; ``directed`` where lines with ``#`` or names of columns are its head."""

    layout: Layout
    framing: Framing | None = None
    encoding: str = "utf-8"
    skip: int = 0
    directed: bool = False
    note: str = ""


def shape_of(begin: bytes) -> Shape:
    """Return the shape of a file that begins with ``begin`` (``SNIFF_BYTES`` of it, or all)."""
    if not begin:
        return Shape(layout=Layout.NONE, note="empty")
    if begin.startswith(EVTX_MAGIC):
        return Shape(layout=Layout.EVTX, framing=Framing.EVTX)
    encoding, skip = encoding_of(begin)
    if encoding != "utf-8":
        return Shape(layout=Layout.LINES, encoding=encoding, skip=skip, note=f"{encoding.upper()}: read as such")
    text = begin[skip:]
    if note := binary_name(text):
        return Shape(layout=Layout.NONE, note=note)
    layout, framing = _json_layout(text)
    begin = text.lstrip(_SPACE)
    directed = framing is Framing.LINES and (_DIRECTIVE.match(begin) is not None or is_heading(begin.partition(b"\n")[0]))
    return Shape(layout=layout, framing=framing, skip=skip, directed=directed)


def _json_layout(text: bytes) -> tuple[Layout, Framing]:
    """Tell JSON from text, and JSON with one record a line from any other.

    Most of the first lines decide, so that a first line cut off by log rotation does not.
    """
    lines = [line for line in text.split(b"\n", 4 * _LINES)[: 4 * _LINES] if line.strip()][:_LINES]
    whole = [line for line in lines if line.lstrip()[:1] == b"{" and _is_json(line)]
    begin = text.lstrip(_SPACE + b"\x1e")
    opening = begin[:1]
    carried = unwrapped(whole[0]) if whole else None
    if whole and 2 * len(whole) >= len(lines) and carried is None:
        return Layout.LINES, Framing.JSON
    if carried and carried[0].lstrip()[:1] != b"{":
        return Layout.DOCUMENTS, Framing.LINES
    if opening == b"{" and (whole or _may_be_object(begin)):
        return Layout.DOCUMENTS, Framing.JSON
    if opening == b"[" and _may_be_array(begin):
        return Layout.DOCUMENTS, Framing.JSON
    return Layout.LINES, Framing.LINES


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _may_be_object(text: bytes) -> bool:
    return re.match(rb'\{\s*("|\}|$)', text) is not None


def _may_be_array(text: bytes) -> bool:
    r"""Tell an array of objects from a text line such as ``[error] ...`` or ``[2026-01-02 ...``."""
    return re.match(rb"\[\s*(\{|\[\s*\{|\]\s*$|$)", text) is not None
