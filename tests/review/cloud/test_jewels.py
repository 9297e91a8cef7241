"""What matters in an estate, what names mean, and which ways are told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.explain.cloud.estate import ACCOUNT, ADMIN, HOST, OPEN, ROLE, SHUT, UNREAD, USER, facts, paths, reviewed

from bartizan.collect.inventory.contract import Facts, Resource, Statement
from bartizan.review.cloud.comparing import compare, overlaid
from bartizan.review.cloud.jewels import jewels_in, named_in, ways_of_all, ways_to
from bartizan.review.cloud.paths.answers import Paths

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.mark.parametrize(
    ("tags", "matters"),
    [
        ({"crown-jewel": "true"}, True),
        ({"CrownJewel": "yes"}, True),
        ({"crown_jewel": "no"}, False),
        ({"data-classification": "Restricted"}, True),
        ({"Classification": "internal"}, False),
        ({"sensitivity": "PII"}, True),
        ({"name": "confidential"}, False),
    ],
)
def test_a_tag_says_what_matters(tags: Mapping[str, str], matters: bool) -> None:  # noqa: FBT001 - a case
    found = facts()
    found.resources[0] = replace(found.resources[0], tags=tags)
    assert jewels_in(found) == ([OPEN] if matters else [])


def test_a_name_is_a_uid_an_account_a_name_or_a_pattern() -> None:
    found = named_in(facts(), paths().nodes, [str(ROLE), ACCOUNT, "web-1", "arn:aws:s3:::*", "nothing"])
    assert found == {str(ROLE): [ROLE], ACCOUNT: [ADMIN], "web-1": [HOST], "arn:aws:s3:::*": [OPEN, SHUT, UNREAD], "nothing": []}


def test_ways_from_the_internet_stand_first_and_none_leads_over_an_account_to_what_is_in_it() -> None:
    asked = Paths(replace(paths(), starts=("internet", USER)))  # type: ignore[arg-type]  # uids
    told, more = ways_to(asked, [ADMIN, OPEN])
    assert ([(way.start, way.goal, len(way.hops)) for way in told], more) == ([("internet", ADMIN, 3), (USER, ADMIN, 2)], 0)
    rest = ways_of_all(asked, [ADMIN, OPEN], told)
    assert [(way.start, way.goal) for way in rest] == [(ROLE, ADMIN), (HOST, ADMIN)]


def test_a_change_takes_the_place_of_what_it_declares_and_takes_nothing_else_away() -> None:
    estate = facts()
    estate.statements += [Statement(policy=f"{ROLE}#inline/all", number=0), Statement(policy="arn:aws:iam::1:policy/x", number=0)]  # type: ignore[arg-type]  # uids
    change = Facts(resources=[Resource(uid=ROLE, provider="aws", kind="iam_role", name="web", account=ACCOUNT)])
    after = overlaid(estate, change)
    assert [one.policy for one in after.statements] == ["arn:aws:iam::1:policy/x"]
    assert [one.uid for one in after.principals] == [USER]
    assert [one.uid for one in after.resources] == [OPEN, SHUT, UNREAD, HOST, ROLE]
    assert len(estate.statements) == 2


def test_two_reviews_differ_by_failures_ways_and_what_cannot_be_told_any_more(tmp_path: Path) -> None:
    before = reviewed(tmp_path)
    assert compare(before, before).failed == ()
    read = facts()
    read.resources[0], read.resources[1] = (
        replace(read.resources[0], properties={}, unknown={"versioning": "denied"}),
        replace(read.resources[1], properties={"versioning": "Suspended"}),
    )
    found = compare(before, reviewed(tmp_path, read=read))
    assert [(one.check, one.resource.uid) for one in found.failed] == [("bucket-versioning-off", SHUT)]
    assert [one.resource.uid for one in found.dimmed] == [OPEN]
    assert found.mended == ()
    back = compare(reviewed(tmp_path, read=read), before)
    assert [one.resource.uid for one in back.mended] == [SHUT]
