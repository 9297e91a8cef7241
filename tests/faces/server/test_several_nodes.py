"""Several servers on one PostgreSQL: a finding is there once and is told once, whoever dies."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.faces.server.serving import Server, serving
from tests.hunting import accepted, pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Cluster

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]


@contextmanager
def hook() -> Iterator[tuple[str, list[str]]]:
    """Serve a webhook: its address, and the ids of what it was told."""
    got: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            got.append(self.headers["idempotency-key"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", got
        server.shutdown()
        thread.join()


@contextmanager
def node(folder: Path, rules: Path, database: str, address: str) -> Iterator[Server]:
    """Serve as one node of several."""
    folder.mkdir(exist_ok=True)
    config = folder / "watch.yml"
    config.write_text(
        f"state: state\ndatabase: '{database}'\nlisten: 127.0.0.1:0\nrules: ['{rules}']\n"
        f"notify: [{{name: soc, webhook: '{address}', level: high}}]\n"
    )
    with serving(folder, "--config", str(config)) as server:
        yield server


def log(*numbers: int) -> bytes:
    return "".join(map(accepted, numbers)).encode()


def test_what_two_nodes_find_is_there_once_and_told_once_and_one_goes_on_when_the_other_dies(postgres: Cluster, tmp_path: Path) -> None:
    database, rules = postgres.new(), pack(tmp_path / "rules")
    name = database.rpartition("/")[2].partition("?")[0]

    def kept() -> list[str]:
        return [row[0] for row in postgres.ask(name, "SELECT uid FROM finding")]

    with hook() as (address, told), node(tmp_path / "b", rules, database, address) as other:
        with node(tmp_path / "a", rules, database, address) as one:
            for number in range(10):
                for server, some in ((one, [number, 100 + number]), (other, [200 + number, 100 + number])):
                    assert server.ask("POST", "/v1/records?stream=auth", log(*some))[0] == 200
            other.until(lambda: len(kept()) == 30 and len(set(told)) == 30)
            assert one.ask("POST", "/v1/records?stream=auth", log(*range(300, 330)))[0] == 200
            one.end(signal.SIGKILL)
        assert other.ask("POST", "/v1/records?stream=auth", log(*range(400, 410)))[0] == 200
        other.until(lambda: len(set(told)) >= 40)
        with node(tmp_path / "a", rules, database, address) as again:
            again.until(lambda: len(kept()) == 70 and len(set(told)) == 70)
            assert again.end() == 0
        assert other.end() == 0
    assert max(Counter(kept()).values()) == 1
    assert (set(told), len(told) - 70 <= 1) == (set(kept()), True)
    assert postgres.ask(name, "SELECT state, count(*) FROM delivery GROUP BY 1") == [("sent", 70)]
    assert postgres.ask(name, "SELECT sum(read), sum(stored), count(DISTINCT node) FROM balance") == [(80, 80, 2)]


def test_a_server_whose_database_is_away_takes_records_and_judges_them_when_it_is_back(postgres: Cluster, tmp_path: Path) -> None:
    database, rules = postgres.new(), pack(tmp_path / "rules")
    with hook() as (address, told), node(tmp_path / "a", rules, database, address) as server:
        server.ask("POST", "/v1/records", log(1))
        server.until(lambda: len(told) == 1)
        postgres.stop()
        assert server.ask("POST", "/v1/records", log(2))[0] == 200
        server.until(lambda: "judging is tried again" in server.log.read_text())
        assert server.ask("POST", "/v1/records", log(3))[0] == 200
        postgres.start()
        server.until(lambda: len(told) == 3)
        assert server.end() == 0
    assert len(set(told)) == 3
