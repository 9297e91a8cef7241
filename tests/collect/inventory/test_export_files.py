"""Exports are read from any file: cut, packed, garbage, and of no format that is known."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts, Gap, Resource, Uid
from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.inventory.exports.reading import formats, read_exports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.collect.inventory.contract import Origin, Value


class Toys:
    """Reads things that say what they are."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._facts = Facts()

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take a thing."""
        self._facts.resources.append(Resource(uid=Uid(str(record["toy"])), provider="toys", kind="toy", origin=origin))

    def facts(self) -> Facts:
        """Return all things."""
        return self._facts


TOYS = Format(name="toys", provider="toys", title="Toys", claims=lambda record: "toy" in record, begin=Toys)


def read(*paths: Path) -> Facts:
    return read_exports([str(path) for path in paths], [TOYS])


def test_arrays_lines_replies_and_packed_files_are_read_with_their_place(tmp_path: Path) -> None:
    array, lines, packed = tmp_path / "array.json", tmp_path / "lines.ndjson", tmp_path / "reply.json.gz"
    array.write_text('[\n  {"toy": "a"},\n  {"toy": "b"}\n]\n')
    lines.write_text('{"toy": "c"}\n{"toy": "d"}\n')
    packed.write_bytes(gzip.compress(b'{"count": 1, "data": [{"toy": "e"}], "skip_token": null}'))
    facts = read(array, lines, packed)
    assert [one.uid for one in facts.resources] == ["a", "b", "c", "d", "e"]
    assert [one.origin.place for one in facts.resources] == ["byte 4", "byte 20", "byte 0", "byte 13", "byte 22"]
    assert facts.gaps == []


def test_what_is_broken_cut_or_unknown_is_told_with_its_place_and_costs_no_more(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"toy": "a"}\nnonsense\n{"car": 1, "wheels": 4}\n{"toy": "b"}\n{"toy": "c')
    facts = read(file)
    assert [one.uid for one in facts.resources] == ["a", "b"]
    assert facts.gaps == [
        Gap(provider="", call=f"{file} byte 13", reason="failed", detail="this is no JSON: JSON is malformed: invalid character (byte 4)"),
        Gap(provider="", call=f"{file} byte 22", reason="failed", detail="no export format knows an object with car, wheels"),
        Gap(provider="", call=f"{file} byte 59", reason="failed", detail="the file ends in the middle of this record"),
    ]


def test_a_file_of_another_thing_is_counted_and_not_listed_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"car": 1}\n' * 1000)
    gaps = read(file).gaps
    assert len(gaps) == 21
    assert gaps[-1].detail == "980 more records of this file could not be read"


def test_yaml_that_no_format_takes_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("replicas: 2\nimage:\n  tag: latest\n")
    assert read(file).gaps == [Gap(provider="", call=str(file), reason="failed", detail="this is YAML that no export format knows")]


def test_an_object_nested_without_end_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"toy": ' + "[" * 100_000 + "]" * 100_000 + "}\n")
    assert [gap.reason for gap in read(file).gaps] == ["failed"]


def test_every_format_has_a_name_of_its_own_and_refuses_what_is_none() -> None:
    names = [one.name for one in formats()]
    assert sorted(set(names)) == sorted(names)
    assert [one.name for one in formats() if one.claims({}) or one.claims({"id": 1, "name": [], "type": None})] == []
