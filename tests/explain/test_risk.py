from __future__ import annotations

import random

from tests.explain.sample import START, group, host, intrusion, rule, user

from bartizan.explain.risk import RuleShare, level_of, notable, rank, tactics_of, weight_of

SECOND = 1_000_000_000


def test_three_findings_of_a_level_are_worth_one_of_the_next() -> None:
    weights = [weight_of(rule(1, level=level)) for level in ("informational", "low", "medium", "high", "critical")]
    assert weights == [1 / 3, 1.0, 3.0, 9.0, 27.0]


def test_a_level_that_sigma_does_not_know_is_informational() -> None:
    assert [level_of(rule(1, level=level)) for level in ("HIGH", "catastrophic")] == ["high", "informational"]


def test_an_entity_is_explained_by_its_rules() -> None:
    one, two = rule(1), rule(2, level="critical", tags=("attack.impact",))
    first, second = group(one, host("a"), at=10, count=4, lasting=5), group(two, host("a"), at=60)
    (found,) = rank([second, first])
    assert found.risk == 1.25 * (27 + 9)
    assert found.why == "1 critical and 1 high rules, 2 tactics"
    assert (found.level, found.findings) == ("critical", 5)
    assert (found.first, found.last) == (START + 10 * SECOND, START + 60 * SECOND)
    assert [tactic.name for tactic in found.tactics] == ["Execution", "Impact"]
    assert found.shares == (
        RuleShare(two, 1, START + 60 * SECOND, START + 60 * SECOND, 1, 27.0),
        RuleShare(one, 4, START + 10 * SECOND, START + 15 * SECOND, 1, 9.0),
    )
    assert found.groups == (first, second)


def test_a_rule_that_names_two_hosts_counts_half_for_each() -> None:
    noisy, own = rule(1), rule(2)
    ranked = rank([group(noisy, host("a"), host("b")), group(own, host("a"))])
    assert [(str(one.entity), one.risk, one.why) for one in ranked] == [
        ("host:a", 4.5 + 9, "2 high rules, 1 tactic, 1 seen on no other host"),
        ("host:b", 4.5, "1 high rule, 1 tactic, all shared with other hosts"),
    ]


def test_sharing_is_counted_among_entities_of_one_kind() -> None:
    ranked = rank([group(rule(1), host("a"), user("u"))])
    assert [(str(one.entity), one.risk) for one in ranked] == [("host:a", 9.0), ("user:u", 9.0)]


def test_a_rule_counts_once_however_often_it_fires() -> None:
    often = rank([group(rule(1), host("a"), at=at, count=1_000) for at in range(20)])
    once = rank([group(rule(1), host("a"))])
    assert [one.risk for one in often] == [one.risk for one in once]


def test_five_tactics_double_the_risk_of_one() -> None:
    words = ("execution", "persistence", "discovery", "collection", "impact")
    (found,) = rank([group(rule(number, tags=(f"attack.{word}",)), host("a")) for number, word in enumerate(words)])
    assert found.risk == 2 * 5 * 9


def test_informational_rules_reach_no_tactic() -> None:
    assert tactics_of([rule(1, level="informational")]) == ()


def test_lesser_rules_are_counted_in_the_reason() -> None:
    rules = [rule(number, level=level, tags=()) for number, level in enumerate(("critical", "high", "medium", "low"))]
    assert rank([group(one, host("a")) for one in rules])[0].why == "1 critical and 1 high rules, 2 below"


def test_an_intrusion_ranks_above_a_rule_that_fires_everywhere() -> None:
    ranked = rank(intrusion().groups)
    assert [str(one.entity) for one in notable(ranked, 10)] == [
        "user:corp\\j.doe",
        "host:ws-7.corp.example",
        "host:srv-files.corp.example",
        "ip:198.51.100.23",
    ]
    assert len(ranked) == 43


def test_the_order_of_groups_changes_nothing() -> None:
    groups = list(intrusion().groups)
    expected = rank(groups)
    random.Random(3).shuffle(groups)
    assert rank(groups) == expected


def test_nothing_found_puts_nobody_at_risk() -> None:
    assert rank([]) == ()
    assert notable((), 10) == ()
