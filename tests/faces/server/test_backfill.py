"""Rules that came later are applied to history on request: what was found before is not found again, what is new is told."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.faces.server.serving import serving
from tests.hunting import SSH_FAILED, SSH_ROOT, accepted, failed, pack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]

BURST = """
title: Many logins failed
id: 77777777-7777-4777-8777-777777777777
level: high
correlation:
  type: event_count
  rules: [22222222-2222-4222-8222-222222222222]
  group-by: [host]
  timespan: 1m
  condition: {gte: 3}
"""


@pytest.fixture(autouse=True)
def lake() -> None:
    pytest.importorskip("deltalake", reason="needs the extra 'lake'")


def found(folder: Path) -> Counter[str]:
    """Return how often each rule's first digit was found, and that no finding is there twice."""
    with sqlite3.connect(folder / "state" / "watch.sqlite") as database:
        rows = database.execute("SELECT uid, rule FROM finding").fetchall()
    assert len({uid for uid, _ in rows}) == len(rows)
    return Counter(rule[0] for _, rule in rows)


def test_history_is_judged_by_the_rules_as_they_are_now_and_nothing_is_found_twice(tmp_path: Path) -> None:
    rules = pack(tmp_path / "rules", {"root.yml": SSH_ROOT})
    config = tmp_path / "watch.yml"
    config.write_text(f"state: state\nlisten: 127.0.0.1:0\nlake: lake\nrules: ['{rules}']\n")
    lines = "".join([accepted(1), failed(10), failed(12), failed(14), accepted(20)])
    with serving(tmp_path, "--config", str(config)) as server:
        assert server.ask("POST", "/v1/records?stream=auth", lines.encode())[0] == 200
        server.until(lambda: server.metric("bartizan_findings_total") == 2)
        assert server.end() == 0
    assert found(tmp_path) == {"1": 2}
    pack(rules, {"failed.yml": SSH_FAILED, "burst.yml": BURST})
    said = bartizan("watch", "backfill", config, "--since", "2026-11-01")
    assert (said.code, said.out) == (0, "3 findings in history, 1 of them new; 5 of 5 records were read\n")
    assert found(tmp_path) == {"1": 2, "7": 1}
    again = bartizan("watch", "backfill", config, "--since", "2026-11-01")
    assert again.out.startswith("3 findings in history, 0 of them new")
    with serving(tmp_path, "--config", str(config), "--backfill", "2026-11-01") as server:
        assert server.ask("POST", "/v1/records?stream=auth", accepted(300).encode())[0] == 200
        server.until(lambda: "backfill: " in server.log.read_text())
        server.until(lambda: found(tmp_path)["1"] == 3)
        assert server.end() == 0
    assert found(tmp_path) == {"1": 3, "7": 1}


def test_without_a_lake_there_is_no_history(tmp_path: Path) -> None:
    config = tmp_path / "watch.yml"
    config.write_text("state: state\n")
    for words in (("watch", "backfill", config, "--since", "30d"), ("serve", "--config", config, "--backfill", "30d")):
        said = bartizan(*words)
        assert (said.code, "there is no lake to look back through: name one" in said.err) == (2, True)
