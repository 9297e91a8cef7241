"""What a review says in a terminal: every line, as a person reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.explain.cloud.estate import CHECKS, EXCEPTION, NOW, reviewed

from bartizan.collect.inventory.contract import Facts
from bartizan.explain.cloud.lines import page_lines
from bartizan.explain.cloud.page import page_of
from bartizan.review.cloud.checks.loading import load
from bartizan.review.cloud.checks.outcome import Review
from bartizan.review.cloud.paths.contract import PathsFound
from bartizan.review.cloud.reviewed import Reviewed
from bartizan.review.cloud.ways import names_of

if TYPE_CHECKING:
    from pathlib import Path


def said(review: Reviewed, *, colour: bool = False) -> list[str]:
    return list(page_lines(page_of(review), names_of(review), colour=colour))


def test_a_detection_that_may_see_a_hop_is_told_with_what_it_hangs_on(tmp_path: Path) -> None:
    review = replace(
        reviewed(tmp_path), seen={}, perhaps={"administrator": ("Rights given, if a person does it", "Much done, if it is done often")}
    )
    (line, *_) = [line for line in said(review) if "perhaps" in line]
    assert line == "       perhaps seen by: Rights given, if a person does it; and 1 more"


def test_a_hop_of_which_no_log_has_a_record_is_told_with_the_reason(tmp_path: Path) -> None:
    review = reviewed(tmp_path)
    rules = {name: replace(rule, silent="No log.") for name, rule in review.paths.rules.items()}
    assert "       leaves no record of its own: No log." in said(replace(review, paths=replace(review.paths, rules=rules)))


def test_a_review_is_told_from_the_gravest_to_what_cannot_be_told(tmp_path: Path) -> None:
    allowed = "       Statement 'All' of role/web allows iam:AttachRolePolicy on role/*. [main.tf line 40]"
    seen = "       seen by: Administrator rights attached to an identity"
    assert said(reviewed(tmp_path)) == [
        "Cloud review: 1 way from the internet to what matters, 1 check of high or critical level fails",
        "4 resources of 2 kinds in 1 account, 2 principals, 0 statements",
        "",
        "                    fail  unknown     pass",
        "  high                 1        2        1",
        "  all                  1        2        1",
        "",
        "Ways to what matters (3)",
        "  1. high internet -> everything in account 111122223333 in 3 hops if workload-flaw",
        "     internet -> instance web-1: Reach an instance from the internet",
        "       leaves no record of its own",
        "     instance web-1 -> role web: Take the role of a workload",
        "       blind: no detection fires on sts:GetCallerIdentity",
        "     role web -> everything in account 111122223333: Attach a policy",
        allowed,
        seen,
        "  2. high user build -> everything in account 111122223333 in 2 hops",
        "     user build -> role web: Assume a role",
        "       blind: no detection fires on sts:AssumeRole",
        "     role web -> everything in account 111122223333: Attach a policy",
        allowed,
        seen,
        "  and 1 more way: bartizan cloud paths, --html or --json has them",
        "  without role/web#inline/all, statement 0 (All): 2 of 2 starts no longer come to everything in account 111122223333, 0 still do",
        "  of 1 hop it cannot be told whether they are there",
        "",
        "Checks that fail (1)",
        "  high      Bucket without versions (bucket-versioning-off): 1 resource",
        "            arn:aws:s3:::customers (infra/main.tf line 12): versioning: Suspended",
        "",
        "What cannot be told",
        "  1 judgement of 1 check: s3:GetBucketVersioning: denied (AccessDenied)",
        "  1 judgement of 1 check: versioning: s3:GetBucketVersioning: denied",
        "  1 hop of 1 rule: the policy of a group was not read",
        "What could not be read (1)",
        "  1 denied: s3:GetBucketVersioning: AccessDenied",
    ]


def test_one_check_of_a_lower_level_fails_and_not_fail(tmp_path: Path) -> None:
    lower = {name: text.replace("level: high", "level: medium") for name, text in CHECKS.items()}
    assert said(reviewed(tmp_path, **lower))[0] == "Cloud review: 1 way from the internet to what matters, 1 check of lower level fails"


def test_what_an_exception_accepts_is_counted_and_not_told_as_failing(tmp_path: Path) -> None:
    lines = said(reviewed(tmp_path, **{"held.yml": EXCEPTION.replace("name: backups", "name: customers")}))
    assert "  of the failures 1 is accepted by an exception" in lines
    assert not any(line.startswith("Checks that fail") for line in lines)
    assert lines[0] == "Cloud review: 1 way from the internet to what matters"


def test_unknown_is_yellow_and_counted_and_a_review_that_can_tell_everything_is_green(tmp_path: Path) -> None:
    lines = said(reviewed(tmp_path), colour=True)
    assert any("\x1b[33m       2\x1b[0m" in line for line in lines)
    assert "\x1b[33mWhat cannot be told\x1b[0m" in lines
    nothing = Reviewed(facts=Facts(), checks=load([]), verdicts=Review([], [], []), paths=PathsFound(nodes=(), hops=()), now=NOW)
    assert said(nothing, colour=True)[-1] == "\x1b[32mEverything that was asked could be told.\x1b[0m"


def test_a_review_in_which_nothing_could_be_judged_says_so(tmp_path: Path) -> None:
    whole = reviewed(tmp_path)
    nothing = replace(whole, facts=Facts(), verdicts=Review([], [], []), paths=PathsFound(nodes=(), hops=()), ways=(), more=0, chokes=())
    assert said(nothing)[0] == "Cloud review: nothing that was read can be judged"
    assert "No way leads anybody to everything in an account, or to a crown jewel, who does not have it already" in said(nothing)


def test_names_from_the_cloud_reach_the_terminal_as_characters_and_nothing_else(tmp_path: Path) -> None:
    whole = reviewed(tmp_path)
    facts = whole.facts
    facts.principals[0] = replace(facts.principals[0], name="we\x1b[2Jb")
    assert not any("\x1b" in line for line in said(whole))
    assert any(r"role we\x1b[2Jb" in line for line in said(whole))
