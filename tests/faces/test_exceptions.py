"""Findings can be held back, with a name, a reason and an end; and it is shown before what that hides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import Said, bartizan
from tests.faces.test_guide import GUIDE
from tests.hunting import accepted, process, write

from bartizan.collect.inventory.contract import Facts, Origin, Resource, Uid
from bartizan.review.cloud.checks import review
from bartizan.workbench import cloud

if TYPE_CHECKING:
    from pathlib import Path

WHO = ("--owner", "alice@example.com", "--reason", "backup", "--expires", "90d")


@pytest.fixture
def noisy(tmp_path: Path) -> Path:
    """Twelve findings of one rule by the backup, two by a person, and two of another rule."""
    folder = tmp_path / "noisy"
    write(folder / "a.json", [process(number, User="CORP\\backup" if number < 12 else "CORP\\alice") for number in range(14)])
    write(folder / "auth.log", [accepted(1), accepted(2)])
    return folder


def test_a_preview_shows_what_would_be_hidden_and_saves_nothing_without_a_word(noisy: Path, rules: Path) -> None:
    said = bartizan("rules", "except", "whoami", "--where", "User=*backup", *WHO, "--rules", rules, "--preview", noisy)
    assert said.code == 0
    lines = said.out.split("\n\n", 1)[1].splitlines()
    assert lines[:2] == [
        "would have hidden 12 of 14 findings; 2 stay",
        "about host:ws-1.corp.example (12), user:corp\\backup (12)",
    ]
    assert [line.split("record ")[1][:2].strip() for line in lines[2:12]] == [str(number) for number in range(1, 11)]
    assert lines[12:] == ["  and 2 more"]
    assert said.err == "bartizan: nobody can be asked here: --yes saves it\nbartizan: not saved\n"
    assert bartizan("rules", "exceptions", "list").out == "0 exceptions, 0 expired\n"


@pytest.mark.parametrize("written", ["folder", "ndjson", "parquet"])
def test_findings_of_an_earlier_hunt_give_the_same_preview(written: str, noisy: Path, rules: Path, tmp_path: Path) -> None:
    words = ("rules", "except", "whoami", "--where", "User=*backup", *WHO, "--rules", rules, "--json", "--preview")
    fresh = bartizan(*words, noisy).json["preview"]
    bartizan("hunt", noisy, "--rules", rules, "--out", tmp_path / "case", "--quiet")
    place = {"folder": tmp_path / "case", "ndjson": tmp_path / "case" / "findings.ndjson"}.get(written)
    past = bartizan(*words, place or next((tmp_path / "case" / "ext" / "detection_finding").rglob("*.parquet"))).json["preview"]
    for one in (*past["first"], *fresh["first"]):
        del one["matched"]  # a new hunt tells what the exception matched too
    assert past == fresh
    assert (past["hidden"], past["stays"], past["unknown"], past["levels"], past["high_or_critical"]) == (12, 2, 0, {"medium": 12}, 0)


def test_hiding_grave_findings_is_said(noisy: Path, rules: Path) -> None:
    said = bartizan("rules", "except", "root", "--where", "message=*", *WHO, "--rules", rules, "--preview", noisy)
    assert "! 2 hidden findings of level high or critical\n" in said.out


def test_a_saved_exception_is_applied_and_counted_until_it_is_removed(noisy: Path, rules: Path) -> None:
    said = bartizan("rules", "except", "whoami", "--where", "User=*backup", *WHO, "--rules", rules, "--yes")
    uid = said.err.split()[-1]
    until = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
    told = bartizan("hunt", noisy, "--rules", rules, "--json").json
    assert (told["findings"], [(one["id"], one["findings"]) for one in told["held_back"]]) == (4, [(uid, 12)])
    sentence = "12 findings held back by exception 'Somebody asks who they are, where User is *backup' of alice@example.com until"
    assert f"{sentence} {until}." in told["caveats"]
    assert bartizan("hunt", noisy, "--rules", rules, "--json", "--no-exceptions").json["findings"] == 16
    [listed] = bartizan("rules", "exceptions", "list", "--json").json
    assert (listed["id"], listed["owner"], listed["reason"], listed["expires"], listed["state"]) == (uid, *WHO[1:4:2], until, "applied")
    assert f"applied  {until} {uid} alice@example.com: Somebody asks" in bartizan("rules", "exceptions", "list").out
    assert bartizan("rules", "exceptions", "show", uid).out.startswith("---\ntitle: Somebody asks who they are, where User is ")
    removed = bartizan("rules", "exceptions", "remove", uid)
    assert removed == Said(0, "removed Somebody asks who they are, where User is *backup\n", "")
    assert bartizan("hunt", noisy, "--rules", rules, "--json").json["held_back"] == []


def test_exceptions_can_be_kept_in_a_file_of_ones_own(noisy: Path, rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "team.yml"
    words = ("--where", "User=*backup", *WHO, "--rules", rules, "--yes", "--file", file)
    bartizan("rules", "except", "any", "--logsource", "windows/process_creation/-", *words)
    assert bartizan("hunt", noisy, "--rules", rules, "--json").json["findings"] == 16
    assert bartizan("hunt", noisy, "--rules", rules, "--json", "--exceptions", file).json["findings"] == 4
    assert bartizan("rules", "exceptions", "list", "--file", file).out.endswith("1 exceptions, 0 expired\n")
    assert bartizan("hunt", noisy, "--rules", rules, "--exceptions", tmp_path / "no.yml").code == 2


def test_an_exception_that_has_expired_is_said_to_have(noisy: Path, rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "team.yml"
    bartizan("rules", "except", "whoami", "--where", "User=*backup", *WHO, "--rules", rules, "--yes", "--file", file)
    text = file.read_text()
    file.write_text(text.replace(text.rpartition("expires: ")[2].strip(), "2020-01-01"))
    told = bartizan("hunt", noisy, "--rules", rules, "--json", "--exceptions", file).json
    assert told["findings"] == 16
    which = "exception 'Somebody asks who they are, where User is *backup' of alice@example.com until 2020-01-01"
    assert [sentence for sentence in told["caveats"] if "xpired" in sentence] == [f"Expired, so no longer applied: {which}."]
    assert bartizan("rules", "exceptions", "list", "--file", file).out.endswith("1 exceptions, 1 expired\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("any", "--where", "a=b", *WHO), "an exception to any rule needs a log source: --logsource windows/process_creation/-"),
        (("whoami", "--where", "a", *WHO), "--where 'a': write FIELD=VALUE, as in --where 'Image=*\\\\backup.exe'"),
        (("whoami", "--where", "a|b=c", *WHO), "--where: a|b: 'b' is no modifier"),
        (
            ("whoami", "--where", "a=b", *WHO[:4], "--expires", "soon"),
            "--expires 'soon': is no date; write 2026-12-31, or 90d for 90 days from now",
        ),
        (("whoami", "--where", "a=b", *WHO[:4], "--expires", "2020-01-01"), "--expires 2020-01-01: is over already"),
        (("whoami", "--where", "a=b", "--owner", " ", *WHO[2:]), "--owner: is empty: whoever meets this exception later must know"),
        (("nobody", "--where", "a=b", *WHO), "no rule is called 'nobody'; `bartizan rules list` shows what there is"),
    ],
)
def test_an_exception_that_says_too_little_is_refused(words: tuple[str, ...], complaint: str, rules: Path) -> None:
    assert bartizan("rules", "except", *words, "--rules", rules) == Said(2, "", f"bartizan: {complaint}\n")


def test_a_wildcard_that_a_backslash_makes_plain_is_noticed(rules: Path) -> None:
    said = bartizan("rules", "except", "whoami", "--where", "Image=C:\\Tools\\*", *WHO, "--rules", rules, "--yes")
    assert said.err.splitlines()[0] == (
        "bartizan: --where 'Image=C:\\Tools\\*': in Sigma \\* is a plain *; for a backslash before a wildcard write \\\\*"
    )
    assert "plain" not in bartizan("rules", "except", "whoami", "--where", "Image=C:\\Tools\\\\*", *WHO, "--rules", rules, "--yes").err


def test_what_is_no_exception_cannot_be_shown() -> None:
    said = bartizan("rules", "exceptions", "show", "x")
    assert said == Said(2, "", "bartizan: no exception is called 'x'; `bartizan rules exceptions list` shows them\n")


def test_a_correlation_cannot_be_excepted() -> None:
    said = bartizan("rules", "except", "A Windows password was guessed", "--where", "User=x", *WHO)
    message = "is a correlation, which judges no record: except the rules that it is made of"
    assert said == Said(2, "", f"bartizan: 'A Windows password was guessed' {message}\n")


def test_logs_that_a_mapping_file_reads_can_be_previewed_and_tuned(tmp_path: Path) -> None:
    mapping = write(tmp_path / "door.yml", [(GUIDE / "sources.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]])
    rule = write(
        tmp_path / "rules" / "a.yml",
        [
            "title: A door\nid: 77777777-7777-4777-8777-777777777777\nlogsource: {product: door}\n",
            "detection: {s: {door: 7}, condition: s}\n",
        ],
    )
    lines = [f'{{"badge":"alice@example.com","door":7,"at":"2026-03-17T08:00:0{second}Z"}}\n' for second in range(4)]
    log = write(tmp_path / "logs" / "door.log", lines)
    words = ("--rules", rule.parent, "--mapping", mapping, "--json")
    preview = ("rules", "except", "A door", "--where", "badge=alice*", *WHO, *words, "--preview")
    assert bartizan(*preview, log).json["preview"]["hidden"] == 4
    assert bartizan("hunt", log, *words[:4], "--out", tmp_path / "case", "--quiet").code == 0
    assert bartizan(*preview, tmp_path / "case").json["preview"]["hidden"] == 4
    assert bartizan("rules", "tune", "A door", "--on", log, *words).json["preview"]["hidden"] == 4


def test_a_check_is_excepted_for_a_resource_and_the_review_counts_it() -> None:
    words = ("rules", "except", "s3-bucket-without-versions", "--check", *WHO)
    said = bartizan(*words, "--where", "colour=red")
    assert (said.code, said.err) == (2, "bartizan: --where: there is no property 'colour'\n")
    assert bartizan(*words, "--where", "tags.use=scratch", "--yes").code == 0
    bucket = Resource(uid=Uid("arn:aws:s3:::b"), provider="aws", kind="s3_bucket", tags={"use": "scratch"}, origin=Origin("case"))
    other = Resource(uid=Uid("arn:aws:s3:::c"), provider="aws", kind="s3_bucket", origin=Origin("case"))
    checks = cloud.checks_of()
    found = review(Facts(resources=[bucket, other]), checks)
    told = [(one.resource.uid[-1], one.exception and one.exception.owner) for one in found if one.check == "s3-bucket-without-versions"]
    assert told == [("b", "alice@example.com"), ("c", None)]
    assert [one.owner for one in checks.holdings] == ["alice@example.com"]
