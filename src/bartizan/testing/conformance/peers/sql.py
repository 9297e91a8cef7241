"""Treat an SQL backend of pySigma fairly: the collection, the table, null columns for fields that no event has, the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import ValueListPlaceholderTransformation

__all__ = ["NUMBER", "TEXT", "Query", "answer", "rows_of"]

NUMBER: Final = "event_number"
"""The column that holds the number of an event."""
TEXT: Final = "event_text"
"""The column that holds the whole text of an event, for keywords."""

Query = Callable[[str, Sequence[str]], tuple[list[str], list[tuple[Any, ...]]]]
"""Run a query with null columns of some names beside those of the events; names and rows. KeyError names a column that is missing."""
_MOST_COLUMNS: Final = 50


def answer(asked: Mapping[str, Any], make: Callable[[ProcessingPipeline], Any], query: Query) -> Mapping[str, Any]:
    """Convert the rules with the backend that ``make`` gives and ask the table."""
    try:
        collection = SigmaCollection.from_yaml(asked["rules"])
        collection.resolve_rule_references()
        for rule in collection.rules:
            _parsed(rule)
    except Exception as error:  # noqa: BLE001 - pySigma refuses in many ways, a crash among them
        return {"refused": f"{type(error).__name__}: {error}"}
    lists = {name: list(values) for name, values in asked["placeholders"].items()}
    pipeline = ProcessingPipeline(items=[ProcessingItem(ValueListPlaceholderTransformation())] if lists else [], vars=lists)
    try:
        found = list(_findings(make(pipeline), collection, query))
    except Exception as error:  # noqa: BLE001 - as above: what raises gives no wrong answer
        return {"unsupported": f"{type(error).__name__}: {error}"}
    if len(collection.rules) == 1:
        return {"matches": found[0]["events"] if found else []}
    return {"findings": [one for one in found if one.get("events") != []]}


def rows_of(events: Sequence[Any]) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and the rows of a table; booleans are their words, lists and mappings their JSON, as flatteners have it."""
    names = list(dict.fromkeys(name for event in events if isinstance(event, Mapping) for name in event))
    rows = []
    for number, event in enumerate(events):
        record = event if isinstance(event, Mapping) else {}
        text = "\n".join(_leaves(event))
        rows.append([*(_cell(record.get(name)) for name in names), number, text])
    return [*names, NUMBER, TEXT], rows


def _parsed(rule: Any) -> None:  # noqa: ANN401 - pySigma's two kinds of rules
    if not isinstance(rule, SigmaCorrelationRule):
        for condition in rule.detection.parsed_condition:
            _ = condition.parsed


def _findings(backend: Any, collection: SigmaCollection, query: Query) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - backends carry no types
    backend.convert(collection)
    for rule in collection.rules:
        if not rule._output:  # noqa: SLF001 - pySigma tells in no other way which rules are to find something
            continue
        if isinstance(rule, SigmaCorrelationRule):
            for sql in rule.get_conversion_result():
                names, rows = _asked(sql, query)
                groups = {json.dumps(_group(names, row, rule.group_by or ()), sort_keys=True) for row in rows}
                yield from ({"rule": rule.title, "group": json.loads(group)} for group in sorted(groups))
            continue
        queries = backend.convert_rule(rule) if rule._backreferences else rule.get_conversion_result()  # noqa: SLF001 - as above
        numbers: set[int] = set()
        for sql in queries:
            names, rows = _asked(sql, query)
            numbers.update(row[_place(names, NUMBER)] for row in rows)
        yield {"rule": rule.title, "events": sorted(numbers)}


def _group(names: Sequence[str], row: Sequence[Any], fields: Sequence[str]) -> Mapping[str, Any]:
    """Return the group of a row: the SQLite backend gives it as JSON in one column, others as columns."""
    if "group_keys" in names:
        return dict(json.loads(row[_place(names, "group_keys")]))
    return {field: row[_place(names, field)] for field in fields}


def _asked(sql: str, query: Query) -> tuple[list[str], list[tuple[Any, ...]]]:
    missing: list[str] = []
    while len(missing) < _MOST_COLUMNS:
        try:
            return query(sql, missing)
        except KeyError as error:
            missing.append(str(error.args[0]))
    message = "asks for too many columns"
    raise NotImplementedError(message)


def _place(names: Sequence[str], wanted: str) -> int:
    return [name.lower() for name in names].index(wanted.lower())


def _cell(value: Any) -> Any:  # noqa: ANN401 - JSON holds anything
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) if isinstance(value, list | dict) else value


def _leaves(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON holds anything
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield str(_cell(value))
