"""Decoders of Wazuh: what becomes of them, and which fields the mapping files made of them find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.contract import Context
from bartizan.collect.mapped.files import read_mapping
from bartizan.rules.imports import import_rules
from bartizan.rules.imports.wazuh.captures import Names, located
from bartizan.rules.imports.wazuh.patterns import UnknownPatternError
from bartizan.rules.imports.writing import text_of
from bartizan.schema.columns import ABSENT
from bartizan.schema.expressions import evaluate

if TYPE_CHECKING:
    from pathlib import Path

DECODERS = r"""<var name="FROM">from</var>
<decoder name="door"><program_name>^doord$|^gate</program_name></decoder>
<decoder name="door-denied">
  <parent>door</parent>
  <prematch>^DENIED </prematch>
  <regex offset="after_prematch">^user (\S+) $FROM (\S+)$|^badge (\d+)</regex>
  <order>srcuser, srcip</order>
  <fts>name, srcuser</fts>
</decoder>
<decoder name="door-open">
  <parent>door</parent>
  <use_own_name>true</use_own_name>
  <prematch>^OPEN</prematch>
  <regex>user=(\S+)</regex>
  <order>user</order>
</decoder>
<decoder name="door-open">
  <parent>door</parent>
  <regex offset="after_regex" type="pcre2"> badge=(\d+)(?: \((x)\))?</regex>
  <order>door.badge</order>
</decoder>
"""


def read(folder: Path, text: str) -> Any:  # noqa: ANN401 - an Imported
    (folder / "d.xml").write_text(text, encoding="utf-8")
    return import_rules("wazuh", folder)


def seen(folder: Path, mapping: Any, lines: list[str]) -> list[dict[str, Any] | None]:  # noqa: ANN401 - a document
    """Return what rules see of each line, with the service that it serves; None of a line that is not read."""
    path = folder / "mapping.yml"
    path.write_text(text_of([mapping]), encoding="utf-8")
    parsed = read_mapping(path).parse([line.encode() for line in lines], Context(modified=1_800_000_000.0))
    found: list[dict[str, Any] | None] = [None] * len(lines)
    for part in parsed.parts:
        view = part.route.views[0]
        names = {name: name for name in part.frame.columns if not name.startswith(("syslog.", "@"))} | dict(view.aliases)
        for row, record in enumerate(part.rows):
            told = {"service": view.logsource.service}
            for name, alias in names.items():
                cells = part.frame.column(alias) if isinstance(alias, str) else evaluate({"x": alias}, part.frame).column("x")
                cell = cells.cells()[row]
                if cell is not ABSENT and cell is not None:
                    told[name] = cell
            found[record] = told
    return found


def test_a_decoder_and_its_children_find_their_fields(tmp_path: Path) -> None:
    imported = read(tmp_path, DECODERS)
    assert [(one.id, one.fate) for one in imported.sources] == [
        ("door", "carried"),
        ("door-denied", "carried"),
        ("door-open", "carried"),
        ("door-open", "carried"),
    ]
    lines = [
        "May 16 08:00:01 web-1 doord[7]: Denied user bob from 192.0.2.7",
        "May 16 08:00:01 web-1 gate-2[7]: DENIED badge 77",
        "May 16 08:00:01 web-1 doord[7]: DENIED otherwise",
        "May 16 08:00:01 web-1 doord[7]: OPEN for user=eve badge=7",
        "May 16 08:00:01 web-1 doord[7]: started",
        "May 16 08:00:01 web-1 other[7]: DENIED user bob from 192.0.2.7",
    ]
    told = seen(tmp_path, imported.mappings["wazuh-door"], lines)
    door, host = {"service": "door", "hostname": "web-1", "program_name": "doord"}, {"hostname": "web-1", "program_name": "doord"}
    assert [one and {key: value for key, value in one.items() if "__" not in key and key != "door_badge"} for one in told] == [
        {**door, "log": "Denied user bob from 192.0.2.7", "srcuser": "bob", "user": "bob", "srcip": "192.0.2.7"},
        {**door, "program_name": "gate-2", "log": "DENIED badge 77", "srcuser": "77", "user": "77"},
        {**door, "log": "DENIED otherwise"},
        {**host, "service": "door-open", "log": "OPEN for user=eve badge=7", "user": "eve", "door.badge": "7"},
        {**door, "log": "started"},
        None,
    ]


def test_what_a_decoder_cannot_do_here_is_refused(tmp_path: Path) -> None:
    text = r"""<decoder><prematch>a</prematch></decoder>
<decoder name="all"/>
<decoder name="built"><prematch>x</prematch><plugin_decoder>PF_Decoder</plugin_decoder></decoder>
<decoder name="built-child"><parent>built</parent><regex>(a)</regex><order>id</order></decoder>
<decoder name="orphan"><parent>none</parent><regex>(a)</regex><order>id</order></decoder>
<decoder name="negated"><prematch type="osmatch">!a</prematch></decoder>
<decoder name="names"><program_name type="pcre2">a+</program_name></decoder>
<decoder name="odd"><prematch>x</prematch><weird/></decoder>
<decoder name="loose"><prematch>x</prematch><regex>(a)</regex></decoder>
<decoder name="json"><prematch>^{</prematch><plugin_decoder>JSON_Decoder</plugin_decoder></decoder>
"""
    imported = read(tmp_path, text)
    assert list(imported.problems) == ["d.xml:1: a decoder without a name: not read"]
    assert {one.id: [f"{piece.part} {piece.fate}" for piece in one.pieces] for one in imported.sources} == {
        "all": ["prematch refused"],
        "built": ["plugin_decoder refused"],
        "built-child": ["parent refused"],
        "negated": ["decoder carried", "regex refused"],
        "names": ["program_name refused"],
        "odd": ["weird refused"],
        "loose": ["regex approximated"],
        "json": ["plugin_decoder approximated"],
        "orphan": ["parent refused"],
    }
    assert sorted(imported.mappings) == ["wazuh-loose"]


def test_rules_see_the_fields_of_given_decoders_and_of_json(tmp_path: Path) -> None:
    rules = """<group name="g,">
<rule id="1" level="5"><decoded_as>door</decoded_as><user>^bob$</user><srcip>192.0.2.0/24</srcip></rule>
<rule id="2" level="5"><decoded_as>door</decoded_as><url>x</url></rule>
<rule id="3" level="5"><decoded_as>json</decoded_as><field name="a.b">^x$</field></rule>
</group>"""
    imported = read(tmp_path, DECODERS + rules)
    assert [(rule.id, rule.fate) for rule in imported.rules] == [("1", "carried"), ("2", "refused"), ("3", "carried")]
    assert imported.rules[0].documents[0]["logsource"] == {"product": "wazuh", "service": "door"}
    assert imported.mappings["wazuh-json"]["recognise"] == [{"a.b": "present"}]


@pytest.mark.parametrize(
    ("pattern", "kind", "order", "expression"),
    [
        ("^a (\\S+)|(\\d+)$", "osregex", ["x", "y"], r"(?i:a (?P<x>[^ ]+)|[\s\S]*?(?P<x__2>[0-9]+)\Z)"),
        ("(a)(b)", "osregex", ["a.b"], r"(?i:[\s\S]*?(?P<a_b>a)(?:b))"),
        ("^(?:x)([(])(y)", "pcre2", ["p", "q"], "(?:(?:x)(?P<p>[(])(?P<q>y))"),
        ("^a|b$", "osmatch", [], r"(?i:a|[\s\S]*?b\Z)"),
    ],
)
def test_groups_take_the_names_of_fields(pattern: str, kind: str, order: list[str], expression: str) -> None:
    assert located(pattern, kind, order=order, names=Names()) == expression


def test_a_negated_pattern_is_nowhere() -> None:
    with pytest.raises(UnknownPatternError):
        located("!a", "osmatch")
