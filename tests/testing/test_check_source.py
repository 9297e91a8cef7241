"""The check finds what breaks the contract of a source, each in its own words."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from tests.collect.toys import toy

from bartizan.collect.contract import Context, Example, Parsed, Part, Source
from bartizan.schema.columns import Column, Frame
from bartizan.testing.check_source import check_apart, check_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GOOD = toy("toy")
(ROUTE,) = GOOD.routes


def problems(source: Source) -> list[str]:
    return [str(problem) for problem in check_source(source)]


def changed(**changes: Any) -> Source:  # noqa: ANN401 - any attribute of a source
    return dataclasses.replace(GOOD, **changes)


def parsing(change: Callable[[Parsed, Sequence[bytes], Context], Parsed]) -> Source:
    return changed(parse=lambda records, context: change(GOOD.parse(records, context), records, context))


def example(**changes: Any) -> Source:  # noqa: ANN401 - any attribute of an example
    return changed(examples=(dataclasses.replace(GOOD.examples[0], **changes), GOOD.examples[1]))


def test_a_source_that_keeps_its_contract_has_no_problem() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (changed(name="Not Kebab"), "Not Kebab: the name is not kebab-case"),
        (changed(title=""), "toy: has no title"),
        (changed(product={}), "toy: has no product"),
        (changed(framings=()), "toy: has no framings"),
        (changed(examples=GOOD.examples[1:]), "toy: has no example that yields a record"),
        (changed(examples=GOOD.examples[:1]), "toy: has no example of a record that it refuses"),
        (changed(routes=(ROUTE, ROUTE)), "toy: has more than one route named 'all'"),
        (changed(recognise=lambda records: 0 * len(records)), "toy: example 'one': recognises 0 of its 1 own records"),
        (changed(recognise=lambda records: len(records) + 1), "toy: recognises records where there are none"),
        (changed(recognise=lambda records: 3 * len(records)), "toy: example 'one': recognises 3 of 1 records"),
        (changed(group=lambda record: record[0]), "toy: odd records: its group fails on b'': IndexError: index out of range"),
        (example(routes=("all", "all")), "toy: example 'one': has 1 records and 2 routes"),
        (example(routes=("other",)), "toy: has an example of route 'other', which is none of its routes"),
        (example(raw=(b"?",)), "toy: example 'one': record 0 takes route None, not all: does not begin with toy"),
        (example(ocsf={"severity_id": 3}), "toy: example 'one': maps severity_id to 1, not 3"),
        (example(ocsf={"severity_id": True}), "toy: example 'one': maps severity_id to 1, not True"),
        (
            changed(examples=(GOOD.examples[0], Example(title="x", raw=(b"?",), routes=(None,), ocsf={"time": 0}))),
            "toy: example 'x': says what its first record maps to, but that is not read",
        ),
    ],
)
def test_what_a_source_says_wrongly_is_told(source: Source, problem: str) -> None:
    assert problem in problems(source)


def test_a_mapping_without_what_every_record_needs_is_told() -> None:
    bare = dataclasses.replace(ROUTE, ocsf={"class_uid": 0, "severity_id": 1, "time": 0})
    assert "toy: route all: does not map activity_id" in problems(changed(routes=(bare,)))


def test_a_mapping_to_what_is_no_ocsf_is_told() -> None:
    wrong = dataclasses.replace(ROUTE, ocsf={**ROUTE.ocsf, "message": 77})

    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        parsed = GOOD.parse(records, context)
        return Parsed([dataclasses.replace(part, route=wrong) for part in parsed.parts], parsed.unparsed)

    found = problems(changed(routes=(wrong,), parse=parse))
    assert any(problem.startswith("toy: example 'one', record 0: is no valid OCSF: message: 77 is no") for problem in found)


def test_records_told_twice_never_or_beyond_are_told() -> None:
    def doubled(parsed: Parsed, records: Sequence[bytes], _: Context) -> Parsed:
        return Parsed(parsed.parts, {**parsed.unparsed, 0: "too", len(records): "beyond"})

    found = problems(parsing(doubled))
    assert "toy: example 'one': tells 2 times of record 0" in found
    assert "toy: example 'one': tells of record 1 of 1" in found
    assert "toy: example 'none': tells 0 times of record 0" in problems(parsing(lambda parsed, *_: Parsed(parsed.parts, {})))


def test_a_reason_left_out_is_told() -> None:
    assert "toy: example 'none': does not say why record 0 is unparsed" in problems(
        parsing(lambda parsed, *_: Parsed(parsed.parts, dict.fromkeys(parsed.unparsed, "")))
    )


def test_a_part_of_a_strange_route_or_of_uneven_columns_is_told() -> None:
    strange = dataclasses.replace(ROUTE, name="strange")
    found = problems(parsing(lambda parsed, *_: Parsed([Part(strange, part.rows, part.frame) for part in parsed.parts], parsed.unparsed)))
    assert "toy: example 'one': gives a part of route strange, which is not in its routes" in found
    uneven = Frame(1, {"last": Column.constant("x", 2)})
    found = problems(parsing(lambda parsed, *_: Parsed([Part(ROUTE, part.rows, uneven) for part in parsed.parts], parsed.unparsed)))
    assert "toy: example 'one': gives a part of route all whose rows and columns differ in length" in found


def test_other_cells_when_fewer_fields_are_wanted_are_told() -> None:
    def moody(parsed: Parsed, _: Sequence[bytes], context: Context) -> Parsed:
        if context.wanted(ROUTE) is None:
            return parsed
        return Parsed(
            [Part(ROUTE, part.rows, Frame(len(part.rows), {"last": Column.constant("?", len(part.rows))})) for part in parsed.parts],
            parsed.unparsed,
        )

    assert "toy: example 'one': gives other cells when only some fields are wanted: last" in problems(parsing(moody))


def test_an_exception_on_hostile_input_is_told() -> None:
    def strict(parsed: Parsed, records: Sequence[bytes], _: Context) -> Parsed:
        b"".join(records).decode()
        return parsed

    assert any(problem.startswith("toy: odd records: raises UnicodeDecodeError:") for problem in problems(parsing(strict)))


def test_an_exception_on_an_example_is_told_and_the_other_checks_go_on() -> None:
    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        raise KeyError(len(records), context.modified)

    found = problems(changed(parse=parse, title=""))
    assert "toy: has no title" in found
    assert "toy: example 'one': raises KeyError: (1, 0.0)" in found


def test_sources_that_would_be_mistaken_for_each_other_are_told() -> None:
    assert check_apart([toy("a"), toy("b")]) == []
    (problem,) = check_apart([toy("a", word=b"x"), toy("b", word=b"x")])
    assert str(problem) == "b: example 'one': as lines it is not taken for b: a knows 1 of 1 records looked at, b 1"
