"""Wazuh's XML, as people write it and as nobody should."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.rules.imports.wazuh.xml import MAX_BYTES, Broken, Element, elements


def shape(found: list[Element]) -> list[object]:
    return [(one.name, one.attributes, one.line, one.text.strip(), shape(one.children)) for one in found]


def test_many_roots_bare_ampersands_and_escaped_brackets_are_read() -> None:
    text = """<!-- ours -- really -->
<var name="x">a & b</var>
<group name='g,'>
  <rule id="1" level="3"><match>&lt;script&#62; \\<b &amp;lt; &unknown;</match><same_user /></rule>
</group>
"""
    rule = ("rule", {"id": "1", "level": "3"}, 4, "", [("match", {}, 4, "<script> <b &lt; &unknown;", []), ("same_user", {}, 4, "", [])])
    assert shape(elements(text.encode())) == [("var", {"name": "x"}, 2, "a & b", []), ("group", {"name": "g,"}, 3, "", [rule])]


@pytest.mark.parametrize(
    ("content", "why", "line"),
    [
        (
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<group>&b;</group>',
            "declares a document type or entities, which rules do not need",
            1,
        ),
        (b'\n<!ENTITY a SYSTEM "file:///etc/passwd">', "declares a document type or entities, which rules do not need", 2),
        (b"<group>\n<rule id='1'>", "ends inside <rule>, which begins on this line: is it cut off?", 2),
        (b"<group>\n</rule>", "</rule> closes nothing: <group> of line 1 is open", 2),
        (b"</rule>", "</rule> closes nothing: nothing is open", 1),
        (b"<a>" * 20, "is nested deeper than 16 elements", 1),
        (b" " * (MAX_BYTES + 1), "has more than 32 MiB, which no rule file has", 0),
    ],
)
def test_a_file_that_is_broken_or_hostile_says_where(content: bytes, why: str, line: int) -> None:
    with pytest.raises(Broken) as raised:
        elements(content)
    assert (raised.value.why, raised.value.line) == (why, line)


def test_files_of_other_encodings_are_read_too() -> None:
    text = "<group name='é'/>"
    for content in (text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode(), text.encode()):
        assert [one.attributes for one in elements(content)] == [{"name": "é"}]
    assert elements(b"<group name='\xe9'/>")[0].attributes == {"name": "\\xe9"}


@given(st.binary(max_size=200) | st.text(alphabet="<>/ab='\"&;#!-[]\\ \n", max_size=80).map(str.encode))
def test_no_file_raises_anything_else(content: bytes) -> None:
    with suppress(Broken):
        elements(content)
