from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory import kinds as kinds_package
from bartizan.collect.inventory.contract import Origin
from bartizan.collect.inventory.declared.contract import Account, Declared
from bartizan.collect.inventory.declared.facts import facts_of
from bartizan.collect.inventory.declared.searching import search
from bartizan.collect.inventory.declared.sections import entries
from bartizan.collect.inventory.declared.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.declared.sections import Entry

WHERE = Account("111122223333", "eu-west-1")
ORIGIN = Origin("terraform", "main.tf", "line 1")
SECTIONS = ("terraform", "template")
WORD = re.compile(r"[A-Za-z_]\w*")
EVERY = [(section, entry) for section in SECTIONS for some in entries(section).values() for entry in some]


def paths(entry: Entry) -> Iterator[str]:
    yield from filter(None, (entry.of, entry.only, entry.account))
    for value in (*entry.gives.values(), *entry.adds.values(), *entry.counts.values()):
        yield from _texts(value["at"] if isinstance(value, dict) else value)
    for told in (*entry.policies, *entry.edges, *entry.rules, *entry.grants, *entry.attaches):
        yield from (told[name] for name in ("each", "document", "managed", "to", "permission", "target") if name in told)


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def declared(entry: Entry, values: dict[str, Any]) -> Declared:
    return Declared(type=entry.type, address=f"{entry.type}.one", values=values, where=WHERE, origin=ORIGIN)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_expression_of_every_kind_is_one_and_bears_that_nothing_is_set(section: str) -> None:
    wrong = []
    for kind, entry in ((entry.kind.name, entry) for held, entry in EVERY if held == section):
        for path in paths(entry):
            value = search(path, {})
            if isinstance(value, Unknown) and "declared" not in value.why:
                wrong.append((kind, entry.type, path, value.why))
    assert wrong == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_resource_that_sets_nothing_is_read_for_every_type(section: str) -> None:
    makers = [entry for held, entry in EVERY if held == section and entry.uid]
    facts = facts_of([declared(entry, {}) for entry in makers], section)
    assert {one.kind for one in facts.resources} >= {entry.kind.name for entry in makers}
    assert all(one.uid and "{" not in one.uid for one in facts.resources)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_property_is_told_of_what_nobody_knows(section: str) -> None:
    """Where all that an expression looks at is unknown, so is the property: it is neither absent nor a default."""
    told = []
    for entry in (entry for held, entry in EVERY if held == section and entry.uid and not entry.only):
        for name, value in entry.gives.items():
            looks = _texts(value["at"] if isinstance(value, dict) else value)
            words = {word for path in looks for word in WORD.findall(path)}
            (one, *_) = facts_of([declared(entry, {word: Unknown("nobody knows") for word in words})], section).resources
            constant = [path for path in looks if path[0] in "'`"]
            if name in one.properties and not constant:
                told.append((entry.type, name, one.properties[name]))
    assert told == []


def test_no_expression_of_any_section_negates_less_than_it_says() -> None:
    """In JMESPath ``!a.b`` is ``(!a).b``, which is nothing: what is negated must stand in brackets."""
    files = sorted(Path(str(resources.files(kinds_package))).rglob("*.yml"))
    wrong = [f"{file.name}: {found[0]}" for file in files for found in re.finditer(r"(?<![=\w])!\w+[.\[]", file.read_text())]
    assert wrong == []
