"""Whatever is in the files, read = stored + unparsed + duplicate, and each finding names its record."""

from __future__ import annotations

import gzip
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.hunting import TINY, accepted, counts, failed, hunted, process, write

from bartizan.detect.contract import FileBalance


def test_a_line_is_stored_unparsed_or_a_duplicate(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "auth.log", [accepted(1), "???\n", accepted(2), accepted(1), failed(3), "???\n"])
    told = hunted([log], rules)
    assert told.outcome.balance == [
        FileBalance(path=str(log), source="syslog", read=6, stored=3, unparsed=1, duplicate=2, bytes=log.stat().st_size)
    ]
    assert told.sights == [("1", "auth.log", 1), ("1", "auth.log", 3), ("2", "auth.log", 5)]
    assert (told.outcome.events, told.outcome.findings, told.outcome.by_source) == (3, 3, {"syslog": 3})


def test_duplicates_are_seen_across_chunks_and_files(tmp_path: Path, rules: Path) -> None:
    lines = [accepted(number) for number in range(200)]
    write(tmp_path / "a.log", [*lines, *lines[:50]])
    write(tmp_path / "b.log", [*lines[100:], accepted(900)])
    told = hunted([tmp_path], rules, limits=TINY)
    assert told.counts == {"a.log": (250, 200, 0, 50), "b.log": (101, 1, 0, 100)}
    assert told.sights == [*(("1", "a.log", number) for number in range(1, 201)), ("1", "b.log", 101)]


def test_a_flawed_record_of_ocsf_is_stored_and_counted_and_one_of_no_class_is_unparsed(tmp_path: Path, rules: Path) -> None:
    flow = (
        '{"activity_id":6,"category_uid":4,"class_uid":%d,"metadata":{"product":{"name":"VPC"},"version":"1.8.0"},"severity_id":%d,'
        '"src_endpoint":{"ip":"192.0.2.10"},"dst_endpoint":{"ip":"203.0.113.9"},"time":%d,"type_uid":400106}\n'
    )
    kinds = ((4001, 1, 1772438401000), (4001, 77, 1772438401000), (4999, 1, 1772438401000), (4001, 1, 1772438402000))
    log = write(tmp_path / "a.ndjson", [flow % kind for kind in kinds])
    (balance,) = hunted([log], rules).outcome.balance
    assert (balance.source, balance.read, balance.stored, balance.unparsed, balance.flawed) == ("ocsf", 4, 3, 1, 1)
    assert balance.flaw == "record 2: severity_id 77 is none of 0, 1, 2, 3, 4, 5, 6, 99 (OCSF 1.8.0)"


def test_what_is_stored_changes_nothing_in_the_balance(tmp_path: Path, rules: Path) -> None:
    lines = [accepted(number) for number in range(100)]
    write(tmp_path / "a.log", [*lines, "???\n", *lines[:50], "???\n"])
    write(tmp_path / "b.log", [*lines[50:], accepted(900)])
    bare, stored = hunted([tmp_path], rules, limits=TINY), hunted([tmp_path], rules, limits=TINY, records=True)
    assert (bare.outcome.balance, bare.sights) == (stored.outcome.balance, stored.sights)


def test_records_are_numbered_through_a_file_of_many_chunks(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "a.log", [accepted(number) if number % 7 == 0 else accepted(number, user="guest") for number in range(400)])
    told = hunted([log], rules, limits=TINY)
    lines = log.read_bytes().splitlines()
    assert told.sights == [("1", "a.log", number + 1) for number in range(0, 400, 7)]
    for finding in told.findings:
        data = finding["evidences"][0]["data"]
        origin, raw = data["origin"], data["raw_data"].encode()
        assert lines[origin["record"] - 1] == raw
        assert log.read_bytes()[origin["offset"] :].startswith(raw + b"\n")


def test_a_record_that_speaks_of_records_keeps_its_own_numbers(tmp_path: Path, rules: Path) -> None:
    tail = ' "origin":{"path":"x","record":1,"evidences":[{"data":{'
    log = write(tmp_path / "a.log", [accepted(number).replace("\n", f'{tail},"record":{number}}}\n') for number in range(1, 100)])
    told = hunted([log], rules, limits=TINY)
    assert told.sights == [("1", "a.log", number) for number in range(1, 100)]
    assert [one["evidences"][0]["data"]["raw_data"] + "\n" for one in told.findings] == log.read_text().splitlines(keepends=True)


def test_files_that_cannot_be_read_are_in_the_balance_with_the_reason(tmp_path: Path, rules: Path) -> None:
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"".join(accepted(number).encode() for number in range(500)))[:-40])
    (tmp_path / "empty.log").touch()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "good.log", [accepted(1)])
    told = hunted([tmp_path], rules)
    said = {Path(one.path).name: (one.read > 0, one.problems, one.notes) for one in told.outcome.balance}
    assert said["good.log"] == (True, (), ())
    assert said["empty.log"] == (False, (), ("empty",))
    assert said["gone"][1] == ("a link to nothing",)
    assert len(said["broken.gz"][1]) == 1
    assert not said["picture.png"][0]
    assert [one.path for one in told.outcome.balance if one.read != one.stored + one.unparsed + one.duplicate] == []


def test_the_span_is_that_of_the_records_and_nothing_has_none(tmp_path: Path, rules: Path) -> None:
    log = write(tmp_path / "a.json", [process(60), process(30), process(90)])
    second = 1_795_392_000
    told = hunted([log], rules)
    assert (told.outcome.first, told.outcome.last) == ((second + 30) * 10**9, (second + 90) * 10**9)
    nothing = hunted([write(tmp_path / "b.json", [])], rules)
    assert (nothing.outcome.first, nothing.outcome.last, nothing.outcome.events) == (0, 0, 0)


_LINES = st.sampled_from(
    [accepted(1), accepted(2), failed(3), process(4), process(5, "C:\\x.exe"), "???\n", "\x00\x01\n", "{}\n", "{\n", "\n"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(_LINES, max_size=60), min_size=1, max_size=4), chunk=st.sampled_from([200, 1000, 1 << 20]))
def test_the_balance_closes_for_every_mix(files: list[list[str]], chunk: int, tmp_path_factory, rules: Path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a fixture of pytest's own
    folder = tmp_path_factory.mktemp("mix")
    for number, lines in enumerate(files):
        write(folder / f"{number}.log", lines)
    told = hunted([folder], rules, limits=type(TINY)(chunk=chunk))
    for one in told.outcome.balance:
        read, stored, unparsed, duplicate = counts(one)
        assert read == stored + unparsed + duplicate
        assert read <= len(files[int(Path(one.path).stem)])
    assert told.outcome.events == sum(one.stored for one in told.outcome.balance) == sum(told.outcome.by_source.values())
    assert told.outcome.findings == len(told.findings) == sum(one.findings for one in told.outcome.verdicts)
    assert told.outcome.findings == sum(group.count for group in told.outcome.groups)
