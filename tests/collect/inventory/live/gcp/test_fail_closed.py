"""Whatever call is refused: no failure becomes a pass, nobody who can is told that he cannot, and nothing is gone without a word."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest
from benchmarks._gcp import refused
from tests.collect.inventory.live.gcp.asking import read

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.checks.judging import review
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer
from bartizan.workbench.cloud import checks_of

if TYPE_CHECKING:
    from benchmarks._gcp import Google

    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.checks.contract import Checks

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]
NOW: Final = datetime(2026, 11, 27, tzinfo=UTC)
DENIED: Final = refused(403, "PERMISSION_DENIED", "no")
NODES: Final = "//cloudresourcemanager.googleapis.com/"
ACCOUNT: Final = "//iam.googleapis.com/projects/-/serviceAccounts/app@shop.iam.gserviceaccount.com"
CAN: Final = (
    (ACCOUNT, "storage.buckets.delete", f"{NODES}projects/shop"),
    ("user:bob@example.com", "compute.instances.delete", "//compute.googleapis.com/projects/shop/zones/z/instances/web"),
    ("user:ann@example.com", "iam.serviceAccounts.getAccessToken", ACCOUNT),
    ("user:eve@example.com", "compute.instances.start", f"{NODES}projects/shop"),
    ("allUsers", "storage.objects.get", "//storage.googleapis.com/public"),
)
"""Who can do what on what: by a role at the project, the folder, the account, of the organization's own, and everybody."""


@cache
def checks() -> Checks:
    return checks_of()


def judged(facts: Facts) -> dict[tuple[str, str], str]:
    return {(one.check, one.resource.uid): one.verdict.value for one in review(facts, checks(), now=NOW)}


def answers(facts: Facts) -> list[str]:
    decide = GcpAuthorizer(facts).decide
    return [decide(Uid(who), action, what).answer.value for who, action, what in CAN]


def patterns(asked: list[str]) -> list[str]:
    """Return a pattern of each different question, whatever page it asks for."""
    found = set()
    for one in asked:
        address, mark, query = one.partition("?")
        about = re.search(r"contentType=\w+|project=\w+|parent=[\w/]+", query)
        found.add(f"^{re.escape(address)}{re.escape(mark)}.*{about[0]}" if about else f"^{re.escape(address)}(\\?|$)")
    return sorted(found)


@pytest.mark.parametrize("bulk", [True, False], ids=["with the inventory", "by lists"])
def test_what_is_refused_makes_nothing_look_better(cloud: Google, *, bulk: bool) -> None:
    if not bulk:
        cloud.refuse("cloudasset", DENIED)
    facts, before = read(cloud, "organizations/9").facts, list(cloud.otherwise)
    verdicts, told = judged(facts), answers(facts)
    assert "denied" not in told
    for pattern in patterns(cloud.asked):
        cloud.otherwise = [*before]
        cloud.refuse(pattern, DENIED)
        less = read(cloud, "organizations/9").facts
        now = judged(less)
        assert [key for key, verdict in verdicts.items() if verdict == "fail" and now.get(key) == "pass"] == [], pattern
        assert less.gaps or {key: one for key, one in now.items() if one == "fail"} == {
            key: one for key, one in verdicts.items() if one == "fail"
        }, pattern
        lost = [question for question, answer in zip(CAN, answers(less), strict=True) if answer == "denied"]
        assert lost == [], pattern
