"""Which detections would see a hop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bartizan.review.cloud.paths.contract import Event, PathRule
from bartizan.review.cloud.paths.detections import Sight, is_blind, sights
from bartizan.rules.loading import load

RULE = """
title: {title}
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
}


def path_rule(*events: Event) -> PathRule:
    told = {"title": "", "provider": "aws", "match": "self", "options": {}, "gives": "administration", "about": "", "fix": ""}
    return PathRule(id="one", emits=events, **told)  # type: ignore[arg-type]  # texts and an empty mapping


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("pack")
    for number, (title, (service, detection)) in enumerate(PACK.items()):
        (folder / f"{number}.yml").write_text(RULE.format(title=title, number=number, service=service, detection=detection))
    rules = load([folder], cache=folder / "cache")
    assert len(rules.rules) == len(PACK)
    events = [Event("iam.amazonaws.com", "PutUserPolicy"), Event("iam.amazonaws.com", "GetUser")]
    found = sights([path_rule(*events)], rules)["one"]
    return {one.event.name: [rule.title for rule in one.rules] for one in found}


def test_a_hop_is_seen_by_the_rules_that_select_a_record_of_it(seen: dict[str, list[str]]) -> None:
    assert seen["PutUserPolicy"] == ["by name", "by start", "with more that it asks", "not of failures"]


def test_a_record_that_no_rule_selects_is_seen_by_none(seen: dict[str, list[str]]) -> None:
    assert seen["GetUser"] == []


def test_a_hop_is_blind_where_no_record_of_it_is_seen_or_it_leaves_none() -> None:
    assert is_blind([Sight(Event("iam.amazonaws.com", "GetUser"), ())])
    assert is_blind([])


def test_every_event_of_our_rules_of_paths_is_named_as_the_log_names_it() -> None:
    from bartizan.review.cloud.paths.reading import path_rules

    rules = path_rules(Path(__file__).resolve().parents[4] / "content" / "paths")
    aws = [event for rule in rules.values() if rule.provider == "aws" for event in rule.emits]
    assert [event for event in aws if not event.source.endswith(".amazonaws.com") or not event.name[0].isupper()] == []


def test_of_kubernetes_what_stands_behind_a_slash_is_the_subresource(tmp_path: Path) -> None:
    rule = RULE.replace("product: aws, service: {service}", "product: kubernetes, category: application, service: audit")
    shell = "  one: {objectRef.resource: pods, objectRef.subresource: exec, verb: [create, get]}\n  condition: one"
    (tmp_path / "shell.yml").write_text(rule.format(title="shell", number=1, detection=shell))
    events = [Event("pods/exec", "create"), Event("pods/log", "get"), Event("pods", "create")]
    found = sights([replace(path_rule(*events), provider="kubernetes")], load([tmp_path], cache=tmp_path / "cache"))["one"]
    assert [[seen.title for seen in one.rules] for one in found] == [["shell"], [], []]
