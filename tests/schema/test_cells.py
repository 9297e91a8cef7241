"""Each function of one cell, on what logs write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.schema import cells
from bartizan.schema.columns import ABSENT, Cell

if TYPE_CHECKING:
    from bartizan.schema.expressions import Function

PRINTS = (
    {"algorithm": "SHA-1", "algorithm_id": 2, "value": "A9993E364706816ABA3E25717850C26C9CD0D89D"},
    {"algorithm": "MD5", "algorithm_id": 1, "value": "900150983CD24FB0D6963F7D28E17F72"},
    {"algorithm": "IMPHASH", "algorithm_id": 99, "value": "D41D8CD98F00B204E9800998ECF8427E"},
)
HASHES = ",".join(f"{name}={item['value']}" for name, item in zip(("SHA1", "MD5", "IMPHASH"), PRINTS, strict=True))


@pytest.mark.parametrize(
    ("function", "cell", "result"),
    [
        (cells.text, 7, "7"),
        (cells.text, (), ABSENT),
        (cells.present, " - ", ABSENT),
        (cells.present, "N/A", ABSENT),
        (cells.present, "x", "x"),
        (cells.present, 0, 0),
        (cells.lower, "ABC", "abc"),
        (cells.lower, {}, ABSENT),
        (cells.integer, "0x1F", 31),
        (cells.integer, "-12", -12),
        (cells.integer, 12, 12),
        (cells.integer, 12.0, 12),
        (cells.integer, 12.5, ABSENT),
        (cells.integer, True, ABSENT),
        (cells.integer, "twelve", ABSENT),
        (cells.integer, ("1",), ABSENT),
        (cells.port, "443", 443),
        (cells.port, "65536", ABSENT),
        (cells.port, "-", ABSENT),
        (cells.boolean, "True", True),
        (cells.boolean, 0, False),
        (cells.boolean, "perhaps", ABSENT),
        (cells.boolean, (), ABSENT),
        (cells.basename, "C:\\Windows\\System32\\cmd.exe", "cmd.exe"),
        (cells.basename, "/usr/bin/bash", "bash"),
        (cells.basename, "cmd.exe", "cmd.exe"),
        (cells.basename, "C:\\Windows\\", "Windows"),
        (cells.basename, "", ABSENT),
        (cells.basename, (), ABSENT),
        (cells.folder, "C:\\Windows\\cmd.exe", "C:\\Windows"),
        (cells.folder, "/init", "/"),
        (cells.folder, "cmd.exe", ABSENT),
        (cells.account, "EXAMPLE\\operator", "operator"),
        (cells.account, "operator", "operator"),
        (cells.account, "-", ABSENT),
        (cells.domain, "EXAMPLE\\operator", "EXAMPLE"),
        (cells.domain, "operator", ABSENT),
        (cells.hostname, "\\\\WS01.example.com.", "WS01.example.com"),
        (cells.hostname, "-", ABSENT),
        (cells.guid, "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}", "5770385f-c22a-43e0-bf4c-06f5698ffbd9"),
        (cells.guid, "{00000000-0000-0000-0000-000000000000}", ABSENT),
        (cells.ip, "::ffff:192.0.2.7", "192.0.2.7"),
        (cells.ip, "2001:DB8:0::1%12", "2001:db8::1"),
        (cells.ip, "[2001:db8::1]", "2001:db8::1"),
        (cells.ip, "LOCAL", ABSENT),
        (cells.ip, None, ABSENT),
        (cells.lookup({"4": 1}), 4, 1),
        (cells.lookup({"a": 1}), " A ", 1),
        (cells.lookup({"4": 1}, 0), "5", 0),
        (cells.lookup({"4": 1}, 0), (), 0),
        (cells.matched(r"user=(\w+)"), "USER=root", "root"),
        (cells.matched(r"user=(\w+)"), "nobody", ABSENT),
        (cells.matched(r"user=(\w+)"), (), ABSENT),
        (cells.fingerprints, HASHES, PRINTS),
        (cells.fingerprints, HASHES.replace(",", "|"), PRINTS),
        (
            cells.fingerprints,
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            ({**PRINTS[0], "value": "a9993e364706816aba3e25717850c26c9cd0d89d"},),
        ),
        (cells.fingerprints, "CTPH=x", ABSENT),
        (cells.fingerprints, "Unknown", ABSENT),
        (cells.fingerprints, "IMPHASH=00000000000000000000000000000000", ABSENT),
        (cells.fingerprint("MD5"), HASHES, "900150983CD24FB0D6963F7D28E17F72"),
        (cells.fingerprint("SHA256"), HASHES, ABSENT),
    ],
)
def test_a_cell_becomes_what_it_says(function: Function, cell: Cell, result: Cell) -> None:
    assert (function(cell), type(function(cell))) == (result, type(result))


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.just(("x",)))
def test_no_cell_makes_a_function_fail(cell: Cell) -> None:
    made = [cells.lookup({}), cells.matched("(x)"), cells.fingerprint("MD5")]
    plain = [function for name in cells.__all__ if name not in {"lookup", "matched", "fingerprint"} for function in [vars(cells)[name]]]
    for function in [*made, *plain]:
        result = function(cell)
        assert result is ABSENT or isinstance(result, str | int | float | tuple)
