"""Several servers put what they take into one lake: nothing twice, no commit lost, one goes on when another dies."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from tests.faces.server.serving import serving
from tests.hunting import accepted, pack

from bartizan.lake.opening import open_lake

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faces.server.serving import Server


pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]


def log(numbers: range) -> bytes:
    return "".join(map(accepted, numbers)).encode()


def send(server: Server, numbers: range) -> None:
    assert server.ask("POST", "/v1/records?stream=auth", log(numbers))[0] == 200


def counts(lake: Path, table: str) -> tuple[int, int]:
    """Return how many records a table has, and of how many ids."""
    with open_lake(lake) as opened:
        if table not in opened.versions():
            return 0, 0
        found = opened.sql(f"SELECT count(*), count(DISTINCT metadata.uid) FROM {table}").rows[0]
    return int(str(found[0])), int(str(found[1]))


def test_two_servers_write_one_lake_and_one_goes_on_when_the_other_is_killed(tmp_path: Path) -> None:
    """Records are stored twice a minute, and when a server ends; what was not judged or stored by then waits for its next start."""
    rules, lake = pack(tmp_path / "rules"), tmp_path / "lake"

    def node(name: str, stack: ExitStack) -> Server:
        return stack.enter_context(serving(tmp_path / name, "--rules", str(rules), "--lake", str(lake)))

    with ExitStack() as stack:
        one, other = node("a", stack), node("b", stack)
        for turn in range(10):
            send(one, range(10 * turn, 10 * turn + 10))
            send(other, range(1_000 + 10 * turn, 1_010 + 10 * turn))
        one.until(lambda: counts(lake, "authentication") == (200, 200))
        send(one, range(100, 150))
        one.end(signal.SIGKILL)
        send(other, range(1_100, 1_150))
        other.until(lambda: counts(lake, "authentication")[0] >= 250)
        again = node("a", stack)
        again.until(lambda: counts(lake, "authentication") == (300, 300))
        again.until(lambda: counts(lake, "detection_finding") == (300, 300))
        assert (again.end(), other.end()) == (0, 0)
    with open_lake(lake) as opened:
        accounts = [(one.read, one.stored, one.duplicate) for one in opened.balance() if one.source.endswith("/auth")]
        assert accounts == [(300, 300, 0)]
        assert list(opened.verify()) == []
