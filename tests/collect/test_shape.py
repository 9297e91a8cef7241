"""What is no log is known by its first bytes, and said with what to do."""

from __future__ import annotations

import pytest
from tests.collect.frame import framed, records_of

from bartizan.collect.contract import Framing
from bartizan.collect.framing.binary import binary_name
from bartizan.collect.framing.shape import Layout, shape_of


@pytest.mark.parametrize(
    ("begin", "name"),
    [
        (b"\x7fELF\x02\x01\x01", "ELF program: not a log"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG image: not a log"),
        (b"MZ\x90\x00\x03", "Windows program: not a log"),
        (b"\x00\x05\x16\x07\x00\x02", "AppleDouble, a Mac's notes on another file: not a log"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "packet capture: not a log; let Zeek or Suricata read it, and give their logs"),
        (b"LPKSHHRH\x00", "systemd journal: not a log; give the output of journalctl --file PATH -o json"),
        (b"7z\xbc\xaf\x27\x1c\x00", "7z archive: not a log; unpack it first"),
        (bytes(range(1, 32)) * 20, "binary: not a log"),
        (bytes(range(128, 256)) * 20, "binary: not a log"),
        (b"type=SYSCALL msg=audit(1.1:1): a\x1dB=b\n", ""),
        (b"\x1b[31mcolour\x1b[0m\n", ""),
        ("\u00c4rger mit \u00dcbergr\u00f6\u00dfen\n".encode("latin-1"), ""),
        ("\u65e5\u672c\u8a9e\u306e\u30ed\u30b0\n".encode(), ""),
        (b"MZ is how this line begins\n", ""),
    ],
)
def test_a_file_is_known_by_its_first_bytes(begin: bytes, name: str) -> None:
    assert binary_name(begin) == name


def test_a_binary_file_has_no_records_and_all_its_bytes() -> None:
    data = b"\x7fELF" + bytes(range(256)) * 100
    (chunk,) = framed(data, 1000)
    assert (chunk.framing, chunk.records, chunk.size, chunk.notes) == (None, (), len(data), ("ELF program: not a log",))


@pytest.mark.parametrize(
    ("text", "layout", "framing"),
    [
        (b'{"a":1}\n{"a":2}\n', Layout.LINES, Framing.JSON),
        (b'\n\n  {"a":1}\n', Layout.LINES, Framing.JSON),
        (b'{"a":1}', Layout.LINES, Framing.JSON),
        (b'{\n"a":1}', Layout.DOCUMENTS, Framing.JSON),
        (b'{"Records":[{"a":1}]}', Layout.DOCUMENTS, Framing.JSON),
        (b'[{"a":1}]', Layout.DOCUMENTS, Framing.JSON),
        (b"[]", Layout.DOCUMENTS, Framing.JSON),
        (b'{"a":1} trailing\n{"a":2} trailing\n', Layout.DOCUMENTS, Framing.JSON),
        (b"[error] x\n", Layout.LINES, Framing.LINES),
        (b"{} {}\n", Layout.DOCUMENTS, Framing.JSON),
        (b"{a}\n", Layout.LINES, Framing.LINES),
        (b'Nov 1 host app: {"a":1}\n', Layout.LINES, Framing.LINES),
        (b"ElfFile\x00", Layout.EVTX, Framing.EVTX),
        (b"", Layout.NONE, None),
    ],
)
def test_the_layout_follows_from_the_content(text: bytes, layout: Layout, framing: Framing | None) -> None:
    shape = shape_of(text)
    assert (shape.layout, shape.framing) == (layout, framing)


def test_a_text_log_with_some_json_lines_is_text() -> None:
    lines = [b"plain line", b'{"a":1}', b"another", b"more"]
    assert (records_of(framed(b"\n".join(lines))), shape_of(b"\n".join(lines)).framing) == (lines, Framing.LINES)
