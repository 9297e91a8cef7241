"""What a person assumes stands in every answer that rests on it; where nobody does, nothing is assumed."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace

import pytest
from tests.deciding import Case, case, cases

from bartizan.collect.inventory.contract import Facts, Gap, Uid
from bartizan.errors import UsageError
from bartizan.explain.cloud.page import page_of
from bartizan.explain.cloud.rights import can_json, can_lines
from bartizan.faces.cli.clouds import add_facts
from bartizan.review.cloud.permission.assuming import ASSUMPTIONS, assume, assumptions
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.contract import Answer, Decision
from bartizan.workbench import cloud, rights

HOME, SAID = "111111111111", "Service and resource control policies that could not be read are assumed to forbid nothing in 111111111111."
UNREAD = {"says": "", "see": "", "answer": "", "to": "queue", "does": "sqs:SendMessage", "identity": ["allow sqs:* on *"]} | {
    "gaps": [{"kinds": "organizations_policy"}]
}


def decided(one: Case, facts: Facts) -> Decision:
    return AwsAuthorizer(facts).decide(one.principal, one.action, one.resource, one.context)


@pytest.mark.parametrize("of", ["organizations", pytest.param("", marks=pytest.mark.slow)], ids=["organizations", "all"])
def test_an_assumption_changes_no_answer_but_those_that_nobody_could_give_and_it_stands_in_each(of: str) -> None:
    wrong = []
    for one in (one for one in cases() if one.place.startswith(of)):
        before, after = decided(one, one.facts), decided(one, assume(one.facts, ["no-scps"]))
        rests = any(why.through == "assumed" for why in after.why)
        if before != after and not (before.answer is Answer.UNKNOWN and (rests or after.answer in (Answer.DENIED, Answer.UNKNOWN))):
            wrong.append((one.place, one.says, before, after))
    assert wrong == []


def test_without_a_persons_word_nothing_is_assumed() -> None:
    one = case("unread", UNREAD)
    assert assume(one.facts, []) is one.facts
    assert rights.assuming(one.facts, []) is one.facts
    assert decided(one, one.facts).answer is Answer.UNKNOWN


def test_an_answer_says_last_on_what_it_rests() -> None:
    one = case("unread", UNREAD)
    told = decided(one, assume(one.facts, ["no-scps", "no-scps"]))
    assert (told.answer, told.why[0].through, [(why.through, why.text) for why in told.why[1:]]) == (
        Answer.ALLOWED,
        "identity",
        [("assumed", SAID)],
    )


def test_what_was_read_wholly_rests_on_nothing() -> None:
    one = case("read", {name: value for name, value in UNREAD.items() if name != "gaps"})
    facts = assume(one.facts, ["no-scps"])
    assert decided(one, facts) == decided(one, one.facts)


def test_who_can_says_it_at_each_answer_and_in_its_last_line() -> None:
    one = case("unread", UNREAD)
    found = rights.who_can(assume(one.facts, ["no-scps"]), one.action, one.resource)
    lines = list(can_lines(found, by="principal"))
    assert lines[0].startswith("can ")
    assert lines[2].strip() == SAID
    assert lines[-1].endswith(" 1 certain; 1 answer rests on what is assumed")
    assert [row["assumed"] for row in can_json(found)["found"]] == [[SAID]]


@pytest.mark.slow
def test_a_review_says_it_in_its_headline_and_at_each_hop() -> None:
    one = case("unread", {**UNREAD, "identity": ["allow iam:* on *"]})
    page = page_of(cloud.ways(assume(one.facts, ["no-scps"])))
    assert page.headline.endswith("; service and resource control policies that could not be read are assumed to forbid nothing")
    hops = [hop for way in page.ways for hop in way.hops if hop.src.startswith("arn:")]
    assert hops
    assert [hop.rule for hop in hops if (SAID, "assumed") not in hop.allowed] == []
    assert page_of(cloud.ways(one.facts)).ways == ()


def test_what_nobody_can_assume_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^--assume no-denies: is nothing that can be assumed; there is no-scps, no-deny-policies$"):
        assume(Facts(), ["no-denies"])


def test_the_command_line_offers_what_can_be_assumed() -> None:
    parser = ArgumentParser()
    add_facts(parser)
    given = [each for name in ASSUMPTIONS for each in ("--assume", name)]
    assert parser.parse_args(given).assume == list(ASSUMPTIONS)


def test_what_is_assumed_is_told_once_for_a_summary() -> None:
    gap = Gap(provider="aws", call="--assume no-scps", reason="assumed", uid=Uid("assume:no-scps"))
    assert assumptions([gap, replace(gap, uid=Uid("x")), gap]) == [ASSUMPTIONS["no-scps"]]
