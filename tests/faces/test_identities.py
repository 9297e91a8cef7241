"""Identity facts on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.hunting import process, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a hunt keeps of two processes that had the number 40 one after the other."""
    folder = tmp_path_factory.mktemp("case")
    logs = write(
        folder / "logs" / "sysmon.json",
        [process(30, ProcessGuid="{7b1c0f52-0001}", ProcessId="40"), process(7300, ProcessGuid="{7b1c0f52-0002}", ProcessId="40")],
    )
    assert bartizan("hunt", logs, "--rules", "starter", "--no-exceptions", "--out", folder / "out", "--quiet").code == 0
    return folder / "out"


def test_without_a_choice_the_rules_are_told_with_their_facts(case: Path) -> None:
    said = bartizan("identities", case)
    assert said.code == 0
    assert said.out == (
        "        1  process-image            pid = file\n"
        "        2  process-pid              pid = process\n"
        "        2  process-user             process = user\n"
        "5 facts: --of, --kind, --rule and --at show them, --json shows all\n"
    )


def test_facts_of_one_identity_say_when_and_why(case: Path) -> None:
    said = bartizan("identities", case, "--of", "{7B1C0F52-0001}", "--rule", "process-pid")
    lines = said.out.splitlines()
    assert lines[0] == "pid 40 = process 7b1c0f52-0001 on host:ws-1.corp.example"
    assert lines[1].startswith(
        "  seen 2026-11-23 00:00:30, ended 2026-11-23 02:01:40 (pid-reuse), 1 record, process-pid of Microsoft-Windows-Sysmon, e.g. "
    )


def test_a_moment_chooses_who_it_was_then(case: Path) -> None:
    then = bartizan("identities", case, "--of", "40", "--kind", "process", "--at", "2026-11-23T03:00", "--json").json
    assert [fact["right"] for fact in then["facts"]] == ["7b1c0f52-0002"]
    assert bartizan("identities", case, "--at", "2020-01-01").out == "no facts\n"


def test_more_facts_than_are_shown_are_counted(case: Path) -> None:
    assert bartizan("identities", case, "--kind", "process", "--most", "3").out.splitlines()[-1].startswith("and 1 more fact: ")
    assert bartizan("identities", case, "--json", "--most", "1").json["count"] == 5


def test_what_cannot_be_read_or_is_not_known_is_said(case: Path, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("text")
    record = next(case.rglob("ext/**/*.parquet"))
    said = [
        bartizan("identities", *words).err.splitlines()[0].partition(": ")[2]
        for words in (
            [tmp_path / "no"],
            [tmp_path / "x.parquet"],
            [record],
            [case, "--kind", "hots"],
            [case, "--rule", "no"],
        )
    ]
    assert said[0] == f"{tmp_path / 'no'}: holds no identities; name a folder that `bartizan hunt --out` wrote"
    assert said[1].startswith(f"{tmp_path / 'x.parquet'}: is no Parquet file of identities: ")
    assert said[2].startswith(f"{record}: holds no identities: it has no column rule, left_kind, left, ")
    assert said[3].startswith("--kind: 'hots' is no kind of identity; there are host, ip, mac, ")
    assert said[4].startswith("--rule: 'no' makes no facts; there are host-address, outbound-address-host, ")


def test_indicators_are_not_looked_for_among_facts(case: Path, tmp_path: Path) -> None:
    block = tmp_path / "block.txt"
    block.write_text("203.0.113.50\n")
    said = bartizan("indicators", "match", block, "--on", case, "--json")
    assert (said.code, said.json["records"]) == (0, 2)
