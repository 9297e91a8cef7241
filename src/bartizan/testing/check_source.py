"""Check a source: that it keeps its contract on its own examples and on everything hostile that can be made of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Route, Source
from bartizan.collect.detection import detect
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import evaluate
from bartizan.schema.record import Provenance, complete, nested
from bartizan.testing.hostile import hostile_batches
from bartizan.testing.ocsf_check import check_record
from bartizan.testing.odd_cells import odd_cells
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["check_apart", "check_source"]

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REQUIRED: Final = ("class_uid", "activity_id", "severity_id", "time")
_NOW: Final = 1_767_225_600_000_000_000
"""2026-01-01: when the examples are read, for records that tell no time."""


def check_source(source: Source) -> list[Problem]:
    """Return everything wrong with a source; an empty list says that it is fit for the catalogue.

    Checked are: what it says of itself; that each example parses and maps as it says, to valid OCSF; that reading only
    some fields gives the same cells as reading all; that it recognises its own; that its expressions take whatever kind of
    cell; and that every record of anything made of the examples (cut at every position, doubled, run together, garbled,
    huge) is accounted for once, without an exception.
    """
    checks: list[tuple[str, Iterator[Problem]]] = [(source.name, _described(source)), (source.name, _routes(source))]
    checks += [(_where(source, example), _example(source, example)) for example in source.examples]
    checks += [(source.name, _recognised(source)), (source.name, odd_cells(source)), (source.name, _hostile(source))]
    return [problem for where, check in checks for problem in _guarded(where, check)]


def _guarded(where: str, check: Iterator[Problem]) -> Iterator[Problem]:
    try:
        yield from check
    except Exception as error:  # noqa: BLE001 - whatever a source raises is what this check is for
        yield Problem(where, f"raises {type(error).__name__}: {error}")


def check_apart(sources: Sequence[Source]) -> list[Problem]:
    """Return which examples that a source reads would be taken for another source's, by the way detection chooses."""
    from bartizan.collect.catalogue import catalogue_of  # noqa: PLC0415 - only this check needs a catalogue

    known = catalogue_of([(source.name, source) for source in sources])
    found = []
    for source in sources:
        for framing, example in ((framing, example) for framing in source.framings for example in source.examples):
            if not all(route is not None for route in example.routes):
                continue
            winner = detect(framing, example.raw, known, head=example.head)
            if winner.source is not source:
                found.append(Problem(_where(source, example), f"as {framing.value} it is not taken for {source.name}: {winner.why}"))
    return found


def _where(source: Source, example: Example) -> str:
    return f"{source.name}: example '{example.title}'"


def _described(source: Source) -> Iterator[Problem]:
    if not _NAME.fullmatch(source.name):
        yield Problem(source.name, "the name is not kebab-case")
    for what, value in (("title", source.title), ("framings", source.framings), ("routes", source.routes), ("product", source.product)):
        if not value:
            yield Problem(source.name, f"has no {what}")
    if not any(route is not None for example in source.examples for route in example.routes):
        yield Problem(source.name, "has no example that yields a record")
    if not any(route is None for example in source.examples for route in example.routes):
        yield Problem(source.name, "has no example of a record that it refuses")
    shown = {route for example in source.examples for route in example.routes}
    names = [route.name for route in source.routes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Problem(source.name, f"has more than one route named '{name}'")
    for unknown in sorted(name for name in shown if name is not None and name not in names):
        yield Problem(source.name, f"has an example of route '{unknown}', which is none of its routes")


def _routes(source: Source) -> Iterator[Problem]:
    for route in source.routes:
        where = f"{source.name}: route {route.name}"
        for name in _REQUIRED:
            if name not in route.ocsf:
                yield Problem(where, f"does not map {name}")
        if len({view.logsource for view in route.views}) < len(route.views):
            yield Problem(where, "serves one log source twice")


def _example(source: Source, example: Example) -> Iterator[Problem]:
    where = _where(source, example)
    if len(example.raw) != len(example.routes):
        yield Problem(where, f"has {len(example.raw)} records and {len(example.routes)} routes")
        return
    parsed = source.parse(example.raw, Context(head=example.head))
    account = list(_account(parsed, len(example.raw), source, where))
    yield from account
    if account:
        return
    taken: list[str | None] = [None] * len(example.raw)
    for part in parsed.parts:
        for row in part.rows:
            taken[row] = part.route.name
    for number, (is_, shall) in enumerate(zip(taken, example.routes, strict=True)):
        if is_ != shall:
            yield Problem(where, f"record {number} takes route {is_}, not {shall}: {parsed.unparsed.get(number, '')}")
    yield from _mapped(source, parsed, example)
    yield from _selected(source, example, parsed)


def _mapped(source: Source, parsed: Parsed, example: Example) -> Iterator[Problem]:
    where = _where(source, example)
    for part in parsed.parts:
        mapped = evaluate(part.route.ocsf, part.frame)
        for at, row in enumerate(part.rows):
            cells = mapped.row(at)
            for name, shall in example.ocsf.items() if row == 0 else ():
                if (is_ := cells.get(name, ABSENT)) != shall or type(is_) is not type(shall):
                    yield Problem(where, f"maps {name} to {is_!r}, not {shall!r}")
        whole = complete(mapped, Provenance(now=_NOW, product=source.product, log_provider=source.name))
        for at, row in enumerate(part.rows):
            for problem in check_record(nested(whole.row(at))):
                yield Problem(f"{where}, record {row}", f"is no valid OCSF: {problem}")
    if example.ocsf and not any(0 in part.rows for part in parsed.parts):
        yield Problem(where, "says what its first record maps to, but that is not read")


def _account(parsed: Parsed, count: int, source: Source, where: str) -> Iterator[Problem]:
    """Check that every record is in one place."""
    seen = [0] * count
    for row in (row for rows in (*(part.rows for part in parsed.parts), parsed.unparsed) for row in rows):
        if 0 <= row < count:
            seen[row] += 1
        else:
            yield Problem(where, f"tells of record {row} of {count}")
    for row, times in enumerate(seen):
        if times != 1:
            yield Problem(where, f"tells {times} times of record {row}")
    for row, why in parsed.unparsed.items():
        if not why:
            yield Problem(where, f"does not say why record {row} is unparsed")
    yield from _parts(parsed, source, where)


def _parts(parsed: Parsed, source: Source, where: str) -> Iterator[Problem]:
    """Check that every part is of a route of the source, and as long as its rows."""
    for part in parsed.parts:
        if not any(part.route is route or part.route == replace(route, given=part.route.given) for route in source.routes):
            yield Problem(where, f"gives a part of route {part.route.name}, which is not in its routes")
        if {len(part.rows)} != {part.frame.height, *(len(column) for column in part.frame.columns.values())}:
            yield Problem(where, f"gives a part of route {part.route.name} whose rows and columns differ in length")


def _selected(source: Source, example: Example, whole: Parsed) -> Iterator[Problem]:
    """Check that a parse of some fields gives the same cells as one of all."""
    where = _where(source, example)
    names = {part.route.name: sorted(part.frame.columns) for part in whole.parts}
    for step in (1, 2, 3):
        wanted = {route: frozenset(fields[step - 1 :: step]) | {"no.such.field"} for route, fields in names.items()}

        def choose(route: Route, wanted: dict[str, frozenset[str]] = wanted) -> frozenset[str]:
            return wanted.get(route.name, frozenset())

        some = source.parse(example.raw, Context(wanted=choose, head=example.head))
        if (was := _cells(whole, wanted)) != (is_ := _cells(some, wanted)):
            fields = sorted(
                {str(key[2]) for key in was.keys() ^ is_.keys()} | {str(key[2]) for key in was.keys() & is_.keys() if was[key] != is_[key]}
            )
            yield Problem(where, f"gives other cells when only some fields are wanted: {', '.join(fields[:5])}")


def _cells(parsed: Parsed, wanted: dict[str, frozenset[str]]) -> dict[tuple[int, str, str], str]:
    """Return the cells of the wanted fields, as text that keeps 1, 1.0 and true apart."""
    found: dict[tuple[int, str, str], str] = {}
    for part in parsed.parts:
        for name in wanted.get(part.route.name, ()):
            cells: Iterable[Cell] = part.frame.column(name).cells()
            found.update(((row, part.route.name, name), repr(cell)) for row, cell in zip(part.rows, cells, strict=True))
    return found


def _recognised(source: Source) -> Iterator[Problem]:
    if source.recognise(()) != 0:
        yield Problem(source.name, "recognises records where there are none")
    for example in source.examples:
        own = sum(route is not None for route in example.routes)
        count = source.recognise([*example.head, *example.raw])
        if own and count < own:
            yield Problem(_where(source, example), f"recognises {count} of its {own} own records")
        if count > len(example.head) + len(example.raw):
            yield Problem(_where(source, example), f"recognises {count} of {len(example.raw)} records")


def _hostile(source: Source) -> Iterator[Problem]:
    seeds = [record for example in source.examples for record in example.raw]
    heads = list(dict.fromkeys((*(tuple(example.head) for example in source.examples), ())))
    for title, batch in hostile_batches(seeds, structured=Framing.LINES not in source.framings):
        for head in heads:
            yield from _guarded(f"{source.name}: {title}", _survived(source, batch, head, title))
        yield from _grouped(source, batch, title)


def _survived(source: Source, batch: Sequence[bytes], head: Sequence[bytes], title: str) -> Iterator[Problem]:
    where = f"{source.name}: {title}"
    source.recognise(batch)
    parsed = source.parse(batch, Context(head=head))
    yield from _account(parsed, len(batch), source, where)
    for part in parsed.parts:
        evaluate(part.route.ocsf, part.frame)


def _grouped(source: Source, batch: Sequence[bytes], title: str) -> Iterator[Problem]:
    if source.group is None:
        return
    for record in batch:
        try:
            source.group(record)
        except Exception as error:  # noqa: BLE001 - whatever a source raises is what this check is for
            yield Problem(f"{source.name}: {title}", f"its group fails on {record[:40]!r}: {type(error).__name__}: {error}")
            return
