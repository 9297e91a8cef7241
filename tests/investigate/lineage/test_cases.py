"""Lineages of the processes that a case names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from tests.faces.command import bartizan
from tests.investigate.made import START, keep, line

from bartizan.explain.cases.page import page_of
from bartizan.investigate.desk import desk_at
from bartizan.investigate.lineage.cases import lineages_of

if TYPE_CHECKING:
    from pathlib import Path

HOST = "ws-1.corp.example.com"
PAYLOAD = "C:\\Users\\a\\payload.exe"


def _row(minute: int, by: str, **more: object) -> dict[str, object]:
    actor = {"process": {"uid": by, "pid": None, "name": f"{by}.exe", "file": {"path": f"C:\\Windows\\{by}.exe"}}}
    metadata = {"uid": f"{minute:032x}", "log_source": "logs/x"}
    return {"time": START + minute * 60_000, "activity_id": 1, "metadata": metadata, "device": {"hostname": HOST}, "actor": actor, **more}


def _write(folder: Path, table: str, rows: list[dict[str, object]]) -> None:
    path = folder / "ext" / table / "part.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows).write_parquet(path)


def _kept(folder: Path) -> Path:
    launched = [
        _row(
            1, "explorer", process={"uid": "{AA-1}", "pid": 7, "name": "payload.exe", "cmd_line": "payload.exe", "file": {"path": PAYLOAD}}
        ),
        _row(2, "aa-1", process={"uid": "bb-2", "pid": 8, "name": "cmd.exe", "cmd_line": "cmd /c whoami", "file": {"path": "C:\\cmd.exe"}}),
    ]
    _write(folder, "process_activity", launched)
    _write(folder, "file_activity", [_row(0, "browser", file={"path": PAYLOAD}), _row(4, "aa-1", file={"path": "C:\\Users\\a\\out.zip"})])
    _write(folder, "network_activity", [_row(minute, "aa-1", dst_endpoint={"ip": "203.0.113.77", "port": 443}) for minute in (3, 5)])
    return keep(folder, [line("shell", 2, level=5, device=HOST, process__uid="BB-2", actor__process__uid="AA-1")])


def test_what_processes_of_the_core_caused_is_suspected(tmp_path: Path) -> None:
    desk = desk_at(_kept(tmp_path))
    [case] = desk.cases
    claims = {str(claim.entity): (claim.ring, claim.why) for claim in page_of(desk, case).claims}
    assert claims["ip:203.0.113.77"] == ("suspected", "a process of the case connected to it, 2 times")
    assert claims["file:c:\\users\\a\\payload.exe"] == ("suspected", "a process of the case wrote it, and it was run")
    assert "file:c:\\users\\a\\out.zip" not in claims
    assert "ip:203.0.113.77" not in {str(claim.entity) for claim in page_of(desk, case, follow=False).claims}


def test_the_trees_of_a_case_are_told_host_by_host(tmp_path: Path) -> None:
    folder = _kept(tmp_path)
    desk = desk_at(folder)
    [(_, lineage)] = lineages_of(desk.place, desk.cases[0])
    assert {thing.name for thing in lineage.things} == {
        *("aa-1", "bb-2", "browser", "c:\\users\\a\\payload.exe", "c:\\users\\a\\out.zip", "203.0.113.77:443")
    }
    said = bartizan("case", "tree", folder, "1")
    assert said.code == 0
    assert said.out.splitlines()[0] == HOST
    assert "connected 203.0.113.77:443, 2 times" in said.out
    assert "no record tells" in bartizan("case", "tree", folder, "1", "--host", "elsewhere").out
