"""What is observed of a rule's findings are the findings that a hunt has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hunting import NOW, SSH_ROOT, WHOAMI, accepted, hunted, pack, process, write

from bartizan.collect.catalogue import catalogue
from bartizan.detect.tuning import observed
from bartizan.detect.tuning.hidden import Hidden, preview_of
from bartizan.detect.tuning.observed import observe
from bartizan.detect.tuning.past import past_findings, preview_past
from bartizan.detect.tuning.replay import Replay, document_of
from bartizan.errors import InputError
from bartizan.rules import load
from bartizan.rules.exceptions import Draft
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from pathlib import Path

TRACKED = """
title: A tracked file was read
id: 77777777-7777-4777-8777-777777777777
logsource: {product: linux, service: auditd}
detection: {s: {type: SYSCALL, key: tracked}, condition: s}
"""


def replayed(path: Path) -> Replay:
    return Replay(paths=[str(path)], now=NOW)


def test_every_field_of_the_records_is_there_under_names_that_filters_use(tmp_path: Path) -> None:
    rules = load([pack(tmp_path / "rules", {"a.yml": WHOAMI})], cache=tmp_path / "cache")
    log = write(tmp_path / "logs" / "a.json", [process(1), process(1), process(2, "C:\\x.exe"), process(3, Extra="kept")])
    found = observe(rules, 0, replayed(log.parent)).found
    assert [(one.fields["User"], one.fields.get("Extra"), one.hosts, one.users) for one in found] == [
        ("CORP\\analyst", None, ("host:ws-1.corp.example",), ("user:corp\\analyst",)),
        ("CORP\\analyst", "kept", ("host:ws-1.corp.example",), ("user:corp\\analyst",)),
    ]
    assert len(found) == hunted([log.parent], tmp_path / "rules").outcome.findings


def test_records_of_several_lines_are_read_whole(tmp_path: Path) -> None:
    rules = load([pack(tmp_path / "rules", {"a.yml": TRACKED})], cache=tmp_path / "cache")
    lines = [
        'type=SYSCALL msg=audit(1700000000.123:7): arch=c000003e syscall=257 success=yes comm="cat" exe="/usr/bin/cat" key="tracked"\n',
        'type=PATH msg=audit(1700000000.123:7): item=0 name="/etc/shadow" nametype=NORMAL\n',
        'type=SYSCALL msg=audit(1700000001.123:8): arch=c000003e syscall=257 success=yes comm="ls" exe="/usr/bin/ls" key="other"\n',
    ]
    log = write(tmp_path / "logs" / "audit.log", lines)
    found = observe(rules, 0, replayed(log)).found
    assert len(found) == hunted([log], tmp_path / "rules").outcome.findings == 1
    assert found[0].fields["exe"] == "/usr/bin/cat"


def test_more_findings_than_are_looked_at_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observed, "MOST", 3)
    rules = load([pack(tmp_path / "rules", {"a.yml": WHOAMI})], cache=tmp_path / "cache")
    log = write(tmp_path / "logs" / "a.json", [process(number) for number in range(10)])
    made = observe(rules, 0, replayed(log))
    assert (len(made.found), made.more) == (3, 7)


def test_a_rule_is_taken_out_of_a_file_of_several(tmp_path: Path) -> None:
    folder = pack(tmp_path / "rules", {"a.yml": f"# first\n---{SSH_ROOT}---{WHOAMI}"})
    rules = load([folder], cache=tmp_path / "cache")
    assert [document_of(rules, number).decode().strip() for number in range(2)] == [SSH_ROOT.strip(), WHOAMI.strip()]


def test_the_earliest_findings_are_shown_of_very_many() -> None:
    def hidden(at: int) -> Hidden:
        return Hidden(time=at, title="t", level="low", path="p", record=at, entities=("host:a",), matched={})

    preview = preview_of((hidden(at) for at in range(10_000, 0, -1)), stays=1)
    assert (preview.hidden, [one.time for one in preview.first]) == (10_000, list(range(1, 11)))
    assert preview.entities == [("host:a", 10_000)]


def draft(**where: str) -> Draft:
    from datetime import date

    given = {name: (value,) for name, value in where.items()}
    return Draft(rule="any", about="", logsource=Logsource("linux"), where=given, owner="a", reason="b", expires=date(2026, 1, 1))


def finding(raw: str, source: str, category: str = "linux/-/auditd") -> bytes:
    import msgspec

    told = {
        "time": 1,
        "severity": "Low",
        "metadata": {"log_source": source, "product": {"name": "Bartizan"}},
        "finding_info": {"title": "t", "analytic": {"uid": "u", "category": category}},
        "evidences": [{"data": {"raw_data": raw, "origin": {"path": "p", "record": 1}, "matched": {}}}],
    }
    return msgspec.json.encode(told)


def test_findings_of_which_it_cannot_be_told_are_counted_with_the_reason() -> None:
    lines = [
        finding("type=SYSCALL msg=audit(1700000000.123:7): a=b", "auditd"),
        finding("x", "gone"),
        finding("???", "syslog", "linux/-/sshd"),
        finding(accepted(1), "syslog", "linux/-/nowhere"),
        finding(accepted(1), "syslog", "windows/-/security"),
    ]
    preview = preview_past(draft(a="b"), lines, catalogue())
    assert (preview.hidden, preview.stays, preview.unknown) == (0, 0, 4)
    assert preview.why == [
        "1: a record of syslog cannot be read without its file",
        "1: no source is called 'gone'",
        "1: records of auditd are told by several lines, and a finding holds one",
        "1: syslog no longer gives linux/-/nowhere",
    ]


def test_files_that_hold_no_findings_are_logs(tmp_path: Path) -> None:
    assert past_findings(tmp_path) is None
    assert past_findings(write(tmp_path / "a.ndjson", [process(1)])) is None
    assert past_findings(write(tmp_path / "a.log", [accepted(1)])) is None
    with pytest.raises(InputError, match=r"a\.parquet: is no Parquet file of findings"):
        list(past_findings(write(tmp_path / "a.parquet", ["x"])) or ())


def test_a_table_of_something_else_is_no_findings(tmp_path: Path) -> None:
    import polars as pl

    pl.DataFrame({"time": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"holds no findings: it has no column device, evidences, finding_info, metadata, severity"):
        list(past_findings(tmp_path / "a.parquet") or ())


def test_a_torn_line_of_findings_is_told(tmp_path: Path) -> None:
    whole = '{"class_uid":2004,"metadata":{"product":{"name":"Bartizan"}}}\n'
    file = write(tmp_path / "a.ndjson", [whole, whole[:-3] + "\n"])
    with pytest.raises(InputError, match=r"a\.ndjson:2: this is no finding"):
        list(past_findings(file) or ())
