"""The facts embedded are those of the schema sources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from tests.field import field_data

import bartizan.schema.ocsf.facts as embedded
from bartizan.testing.ocsf_facts import derive, encode, main

SMALL = Path(__file__).with_name("small_schema.yml")
FACTS = Path(embedded.__file__).with_name("facts.json")


def test_the_embedded_facts_are_those_of_the_sources() -> None:
    sources = field_data("ocsf-schema")
    commit = json.loads(FACTS.read_text(encoding="utf-8"))["about"]["source"].rpartition(" ")[2]
    assert encode(derive(sources, commit)) == FACTS.read_text(encoding="utf-8")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Write the small schema out as the files of a checkout."""
    for name, content in yaml.safe_load(SMALL.read_text(encoding="utf-8")).items():
        path = tmp_path / "schema" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return tmp_path / "schema"


def test_inheritance_includes_and_extensions_are_resolved(small: Path) -> None:
    facts = derive(small, "abc1234")
    assert facts.pop("about")["version"] == "9.9.9"
    assert encode(facts) == SMALL.with_name("small_schema_facts.json").read_text(encoding="utf-8")


def test_the_command_writes_the_facts(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "facts.json"
    assert main([str(small), "abc1234", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == encode(derive(small, "abc1234"))
    assert json.loads(out.read_text(encoding="utf-8"))["about"]["source"] == "https://github.com/ocsf/ocsf-schema at commit abc1234"


def test_the_command_says_how_it_is_used() -> None:
    assert main([]) == 2


def test_no_sentence_of_the_sources_is_embedded() -> None:
    document = json.loads(FACTS.read_text(encoding="utf-8"))
    assert not [name for block in document.values() if isinstance(block, dict) for name in block if name == "description"]
    assert '"description"' not in FACTS.read_text(encoding="utf-8")
    assert document["about"]["license"] == "Apache-2.0"


def test_every_object_and_attribute_named_is_there() -> None:
    document = json.loads(FACTS.read_text(encoding="utf-8"))
    shapes = [*document["classes"].values(), *document["objects"].values()]
    names = {name for shape in shapes for name in shape["attributes"]}
    kinds = {said["type"] for said in document["attributes"].values()}
    kinds |= {own["type"] for shape in shapes for own in shape["attributes"].values() if isinstance(own, dict) and "type" in own}
    assert names == set(document["attributes"])
    assert kinds <= set(document["types"]) | set(document["objects"])
