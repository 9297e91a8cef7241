"""Which detections would see a hop."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.review.cloud.paths.contract import Event, PathRule
from bartizan.review.cloud.paths.detections import Sight, Standing, sights, standing, told
from bartizan.review.cloud.paths.emitted import emitted
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.rules.loading import load

if TYPE_CHECKING:
    from bartizan.rules.contract import Rule

CONTENT = Path(__file__).resolve().parents[4] / "content"
PATHS = path_rules(CONTENT / "paths")
RULE = """
title: {title}
name: r{number}
id: 00000000-0000-4000-8000-{number:012}
logsource: {{product: aws, service: {service}}}
detection:
{detection}
level: medium
"""
PACK = {
    "by name": ("cloudtrail", "  one: {eventSource: iam.amazonaws.com, eventName: [PutUserPolicy, PutRolePolicy]}\n  condition: one"),
    "by start": ("cloudtrail", "  one: {eventName|startswith: Put}\n  condition: one"),
    "by end, of one service": ("cloudtrail", "  one: {eventName|endswith: UserPolicy, eventSource|contains: ec2}\n  condition: one"),
    "with more that it asks": ("cloudtrail", "  one: {eventName: PutUserPolicy, userAgent|contains: kali}\n  condition: one"),
    "everything but": ("cloudtrail", "  one: {eventName: PutUserPolicy}\n  condition: not one"),
    "of failures": ("cloudtrail", "  one: {eventName: PutUserPolicy, errorCode: AccessDenied}\n  condition: one"),
    "not of failures": ("cloudtrail", "  one: {eventName: PutUserPolicy}\n  bad: {errorCode|exists: true}\n  condition: one and not bad"),
    "of another log": ("guardduty", "  one: {eventName: PutUserPolicy}\n  condition: one"),
    "of anything": ("cloudtrail", "  one: {userIdentity.type: Root}\n  condition: one"),
    "of anything with a word": ("cloudtrail", "  one: {userAgent|contains: kali}\n  condition: one"),
    "of whatever a user does": ("cloudtrail", "  one: {userIdentity.type: IAMUser}\n  condition: one"),
    "of a user": ("cloudtrail", "  one: {eventName: GetUser, userIdentity.type: IAMUser}\n  condition: one"),
    "of what it says": ("cloudtrail", "  one: {eventName: CreateUser, requestParameters.userName: evil}\n  condition: one"),
    "counted": ("cloudtrail", "  one: {eventName: ListUsers}\n  condition: one"),
    "by a word": ("cloudtrail", "  words: [PutUserPolicy]\n  condition: words"),
}
COUNTS = """
---
title: many of them
correlation: {type: event_count, rules: [r13], group-by: [userIdentity.arn], timespan: 10m, condition: {gte: 8}}
level: medium
"""


def path_rule(*events: Event, provider: str = "aws") -> PathRule:
    said = {"title": "", "provider": provider, "match": "self", "options": {}, "gives": "administration", "about": "", "fix": ""}
    return PathRule(id="one", emits=events, **said)  # type: ignore[arg-type]  # texts and an empty mapping


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sight]:
    folder = tmp_path_factory.mktemp("pack")
    for number, (title, (service, detection)) in enumerate(PACK.items()):
        more = COUNTS if title == "counted" else ""
        (folder / f"{number:02}.yml").write_text(RULE.format(title=title, number=number, service=service, detection=detection) + more)
    rules = load([folder], cache=folder / "cache")
    assert list(rules.refused) == []
    events = [
        *(Event("iam.amazonaws.com", name) for name in ("PutUserPolicy", "GetUser", "ListUsers", "GetRole")),
        Event("iam.amazonaws.com", "CreateUser", record={"requestParameters": {"userName": "evil"}}),
    ]
    return {one.event.name: one for one in sights([path_rule(*events)], rules)["one"]}


def titles(rules: tuple[Rule, ...]) -> list[str]:
    return [rule.title for rule in rules]


def test_an_event_is_seen_by_the_rules_that_fire_on_its_record(seen: dict[str, Sight]) -> None:
    assert titles(seen["PutUserPolicy"].rules) == ["by name", "by start", "not of failures", "by a word"]


def test_a_rule_that_asks_for_the_event_and_for_more_may_see_it(seen: dict[str, Sight]) -> None:
    assert [(one.rule.title, one.on) for one in seen["PutUserPolicy"].maybe] == [("with more that it asks", "depending on userAgent")]


def test_a_rule_that_fires_only_if_a_person_does_it_may_see_it(seen: dict[str, Sight]) -> None:
    assert [(one.rule.title, one.on) for one in seen["GetUser"].maybe] == [("of a user", "if a person does it")]
    assert seen["GetUser"].rules == ()


def test_a_correlation_that_counts_it_may_see_it_and_what_it_counts_does_not(seen: dict[str, Sight]) -> None:
    assert (seen["ListUsers"].rules, [(one.rule.title, one.on) for one in seen["ListUsers"].maybe]) == (
        (),
        [("many of them", "if it is done often")],
    )


def test_what_an_event_says_beside_its_name_is_in_its_record(seen: dict[str, Sight]) -> None:
    assert titles(seen["CreateUser"].rules) == ["of what it says"]


def test_an_event_that_no_rule_asks_for_is_seen_by_none(seen: dict[str, Sight]) -> None:
    assert (seen["GetRole"].rules, seen["GetRole"].maybe) == ((), ())


def test_a_hop_is_seen_where_a_step_is_and_a_step_of_several_ways_where_each_is(seen: dict[str, Sight]) -> None:
    good, bad, hanging = seen["PutUserPolicy"], seen["GetRole"], seen["GetUser"]
    logged = Sight(replace(good.event, data=True), good.rules)

    def ways(*of: Sight) -> list[Sight]:
        return [Sight(replace(one.event, step=1), one.rules, one.maybe) for one in of]

    found = [
        standing(one)
        for one in ([good, bad], [bad], [], [hanging, bad], [logged, bad], ways(good, bad), ways(good, good), [*ways(good, bad), good])
    ]
    assert found == [
        Standing.SEEN,
        Standing.BLIND,
        Standing.SILENT,
        Standing.PERHAPS,
        Standing.LOGGED,
        Standing.PERHAPS,
        Standing.SEEN,
        Standing.SEEN,
    ]


def test_what_sees_a_hop_is_told_by_title_and_what_may_with_what_it_hangs_on(seen: dict[str, Sight]) -> None:
    some = seen["CreateUser"]
    one_way = [Sight(replace(one.event, step=1), one.rules, one.maybe) for one in (some, seen["GetRole"])]
    logged = Sight(replace(some.event, data=True), some.rules)
    assert told({"seen": [some, seen["GetUser"]], "one way": one_way, "logged": [logged]}) == (
        {"seen": ("of what it says",), "one way": (), "logged": ()},
        {
            "seen": ("of a user, if a person does it",),
            "one way": ("of what it says, if it is done by CreateUser",),
            "logged": ("of what it says, where its data events are logged",),
        },
    )


def test_of_kubernetes_what_stands_behind_a_slash_is_the_subresource(tmp_path: Path) -> None:
    rule = RULE.replace("product: aws, service: {service}", "product: kubernetes, category: application, service: audit")
    shell = "  one: {objectRef.resource: pods, objectRef.subresource: exec, verb: [create, get]}\n  condition: one"
    (tmp_path / "shell.yml").write_text(rule.format(title="shell", number=1, detection=shell))
    events = [Event("pods/exec", "create"), Event("pods/log", "get"), Event("pods", "create")]
    found = sights([path_rule(*events, provider="kubernetes")], load([tmp_path], cache=tmp_path / "cache"))["one"]
    assert [(titles(one.rules), one.maybe) for one in found] == [(["shell"], ()), ([], ()), ([], ())]


def test_every_event_of_our_rules_of_paths_is_named_as_the_log_names_it() -> None:
    aws = [event for rule in PATHS.values() if rule.provider == "aws" for event in rule.emits]
    assert [event for event in aws if not event.source.endswith(".amazonaws.com") or not event.name[0].isupper()] == []


def test_every_record_of_our_rules_of_paths_is_read_by_the_source_of_its_log() -> None:
    records: defaultdict[str, set[bytes]] = defaultdict(set)
    for rule in PATHS.values():
        for one in (one for event in rule.emits for one in emitted(rule.provider, event)):
            records[one.source].add(one.raw)
    for name, raws in records.items():
        source = next(one for one in catalogue().sources if one.name == name)
        assert [raw for raw in raws if not source.recognise([raw])] == []
        assert source.parse(list(raws), Context()).unparsed == {}
