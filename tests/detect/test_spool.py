from __future__ import annotations

import resource
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.detect.test_finding import RULE

from bartizan.detect.contract import Evidence
from bartizan.detect.finding import FindingEncoder, renumbered
from bartizan.detect.hunt.spool import BUFFER, Spool
from bartizan.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def finding(number: int, *, offset: int | None = 7) -> bytes:
    encoder = FindingEncoder(RULE, version="1", source="toy")
    ocsf = {"device.hostname": "web-01", "process.pid": 4, "process.user.groups": ("a", "b")}
    return encoder.encode(f"{number:032x}", 1_700_000_000_123_456_789, "a.log", number, offset, f"raw {number}", {"User": "root"}, ocsf)


def test_a_finding_comes_back_as_evidence() -> None:
    with closing(Spool()) as spool:
        spool.add(finding(1))
        place = spool.add(finding(2))
        assert spool.evidence(place) == Evidence(
            record_id=f"{2:032x}",
            finding_uid=FindingEncoder(RULE, version="1").uid_of(f"{2:032x}"),
            time=1_700_000_000_123_000_000,
            path="a.log",
            record=2,
            raw="raw 2",
            matched={"User": "root"},
            ocsf={"device.type_id": 0, "device.hostname": "web-01", "process.pid": 4, "process.user.groups": ("a", "b")},
        )


def test_lines_and_blocks_are_what_was_added_whatever_is_read_between() -> None:
    lines = [b"x" * length for length in (0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER, 5)]
    with closing(Spool()) as spool:
        places = [spool.add(line) for line in lines]
        read = []
        for line in spool.lines():
            read.append(line)
            spool._read(*places[-1])
        assert read == lines
        assert b"".join(spool.blocks()) == b"".join(line + b"\n" for line in lines)
        assert [spool._read(*place) for place in places] == lines
        spool.add(b"later")
        assert list(spool.lines()) == [*lines, b"later"]


def test_the_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "findings.ndjson"
    path.write_text("an earlier one\n")
    with closing(Spool(path)) as spool:
        spool.add(b"{}")
        assert path.read_text() == "an earlier one\n"
        spool.finish()
        assert path.read_bytes() == b"{}\n"
        assert list(spool.lines()) == [b"{}"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_not_finished_is_gone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "findings.ndjson")
    spool.add(b"x" * 2 * BUFFER)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as told:
        Spool(tmp_path / "nowhere" / "findings.ndjson")
    assert str(told.value) == (
        f"{tmp_path}/nowhere/findings.ndjson: findings cannot be written: No such file or directory; "
        "free some room or name another folder with --out"
    )


def test_a_name_that_is_taken_by_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "findings.ndjson" / "inside").mkdir(parents=True)
    spool = Spool(tmp_path / "findings.ndjson")
    with pytest.raises(OutputError, match=r"findings\.ndjson: findings cannot be written: Is a directory"):
        spool.finish()
    spool.close()
    assert [path.name for path in tmp_path.iterdir()] == ["findings.ndjson"]


def test_a_disk_that_is_full_is_told_once_and_closing_is_quiet() -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    spool = Spool()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(OutputError, match=r": findings cannot be written: File too large; free some room"):
            spool.add(b"x" * 2 * BUFFER)
        spool.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("offset", [None, 0, 12])
def test_a_finding_can_be_given_another_number(offset: int | None) -> None:
    assert renumbered(finding(3, offset=offset), 1234).replace(b'"record":1234', b'"record":3') == finding(3, offset=offset)


def test_only_the_number_of_the_record_is_changed() -> None:
    encoder = FindingEncoder(RULE, version="1")
    raw = '{"origin":{"path":"x","record":5}}'
    matched = {"record": 5, "origin": {"path": "y", "record": 5}}
    resources = ({"origin": {"path": "z", "record": 5}, "data": {"raw_data": "1"}},)
    before = encoder.encode("0" * 32, 0, 'a","record":5', 5, None, raw, matched, {"resources": resources})
    after = encoder.encode("0" * 32, 0, 'a","record":5', 77, None, raw, matched, {"resources": resources})
    assert renumbered(before, 77) == after
