from __future__ import annotations

import random
from dataclasses import replace

from tests.explain.sample import START, crowd, evidence, group, host, intrusion, outcome, rule

from bartizan.detect.contract import FileBalance, Outcome, RuleVerdict
from bartizan.explain.caveats import Totals
from bartizan.explain.coverage import Cell, matrix_of
from bartizan.explain.reading import choose
from bartizan.explain.risk import rank
from bartizan.explain.story import tell
from bartizan.explain.summary import summary
from bartizan.schema.attack import technique

SECOND = 1_000_000_000


def test_an_intrusion_is_told_from_its_noise() -> None:
    story = tell(intrusion())
    assert story.headline == "9 rules fired: 4 critical and 7 high among 991 findings. Begin with user:corp\\j.doe."
    assert story.levels == {"critical": 4, "high": 7, "medium": 961, "low": 12, "informational": 7}
    assert [tactic.name for tactic in story.tactics] == [
        *("Initial Access", "Execution", "Persistence", "Credential Access", "Discovery", "Lateral Movement", "Exfiltration")
    ]
    assert (story.first, story.last) == (START, START + (60 * 39 + 80_000) * SECOND)
    assert (story.events, story.findings, story.rules, story.unnamed, len(story.groups)) == (251_800, 991, 9, 7, 48)
    assert story.totals == Totals(files=4, read=252_345, stored=251_800, unparsed=57, duplicate=488, bytes=88_285_184)
    assert story.totals.closes


def test_the_records_to_read_first_tell_the_intrusion_in_order_of_time() -> None:
    readings = tell(intrusion()).readings
    assert [(reading.rank, reading.rules[0].title) for reading in readings] == [
        (6, "Office program starts a script host"),
        (3, "Encoded PowerShell command line"),
        (4, "Run key that points to a temporary folder"),
        (1, "Memory of LSASS written to a file"),
        (5, "Service created over an administrative share"),
        (2, "Archive sent to cloud storage"),
    ]


def test_what_is_not_covered_is_said_worst_first() -> None:
    partial = replace(intrusion(), partial="stopped by Ctrl-C after 3 of 9 files")
    assert tell(partial).caveats == (
        "This result is partial: stopped by Ctrl-C after 3 of 9 files",
        "1 file was recognised by no source, first logs/photo.jpg.",
        "57 of 252,345 records (less than 0.1 %) could not be parsed, in 2 files.",
        "2 files had problems, first logs/proxy/access.log: cut off in the middle of line 52,346",
        "1 rule could not be loaded, first rules/broken.yml.",
    )


def test_a_balance_that_does_not_close_is_said() -> None:
    files = (FileBalance(path="a\x1b.log", source="x", read=10, stored=4, unparsed=5), FileBalance(path="b", source="", bytes=1))
    assert tell(outcome(group(rule(1), host("a")), balance=(*files, *files[1:]))).caveats == (
        "The balance does not close in 1 file, first a\\x1b.log: please report this as a fault.",
        "2 files were recognised by no source, first b.",
        "5 of 10 records (50.0 %) could not be parsed, in 1 file.",
    )


def test_a_hunt_without_rules_or_without_matching_sources_says_so() -> None:
    nothing = outcome()
    assert tell(replace(nothing, verdicts=())).caveats == ("No rule was loaded, so nothing was judged.",)
    assert tell(nothing).caveats == ("No rule could fire on what was read: no log source that a rule asks for is there.",)


def test_a_filter_that_holds_rules_back_is_told() -> None:
    told = replace(outcome(group(rule(1), host("a"))), remarks=("pack/f.yml:1: filter 'Jump host' applies to 2 rules", "another"))
    assert tell(told).caveats == ("Of the rules: pack/f.yml:1: filter 'Jump host' applies to 2 rules, and 1 more.",)


def test_nothing_found_is_said_as_what_was_looked_at() -> None:
    quiet = outcome()
    assert tell(replace(quiet, verdicts=(RuleVerdict(rule(1), "running"),))).headline == "No rule fired: 1 rule judged 990 records."
    assert tell(replace(quiet, events=0)).headline == "Nothing was read that could be judged."


def test_one_finding_makes_a_story() -> None:
    story = tell(outcome(group(rule(1, level="medium"), host("a"))))
    assert story.headline == "1 rule fired: 1 finding. Begin with host:a."
    assert [(reading.rank, reading.evidence) for reading in story.readings] == [(1, evidence(1_000_000, 0))]


def test_a_finding_that_names_nobody_makes_a_story() -> None:
    story = tell(outcome(group(rule(1, level="high", tags=()))))
    assert (story.headline, story.unnamed, story.entities) == ("1 rule fired: 1 high among 1 finding.", 1, ())
    assert len(story.readings) == 1


def test_the_order_of_groups_changes_nothing() -> None:
    found = intrusion()
    shuffled = list(found.groups)
    random.Random(5).shuffle(shuffled)
    assert tell(replace(found, groups=tuple(shuffled))) == tell(found)


def test_ten_records_of_one_loop_are_not_what_to_read_first() -> None:
    loop, other = rule(1), rule(2, level="medium")
    looping = group(loop, host("a"), count=50, samples=tuple(evidence(number, number) for number in range(3)))
    groups = [looping, group(other, host("b"), at=900)]
    assert [reading.rules[0].id for reading in sorted(choose(groups, rank(groups), 2), key=lambda one: one.rank)] == [loop.id, other.id]


def test_a_record_that_made_several_rules_fire_is_read_once_for_all() -> None:
    shared = evidence(1, 0)
    groups = [group(rule(number, level=level), host("a"), samples=(shared,)) for number, level in ((1, "low"), (2, "critical"))]
    (reading,) = choose(groups, rank(groups))
    assert ([one.level for one in reading.rules], reading.entities) == (["critical", "low"], (host("a"),))


def test_the_matrix_has_every_tactic_and_counts_findings_once_per_tactic() -> None:
    two = rule(1, tags=("attack.execution", "attack.t1059.001", "attack.t1204"))
    alone = rule(2, level="critical", tags=("attack.t1078", "attack.t1059.001"))
    lanes = {lane.tactic.shortname if lane.tactic else "": lane for lane in matrix_of([group(two, count=3), group(alone, count=2)])}
    assert len(lanes) == 16
    assert lanes["execution"].findings == 5
    assert lanes["execution"].cells == (Cell(technique("T1059.001"), 5, 2, "critical"), Cell(technique("T1204"), 3, 1, "high"))
    assert lanes[""].cells == (Cell(technique("T1078"), 2, 1, "critical"),)
    assert lanes["impact"].cells == ()


def test_of_thirty_thousand_findings_ten_rules_are_read_first() -> None:
    found: Outcome = crowd()
    story = tell(found)
    assert len(story.readings) == 10
    assert len({reading.rules[0].id for reading in story.readings}) == 10
    assert sum(story.levels.values()) == 30_000


def test_the_story_is_given_to_programs_too() -> None:
    told = summary(outcome(group(rule(1), host("a"))), tell(outcome(group(rule(1), host("a")))))
    assert told["entities"] == [{"entity": "host:a", "risk": 9.0, "level": "high", "findings": 1, "why": "1 high rule, 1 tactic"}]
    assert (told["findings"], told["read_first"]) == (1, [f"{1_000_000:032x}"])


def test_what_was_not_judged_or_not_told_apart_is_said() -> None:
    found = replace(outcome(group(rule(1), host("a"))), outside=1, folded=12, forgot=True, differences=("a.log: rule 1 on record 7",))
    assert tell(found).caveats == (
        "The reference matcher disagreed 1 time, first a.log: rule 1 on record 7: please report this as a fault.",
        "There were more records than are remembered: duplicates that stand far apart were not seen.",
        "There were too many groups: 12 findings joined others of the same rule, whoever they are about.",
        "1 record outside the time asked for was not judged.",
    )
    assert tell(replace(found, outside=1200, folded=0, forgot=False, differences=())).caveats == (
        "1,200 records outside the time asked for were not judged.",
    )
