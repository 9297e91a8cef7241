"""The same estate read live and from an export gives the same judgements; what an export cannot tell is unknown there, and nowhere live."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.collect.inventory.live.azure.estate import exported, wide
from tests.collect.inventory.live.azure.readings import DENIED, read

from bartizan.collect.inventory.exports.reading import read_exports
from bartizan.review.cloud.checks.judging import review
from bartizan.workbench.cloud import checks_of

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

EMPTY_LISTS = {
    "key-vault-not-logged",
    "network-security-group-traffic-not-logged",
    "subscription-activity-incomplete",
    "subscription-activity-not-exported",
    "subscription-no-alert-network-security-groups",
    "subscription-no-alert-policy-assignments",
    "subscription-no-alert-sql-firewalls",
    "subscription-no-security-contact",
    "web-app-remote-debugging",
    "web-app-scripts-of-any-site",
}
"""Checks of what is not there: a file without it does not say that it was looked for."""
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def judged(facts: Facts) -> dict[tuple[str, str], str]:
    return {(one.check, one.resource.uid): one.verdict.value for one in review(facts, checks_of(exceptions=()), now=NOW)}


@pytest.mark.slow
@pytest.mark.enable_socket
def test_what_is_judged_live_and_from_an_export_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(exported(wide())))
    facts = {"live": read(wide(), settings=True).facts, "export": read_exports([str(file)])}
    live, export = judged(facts["live"]), judged(facts["export"])
    assert live.keys() == export.keys()
    assert {key: (live[key], export[key]) for key in live if live[key] != export[key] and export[key] != "unknown"} == {}
    silent = {key[0] for key in live if export[key] == "unknown" != live[key]}
    assert silent == EMPTY_LISTS
    assert {key[0] for key in live if live[key] == "unknown"} == set()
    for name in ("attachments", "statements", "network_rules", "principals", "edges"):
        mine, other = (sorted(str(row).partition("origin=")[0] for row in getattr(each, name)) for each in facts.values())
        assert mine == other, name


@pytest.mark.slow
@pytest.mark.enable_socket
def test_whatever_is_denied_nothing_that_failed_passes_and_a_gap_says_so() -> None:
    whole = wide()
    before = judged(read(whole, settings=True).facts)
    requests = [one for one in whole.asked if one != "GET /subscriptions"]  # without which nothing is read at all
    wrong = {}
    for request in requests:
        azure = wide()
        azure.wrong = {f"^{re.escape(request)}({{|$)": [DENIED] * 20}
        facts = read(azure, settings=True).facts
        after = judged(facts)
        better = [key for key, verdict in before.items() if verdict == "fail" and after.get(key) == "pass"]
        if better or not facts.gaps:
            wrong[request] = better
    assert wrong == {}
    assert len(requests) > 40
