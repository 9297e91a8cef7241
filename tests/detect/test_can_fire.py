"""A rule can fire where records are known to carry what it asks, and not because they might."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.collect.toys import toy
from tests.field import FIELD, field_data

from bartizan import rules, workbench
from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Carried, Route, Source
from bartizan.detect.can_fire import Chance, can_fire
from bartizan.explain.can_fire import as_page, standing_of
from bartizan.schema.expressions import field, first
from bartizan.schema.logsource import Logsource, View
from bartizan.testing.proving import prove

if TYPE_CHECKING:
    from bartizan.rules.ruleset import LoadedRules

SHOP = Logsource("shop")
NOW = 1_767_225_600_000_000_000
"""2026-01-01: when the written records are hunted through; no result depends on it."""
PACKS = ("rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance", "rules-placeholder")
ABOUT = """\
The active rules of SigmaHQ (the packs `rules`, `rules-emerging-threats`, `rules-threat-hunting`, `rules-compliance` and
`rules-placeholder`, as of November 2026), as `bartizan rules can-fire --prove --page` prints them."""
RULE = """
title: {title}
id: {number:08d}-0000-4000-8000-000000000000
logsource: {{product: {product}}}
detection: {{a: {a}, b: {b}, condition: {condition}}}
"""


def loaded(folder: Path, *asked: tuple[str, str, str], product: str = "shop") -> LoadedRules:
    for number, (a, b, condition) in enumerate(asked):
        text = RULE.format(title=f"r{number}", number=number, product=product, a=a, b=b, condition=condition)
        (folder / f"{number}.yml").write_text(text, encoding="utf-8")
    return rules.load((folder,), cache=folder / "cache")


def shop(name: str = "shop", *fields: str, **aliases: str) -> Source:
    """Make a source whose example has the field ``last`` and whose vendor tells of other fields."""
    views = (View(SHOP, {**aliases, "computed": first(field("last"), field("other"))}),)
    route = Route(name="sale", views=views, ocsf={"class_uid": 0, "message": field("text")}, given={"kind": "sale"})
    told = [Carried(route, frozenset(fields))]
    return replace(toy(name), routes=(route,), documented=(lambda: told) if fields else None)


def verdicts(found: LoadedRules, *sources: Source) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.verdict, one.best[1].lacking if one.best else ()) for one in can_fire(found, sources)]


def test_each_verdict_says_how_the_fields_that_a_rule_names_are_carried(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        ("{last: x}", "{kind: sale}", "a and b"),
        ("{computed: x}", "{last: x}", "a and b"),
        ("{last: x}", "{gone: x}", "a or b"),
        ("{last: x}", "{gone: x}", "a and not b"),
        ("{last: x}", "{gone: x}", "a and not (b or not b)"),
        ("{last: x}", "{gone: x}", "a and b"),
        ("[word]", "{last: x}", "a and b"),
        ("{last: x}", "{kind: refund}", "a and b"),
    )
    assert verdicts(found, shop("shop", "last")) == [
        ("native", ()),
        ("mapped", ()),
        ("in-part", ("gone",)),
        ("unfiltered", ("gone",)),
        ("missing", ("gone",)),
        ("missing", ("gone",)),
        ("native", ()),
        ("no-source", ()),
    ]


def test_a_source_carries_what_its_mapping_reads(tmp_path: Path) -> None:
    found = loaded(tmp_path, ("{text: x}", "{other: x}", "a and b"), ("{renamed: x}", "{nothing: x}", "a and b"))
    assert verdicts(found, shop("shop", renamed="raw")) == [("native", ()), ("missing", ("nothing",))]


def test_the_best_source_counts_and_each_is_told(tmp_path: Path) -> None:
    found = loaded(tmp_path, ("{last: x}", "{more: x}", "a and b"))
    (told,) = can_fire(found, [shop("poor", "last"), shop("rich", "last", "more"), shop("twin", "last", "more")])
    assert told.chances == {
        "poor": Chance("missing", "sale", ("more",)),
        "rich": Chance("native", "sale"),
        "twin": Chance("native", "sale"),
    }
    assert told.best == ("rich", Chance("native", "sale"))


def test_a_branch_about_another_kind_of_event_lacks_nothing_that_this_kind_carries(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        ("{id: 1, one: x}", "{id: 2, two: x}", "a or b"),
        ("{id: 1, one: x}", "{id: 2, one: x}", "a or b"),
        ("{id: 1, one: x}", "{id: 3, two: x}", "a or b"),
        ("{id: 1, two: x}", "{id: 2, one: x}", "a or b"),
    )
    route = shop().routes[0]
    kinds = [
        Carried(replace(route, given={"id": number}), frozenset({"id", name}), {"id": number})
        for number, name in (("1", "one"), ("2", "two"))
    ]
    source = replace(shop(), documented=lambda: kinds)
    assert verdicts(found, source) == [("native", ()), ("native", ()), ("in-part", ("two",)), ("missing", ("two",))]


def test_a_log_that_nobody_reads_has_no_source(tmp_path: Path) -> None:
    found = loaded(tmp_path, ("{last: x}", "{last: y}", "a or b"), product="elsewhere")
    assert verdicts(found, shop("shop", "last")) == [("no-source", ())]


def test_every_rule_of_ours_can_fire_as_its_cases_show() -> None:
    found = workbench.load_rules([])
    weak = [one.rule.path for one in can_fire(found, catalogue().sources) if one.verdict in {"missing", "no-source"}]
    assert weak == []


@pytest.mark.slow
def test_the_page_of_the_documentation_is_what_the_command_makes(tmp_path: Path) -> None:
    packs = [field_data("sigma", pack) for pack in PACKS]
    found = rules.load(packs, cache=tmp_path)
    told = can_fire(found, catalogue().sources)
    made = as_page(standing_of(told, prove(found, told, catalogue(), now=NOW)), len(found.refused), ABOUT)
    assert (Path(__file__).parents[2] / "docs" / "can-fire.md").read_text(encoding="utf-8") == made


@pytest.mark.slow
def test_no_rule_that_fires_on_a_real_log_is_said_to_be_unable_to(tmp_path: Path) -> None:
    packs = [field_data("sigma", pack) for pack in ("rules", "rules-emerging-threats", "rules-threat-hunting")]
    logs = field_data("sigma-regression")
    found = rules.load(packs, cache=tmp_path)
    told = {one.rule.id: one for one in can_fire(found, catalogue().sources)}
    with workbench.hunt(logs, rules=packs) as hunted:
        fired = set(hunted.findings()["rule_id"].to_list())
    assert len(fired) > 100, FIELD
    assert [(uid, told[uid].best) for uid in sorted(fired) if told[uid].verdict in {"missing", "no-source"}] == []
