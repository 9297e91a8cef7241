"""What sources emit is OCSF: the examples of every source in the catalogue, mapped, completed and checked."""

from __future__ import annotations

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context, Example, Source
from bartizan.lake.declared import declare, table_of
from bartizan.schema.expressions import evaluate
from bartizan.schema.record import Details, Provenance, complete, nested
from bartizan.testing.ocsf_check import check_record

HERE = Provenance(now=1_800_000_000_000_000_000, modified=1_700_000_000.0, product={"name": "Example"})
EXAMPLES = [
    pytest.param(source, example, id=f"{source.name}: {example.title}") for source in catalogue().sources for example in source.examples
]


def emitted(source: Source, example: Example) -> list[tuple[str, dict[str, object]]]:
    """Return the records of an example, each with the route that it took."""
    records = []
    for part in source.parse(list(example.raw), Context(modified=HERE.modified, head=example.head)).parts:
        mapped = evaluate(part.route.ocsf, part.frame)
        frame = complete(mapped, HERE, Details(raw=[example.raw[row] for row in part.rows], native=part.frame, observables=True))
        records.extend((part.route.name, nested(frame.row(number))) for number in range(frame.height))
    return records


@pytest.mark.parametrize(("source", "example"), EXAMPLES)
def test_the_records_of_an_example_are_valid(source: Source, example: Example) -> None:
    problems = [f"{route}: {problem}" for route, record in emitted(source, example) for problem in check_record(record)]
    assert problems == []


def test_every_class_that_a_mapping_names_has_a_table() -> None:
    tables = [route.ocsf for source in catalogue().sources for route in source.routes]
    named = {uid for table in tables if isinstance(uid := table["class_uid"], int)}
    declared = declare(tables)
    assert {table_of(uid) for uid in named} <= declared.keys()
    assert "" not in declared


def test_every_attribute_that_a_mapping_names_has_a_column_or_is_unmapped() -> None:
    missing = []
    for source in catalogue().sources:
        for route in source.routes:
            uid = route.ocsf["class_uid"]
            if isinstance(uid, int):
                leaves = {leaf.path for leaf in declare([route.ocsf])[table_of(uid)].leaves}
                whole = {path[:at] for path in leaves for at, mark in enumerate(path) if mark == "."}
                names = (name for name in route.ocsf if name not in leaves | whole and not name.startswith("unmapped."))
                missing.extend(f"{source.name}/{route.name}: {name} is no attribute of class {uid}" for name in names)
    assert missing == []
