"""The values that dominate findings are found, and what is proposed is narrow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.detect.tuning.dominance import Dominant, dominant, escaped, propose
from bartizan.detect.tuning.observed import Observed
from bartizan.rules.reference import reference_rule
from bartizan.rules.reference.matcher import matches


def observed(*users: str, **more: str) -> list[Observed]:
    """One finding per user, each of a process and a moment of its own."""
    return [
        Observed(
            {
                "User": user,
                "Image": f"C:\\{'tool' if user.endswith('backup') else user[-1]}.exe",
                "ProcessId": str(at),
                "Mode": "fast",
                **more,
            },
            (f"host:{at % 2}",),
            (f"user:{user}",),
        )
        for at, user in enumerate(users)
    ]


MANY = ["CORP\\backup"] * 8 + ["CORP\\alice", "CORP\\bob"]


def test_a_field_is_told_by_its_commonest_value_its_share_and_its_entropy() -> None:
    table = dominant(observed(*MANY), ["Image"])
    assert [one.field for one in table] == ["User", "Image", "Mode"]
    assert table[1] == Dominant("Image", "C:\\tool.exe", 8, 0.8, 3, pytest.approx(0.9219, abs=1e-4), 2, 1)  # type: ignore[arg-type]  # approx stands for a float
    assert table[2].entropy == 0.0


def test_what_is_the_same_in_every_finding_is_told_once_under_the_name_that_the_rule_reads() -> None:
    found = [Observed({"User": f"CORP\\{name}", "Account": f"CORP\\{name}"}, (), ()) for name in ("alice", "bob")]
    assert [one.field for one in dominant(found)] == ["User"]
    assert [one.field for one in dominant(found, ["Account"])] == ["Account"]


def test_the_proposal_is_what_is_constant_in_the_cluster_and_tells_it_from_the_rest() -> None:
    found = observed(*MANY, Company="Microsoft Corporation")
    proposal = propose(found, ["Image"], dominant(found, ["Image"]))
    assert proposal is not None
    assert dict(proposal.where) == {"User": ("CORP\\backup",), "Image": ("C:\\tool.exe",)}
    assert (proposal.count, proposal.share) == (8, 0.8)


def test_where_all_findings_are_alike_the_proposal_names_what_they_share() -> None:
    found = observed(*["CORP\\backup"] * 3)
    proposal = propose(found, [], dominant(found))
    assert proposal is not None
    assert dict(proposal.where) == {"User": ("CORP\\backup",), "Image": ("C:\\tool.exe",)}


@pytest.mark.parametrize(
    "found", [[], observed("CORP\\a", "CORP\\b", "CORP\\c", "CORP\\d"), [Observed({"rcode": "0", "proto": "udp"}, (), ())] * 9]
)
def test_where_nothing_that_names_something_dominates_nothing_is_proposed(found: list[Observed]) -> None:
    assert propose(found, [], dominant(found)) is None


def test_a_field_that_some_findings_do_not_have_counts_as_a_value_of_its_own() -> None:
    found = [Observed({"User": "CORP\\alice"}, (), ()), Observed({}, (), ())]
    [one] = dominant(found)
    assert (one.share, one.distinct, one.entropy) == (0.5, 1, 1.0)


@given(st.text(st.sampled_from("ab\\*?"), max_size=8), st.text(st.sampled_from("ab\\*?"), max_size=8))
def test_an_escaped_value_matches_the_text_and_no_other(text: str, other: str) -> None:
    detection = {"s": {"f": escaped(text)}, "condition": "s"}
    rule = reference_rule({"title": "x", "logsource": {"product": "p"}, "detection": detection})
    assert matches(rule.tree, {"f": text}).fires
    assert matches(rule.tree, {"f": other}).fires is (other == text)
