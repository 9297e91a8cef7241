"""The authorizer answers as an API server would, and as the naive one does."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bartizan.collect.inventory.contract import Facts, Uid
from bartizan.collect.inventory.kubernetes.names import account_uid, uid
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.kubernetes.authorizer import RbacAuthorizer
from bartizan.review.cloud.permission.kubernetes.naive import allowed

ESTATES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("decisions.yml").read_text())
QUESTIONS = [(number, question) for number, estate in enumerate(ESTATES) for question in estate["questions"]]


@cache
def facts(number: int) -> Facts:
    read = Objects("lab")
    read.file(ESTATES[number]["manifests"].encode(), "lab.yml")
    found = read.facts()
    assert {gap.reason for gap in found.gaps} == {"not-in-origin"}
    found.gaps = []
    return found


@cache
def authorizer(number: int) -> RbacAuthorizer:
    return RbacAuthorizer(facts(number))


def who(written: str) -> Uid:
    kind, _, name = written.partition(":")
    if kind == "sa":
        namespace, _, account = name.partition("/")
        return uid("lab", "service_account", account, namespace)
    return account_uid("lab", name) if kind == "user" else uid("lab", "group", name) if kind == "group" else Uid(written)


def said(question: dict[str, Any]) -> str:
    return f"{question['who']} {question['action']} {question['at']}"


@pytest.mark.parametrize(("number", "question"), QUESTIONS, ids=[said(question) for _, question in QUESTIONS])
def test_the_answer_is_that_of_the_documentation_and_of_the_naive_authorizer(number: int, question: dict[str, Any]) -> None:
    groups = question.get("groups", [])
    decision = authorizer(number).decide(who(question["who"]), question["action"], question["at"], {"groups": groups} if groups else None)
    assert decision.answer.value == question["is"], decision.why
    masters = "system:masters" in (*groups, question["who"].removeprefix("group:"))
    if not masters:
        rules = allowed(facts(number), who(question["who"]), question["action"], question["at"], tuple(groups))
        assert sorted(map(str, rules)) == sorted(str(why.statement) for why in decision.why if decision.answer is Answer.ALLOWED)


@pytest.mark.parametrize(("number", "question"), QUESTIONS, ids=[said(question) for _, question in QUESTIONS])
def test_what_is_allowed_is_what_it_may_have(number: int, question: dict[str, Any]) -> None:
    if question["is"] == "allowed" and not question.get("groups"):
        assert authorizer(number).may(who(question["who"]), [question["action"]]) == {question["action"]: True}


def test_there_are_many_cases() -> None:
    assert len(QUESTIONS) >= 80
