"""Windows sources against records that nobody here wrote: SigmaHQ's regression cases, public data sets, every published rule."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import evtx
import pytest
import yaml
from tests.field import field_data

from bartizan.collect.contract import Context
from bartizan.collect.sources.windows.event_json import SOURCE as EVENT_JSON
from bartizan.collect.sources.windows.evtx import SOURCE as EVTX
from bartizan.collect.sources.windows.routes import ROUTES
from bartizan.rules import load
from bartizan.rules.contract import Records
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.contract import Route, Source
    from bartizan.rules.contract import Bound, RuleSet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    packs = [field_data("sigma", name) for name in ("rules", "rules-emerging-threats", "rules-threat-hunting")]
    return load(packs, cache=tmp_path_factory.mktemp("cache"))


def events_of(path: Path) -> list[bytes]:
    if path.suffix == ".evtx":
        return [record["data"].encode() for record in evtx.PyEvtxParser(str(path)).records_json()]
    text, decoder, at, found = path.read_text("utf-8-sig"), json.JSONDecoder(), 0, []
    while (at := at + len(text[at:]) - len(text[at:].lstrip())) < len(text):
        item, at = decoder.raw_decode(text, at)
        found += item if isinstance(item, list) else [item]
    return [json.dumps(item).encode() for item in found]


def fired(rules: RuleSet, source: Source, records: list[bytes]) -> dict[str, int]:
    bound: dict[str, Bound] = {}

    def binding(route: Route) -> Bound:
        return bound.setdefault(route.name, rules.bind(route.views))

    parsed = source.parse(records, Context(wanted=lambda route: frozenset(binding(route).fields)))
    assert dict(parsed.unparsed) == {}
    counts: dict[str, int] = {}
    for part in parsed.parts:
        raw = [records[row] for row in part.rows]
        for hit in binding(part.route).match(Records(part.frame, raw, structured=True)):
            name = rules.rules[hit.rule].id
            counts[name] = counts.get(name, 0) + len(hit.rows)
    return counts


def cases() -> list[tuple[Path, dict[str, Any]]]:
    found = [(path, yaml.safe_load(path.read_text())) for path in sorted(field_data("sigma-regression").rglob("info.yml"))]
    return [(path.parent, info) for path, info in found if info.get("regression_tests_info")]


def test_every_regression_case_fires_its_rule_as_often_as_stated(rules: RuleSet) -> None:
    missed, judged = [], 0
    for folder, info in cases():
        rule, least = info["rule_metadata"][0]["id"], info["regression_tests_info"][0].get("match_count", 1)
        for path in sorted([*folder.glob("*.evtx"), *folder.glob("*.json")]):
            records = events_of(path)
            source = EVTX if path.suffix == ".evtx" else EVENT_JSON
            assert source.recognise(records[:64]) == len(records[:64])
            counts = fired(rules, source, records)
            judged += 1
            if counts.get(rule, 0) < least:
                missed.append((path.name, counts.get(rule, 0), least))
    assert (missed, judged) == ([], 180)


def test_a_file_and_its_json_twin_fire_the_same_rules(rules: RuleSet) -> None:
    for folder, _ in cases():
        twins = [fired(rules, EVTX if path.suffix == ".evtx" else EVENT_JSON, events_of(path)) for path in folder.glob("*.[ej][vs]*[xn]")]
        assert all(twin == twins[0] for twin in twins), folder


def test_every_record_of_every_public_event_log_is_read() -> None:
    records = [record for path in sorted(field_data("evtx-to-mitre").rglob("*.evtx")) for record in events_of(path)]
    parsed = EVTX.parse(records, Context())
    assert (sum(len(part.rows) for part in parsed.parts), dict(parsed.unparsed)) == (len(records), {})


def test_every_published_rule_for_windows_has_a_route_that_serves_it(rules: RuleSet) -> None:
    views = {view.logsource for route in ROUTES for view in route.views}
    asked = {rule.logsource for rule in rules.rules if rule.logsource.product == "windows"}
    assert sorted(str(one) for one in asked if not any(view.serves(one) for view in views)) == []
    assert len(asked) > 60
    assert Logsource("windows", "process_creation") in asked
