from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from tests.explain.sample import crowd, evidence, group, host, intrusion, outcome, rule

from bartizan.detect.contract import FileBalance, Outcome
from bartizan.explain.story import tell
from bartizan.explain.terminal import as_text, show, wants_colour

ESCAPE = "\x1b"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e<script>[bold]:smile:[/bold]\r\n\0漢字"


def text(found: Outcome, **options: object) -> str:
    return as_text(found, tell(found), **options)  # type: ignore[arg-type]  # a test passes what the function takes


def hostile() -> Outcome:
    made = rule(1, title=HOSTILE, tags=("attack.execution",))
    seen = replace(evidence(1, 5, HOSTILE, **{HOSTILE: HOSTILE}), path=HOSTILE)
    files = (FileBalance(path=HOSTILE, source="x", read=1, stored=1, problems=(HOSTILE,) * 4),)
    return replace(outcome(group(made, host(HOSTILE), at=5, samples=(seen,)), balance=files), partial=HOSTILE)


def test_the_report_begins_with_what_it_does_not_cover_and_ends_with_what_to_read() -> None:
    lines = text(intrusion()).splitlines()
    assert lines[0] == "Bartizan hunt · 251,800 records · 2023-11-14 22:13:20 to 2023-11-15 22:13:20 UTC"
    assert lines[2] == "! 1 file was recognised by no source, first logs/photo.jpg."
    assert lines[-3:] == [
        "2023-11-15 00:43:20  critical Archive sent to cloud storage",
        "    logs/day.json, record 7,009,000",
        "    CommandLine: tool.exe --run 7009000",
    ]


def test_the_balance_adds_up_in_one_line() -> None:
    assert "read 252,345 = 251,800 stored + 57 unparsed + 488 duplicate  (4 files, 88.3 MB)" in text(intrusion()).splitlines()


def test_a_balance_that_does_not_close_does_not_look_as_if_it_did() -> None:
    files = (FileBalance(path="a", source="x", read=10, stored=4, bytes=5),)
    assert "read 10 is NOT 4 stored + 0 unparsed + 0 duplicate  (1 file, 5 B)" in text(outcome(balance=files)).splitlines()


def test_every_file_is_under_what_it_was_taken_for() -> None:
    shown = text(intrusion())
    expected = """\
source and file                            read     stored   unparsed  duplicate
access-log, 1 file                       52,345     52,300         45          0
  logs/proxy/access.log                  52,345     52,300         45          0
    ! cut off in the middle of line 52,346
windows-evtx, 1 file                     80,000     79,500         12        488
  logs/windows/security.evtx             80,000     79,500         12        488
windows-json, 1 file                    120,000    120,000          0          0
  logs/windows/sysmon.ndjson.gz         120,000    120,000          0          0
recognised by no source, 1 file               0          0          0          0
  logs/photo.jpg                              0          0          0          0
    ! binary data that no source reads
"""
    assert expected in shown


def test_files_beyond_what_fits_are_counted() -> None:
    files = tuple(FileBalance(path=f"logs/{number:03}.json", source="windows-json", read=2, stored=2) for number in range(40))
    assert "  and 24 more files                          48         48          0          0" in text(outcome(balance=files)).splitlines()


def test_the_rules_are_one_sentence_and_how_to_list_them() -> None:
    shown = " ".join(text(intrusion()).split())
    assert (
        "rules 9 running (9 fired), 1 cannot fire on what was read, 1 refused. List them with their reasons: bartizan rules list" in shown
    )


def test_an_entity_is_told_by_reason_stages_and_timeline() -> None:
    expected = """\
 3. host:srv-files.corp.example  risk 55.5 ███████ critical
    why: 1 critical and 1 high rules, 1 below, 3 tactics, 3 seen on no other host
    Discovery → Lateral Movement → Exfiltration
    2023-11-14
      23:40:00  high         ×2  Service created over an administrative share
      23:41:40  low         ×12  Members of a domain group listed
    2023-11-15
      00:43:20  critical     ×3  Archive sent to cloud storage
"""  # noqa: RUF001 - the sign that is shown
    assert expected in text(intrusion(), width=100)


def test_noise_is_counted_and_not_listed() -> None:
    shown = text(intrusion())
    assert "and 39 more entities, none above risk 0.5" in shown
    assert "and 7 findings without a host, user or address" in shown


def test_rules_beyond_the_gravest_are_counted() -> None:
    groups = [group(rule(number), host("a"), at=number, count=2) for number in range(9)]
    assert "    and 2 more rules (4 findings)" in text(outcome(*groups)).splitlines()


@pytest.mark.parametrize("width", [60, 80, 120, 160])
@pytest.mark.parametrize("found", [intrusion(), hostile(), crowd(3_000)], ids=["intrusion", "hostile", "crowd"])
def test_no_line_is_wider_than_the_terminal(width: int, found: Outcome) -> None:
    assert max(map(cell_len, text(found, width=width).splitlines())) <= width


def test_without_colour_there_is_no_escape() -> None:
    assert ESCAPE not in text(intrusion())


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text(intrusion(), colour=True)
    assert ESCAPE in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == text(intrusion()).split()


@pytest.mark.parametrize("colour", [False, True])
def test_hostile_text_has_no_effect(colour: bool) -> None:  # noqa: FBT001 - a parameter of a test
    shown = re.sub(r"\x1b\[[0-9;]*m", "", text(hostile(), colour=colour, width=160))
    assert all(line.isprintable() for line in shown.split("\n"))
    assert "\\x1b]0;owned\\x07\\x1b[2J\\u202e<script>[bold]:smile:[/bold]\\r\\n\\x00漢字" in shown


def test_a_terminal_without_unicode_gets_ascii() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    found = hostile()
    show(found, tell(found), file, width=100)
    file.flush()
    shown = raw.getvalue().decode("ascii")
    assert "What was read ------" in shown
    assert "\\u6f22\\u5b57" in shown


def test_a_file_without_an_encoding_gets_everything() -> None:
    file = io.StringIO()
    found = intrusion()
    show(found, tell(found), file)
    assert file.getvalue() == text(found)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "wanted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]
)
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], wanted: bool) -> None:  # noqa: FBT001 - a parameter of a test
    assert wants_colour(Terminal(), environ) is wanted


def test_a_pipe_gets_no_colour() -> None:
    assert wants_colour(io.StringIO(), {}) is False


def test_a_hunt_that_found_nothing_is_told_without_empty_parts() -> None:
    shown = text(replace(outcome(), events=0, balance=()))
    assert shown.splitlines()[0] == "Bartizan hunt · no records"
    assert "Who is at risk" not in shown
    assert "Read" not in shown


def test_terabytes_have_a_name() -> None:
    files = (FileBalance(path="a", source="x", read=1, stored=1, bytes=3_200_000_000_000),)
    assert "(1 file, 3.2 TB)" in text(outcome(balance=files))


def test_findings_without_tactics_or_entities_are_told() -> None:
    shown = text(outcome(group(rule(1, tags=())), group(rule(2, tags=()), host("a"))))
    assert "tactics reached" not in shown
    assert "    why: 1 high rule\n    2023-11-14\n" in shown
    assert "and 1 finding without a host, user or address" in shown


def test_findings_that_name_nobody_are_counted() -> None:
    shown = text(outcome(group(rule(1, tags=()), count=2)))
    assert "\n2 high\n\nand 2 findings without a host, user or address\n\nRead this record first" in shown
