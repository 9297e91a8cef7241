"""Real logs, read where they lie beside the repository: nothing is lost, and what comes out is OCSF."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from typing import TYPE_CHECKING

from tests.field import field_data

from bartizan.collect.contract import Context, Source
from bartizan.collect.sources.aws.cloudtrail import SOURCE as CLOUDTRAIL
from bartizan.collect.sources.linux.auditd import SOURCE as AUDITD
from bartizan.collect.sources.network.zeek import SOURCE as ZEEK
from bartizan.collect.sources.network.zeek_json import SOURCE as ZEEK_JSON
from bartizan.schema.expressions import evaluate
from bartizan.schema.record import Provenance, complete, nested
from bartizan.testing.ocsf_check import check_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_ROWS = 150
"""Records checked of each route of each file: validation is slow, and records of one file resemble each other."""


def problems_of(source: Source, records: Sequence[bytes], head: Sequence[bytes] = ()) -> list[str]:
    """What is wrong with the records of one file: unparsed, or no valid OCSF."""
    parsed = source.parse(records, Context(head=head, modified=1.7e9))
    found = list(parsed.unparsed.values())
    for part in parsed.parts:
        whole = complete(evaluate(part.route.ocsf, part.frame), Provenance(now=2 * 10**18, product=source.product))
        for row in range(min(_ROWS, whole.height)):
            found.extend(f"{part.route.name}: {problem}" for problem in check_record(nested(whole.row(row))))
    return found


def archived(folder: Path, pattern: str) -> Iterator[tuple[str, list[bytes]]]:
    for path in sorted(folder.rglob(pattern)):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if not name.endswith("/"):
                    yield name, archive.read(name).splitlines()


def test_every_cloudtrail_event_of_an_exercise_is_read_and_valid() -> None:
    read = 0
    for path in sorted(field_data("invictus-aws", "CloudTrail").glob("*.json")):
        records = [json.dumps(event).encode() for event in json.loads(path.read_bytes())["Records"]]
        assert CLOUDTRAIL.recognise(records) == len(records)
        assert problems_of(CLOUDTRAIL, records) == []
        read += len(records)
    assert read == 2900


def test_every_line_of_zeeks_logs_is_read_and_valid() -> None:
    read: Counter[str] = Counter()
    for name, lines in archived(field_data("otrf"), "*zeek_logs.zip"):
        head = [line for line in lines if line[:1] == b"#"]
        records = [line for line in lines if line[:1] != b"#"]
        source = ZEEK if head else ZEEK_JSON
        assert source.recognise(lines) == len(lines), name
        assert problems_of(source, records, head) == [], name
        read[source.name] += len(records)
    assert read == {"zeek": 9938, "zeek-json": 4079}


def test_every_line_of_an_audit_log_is_read_and_valid() -> None:
    files = list(archived(field_data("otrf"), "sh_binary_padding_dd.zip"))
    assert [(AUDITD.recognise(lines), problems_of(AUDITD, lines)) for _, lines in files] == [(6, [])]
