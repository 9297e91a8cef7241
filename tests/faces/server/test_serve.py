"""The server as senders and operators meet it, on loopback."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.faces.server.serving import serving
from tests.hunting import SSH_ROOT, accepted, failed, pack
from tests.processes import needs_proc, spawned

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(pack(tmp_path_factory.mktemp("rules")))


def log(*numbers: int) -> bytes:
    return "".join(map(accepted, numbers)).encode()


def uids(folder: Path) -> Counter[str]:
    with sqlite3.connect(folder / "state" / "watch.sqlite") as database:
        return Counter(row[0] for row in database.execute("SELECT uid FROM finding"))


def test_what_is_sent_is_acknowledged_judged_printed_and_counted(tmp_path: Path, rules: str) -> None:
    with serving(tmp_path, "--rules", rules) as server:
        assert server.ask("POST", "/v1/records?stream=auth", log(1, 2) + failed(3).encode()) == (200, b'{"records":3}')
        hec = json.dumps({"event": accepted(4).strip(), "sourcetype": "linux_secure"}).encode()
        assert server.ask("POST", "/services/collector/event", hec) == (200, b'{"text":"Success","code":0}')
        server.until(lambda: server.metric("bartizan_findings_total") == 4)
        assert [server.ask("GET", path)[0] for path in ("/healthz", "/readyz", "/nothing")] == [200, 200, 404]
        assert server.metric("bartizan_received_records_total") == 4
        assert server.end() == 0
        origins = [one["evidences"][0]["data"]["origin"] for one in server.findings()]
    assert [(origin["path"], origin["record"]) for origin in origins] == [
        ("ndjson/local/auth", 1),
        ("ndjson/local/auth", 2),
        ("ndjson/local/auth", 3),
        ("splunk/local/linux_secure", 1),
    ]


def test_without_a_token_nothing_is_taken_where_tokens_are_set(tmp_path: Path, rules: str) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    with serving(tmp_path, "--rules", rules, "--token", f"web=@{secret}") as server:
        asked = [{}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer s3cret"}]
        assert [server.ask("POST", "/v1/records", log(1), headers)[0] for headers in asked] == [401, 403, 200]


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, rules: str) -> None:
    with serving(tmp_path, "--rules", rules) as server:
        for number in range(20):
            assert server.ask("POST", "/v1/records", log(number))[0] == 200
        server.end(signal.SIGKILL)
    with serving(tmp_path, "--rules", rules) as server:
        server.until(lambda: server.metric("bartizan_backlog_bytes") == 0)
        server.end()
    assert sorted(uids(tmp_path).values()) == [1] * 20


def test_a_scrape_that_sees_no_backlog_sees_all_that_was_acknowledged_before_judged(tmp_path: Path, rules: str) -> None:
    with serving(tmp_path, "--rules", rules) as server:
        seen = 0
        for number in range(30):
            assert server.metric("bartizan_backlog_bytes") >= 0
            assert server.ask("POST", "/v1/records", log(number))[0] == 200
            scrape = server.ask("GET", "/metrics")[1].decode().splitlines()
            idle = "bartizan_backlog_bytes 0" in scrape
            judged = [line for line in scrape if line.startswith("bartizan_records_total") and 'what="read"' in line]
            assert not idle or float(judged[0].rsplit(" ", 1)[1]) == number + 1
            seen += 1 - idle
        assert seen > 0


@pytest.mark.slow
@needs_proc
def test_a_judge_that_dies_is_followed_by_another(tmp_path: Path, rules: str) -> None:
    with serving(tmp_path, "--rules", rules) as server:
        server.ask("POST", "/v1/records", log(1))
        server.until(lambda: server.metric("bartizan_findings_total") == 1)
        for pid in spawned(server.process.pid):
            os.kill(pid, signal.SIGKILL)
        server.ask("POST", "/v1/records", log(2))
        server.until(lambda: server.metric("bartizan_findings_total") == 2)
        assert "the process that judges has died; another begins where it was" in server.log.read_text()
        assert server.end() == 0
    assert sorted(uids(tmp_path).values()) == [1, 1]


@needs_proc
@pytest.mark.slow
def test_assistants_are_called_when_much_waits_and_one_that_dies_costs_nothing(tmp_path: Path, rules: str) -> None:
    filler = b"".join(b"%d no source knows this %b\n" % (number, b"x" * 4000) for number in range(2000))
    with serving(tmp_path, "--rules", rules, "--judges", "2") as server:
        sent = 0

        def send() -> bool:
            nonlocal sent
            sent += 1
            return server.ask("POST", "/v1/records", log(sent) + b"%d" % sent + filler)[0] != 200

        def noted() -> bool:
            return send() or "more comes than one process judges: 2 do now" in server.log.read_text()

        (judge,) = spawned(server.process.pid)
        os.kill(judge, signal.SIGSTOP)
        for _ in range(10):
            assert not send()
        os.kill(judge, signal.SIGCONT)
        server.until(lambda: len(spawned(server.process.pid)) == 2)
        server.until(noted)
        os.kill(max(spawned(server.process.pid)), signal.SIGKILL)
        for _ in range(10):
            assert not send()
        server.until(lambda: server.metric("bartizan_findings_total") == sent)
        server.until(lambda: server.metric("bartizan_backlog_bytes") == 0)
        assert server.end() == 0
    assert sorted(uids(tmp_path).values()) == [1] * sent


def test_rules_are_loaded_anew_on_sighup(tmp_path: Path) -> None:
    folder = pack(tmp_path / "rules", {})
    with serving(tmp_path, "--rules", str(pack(folder, {"root.yml": SSH_ROOT}))) as server:
        server.ask("POST", "/v1/records", failed(1).encode())
        server.until(lambda: server.metric("bartizan_records_total", 'what="read"') == 1)
        pack(folder, {"failed.yml": SSH_ROOT.replace("Accepted", "Failed").replace("1111", "2222")})
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: server.metric("bartizan_rules") == 2 and server.metric("bartizan_ready") == 1)
        server.ask("POST", "/v1/records", failed(2).encode())
        server.until(lambda: server.metric("bartizan_findings_total") == 1)


@pytest.mark.parametrize("word", ["web=s3cret", "web", "=@file", "web=@", "=s3cret"])
def test_a_token_on_the_command_line_is_refused(word: str, tmp_path: Path) -> None:
    said = bartizan("serve", "--state", tmp_path / "state", "--token", word)
    assert (said.code, "s3cret" in said.err, "write NAME=@FILE" in said.err) == (2, False, True)


def test_listening_to_the_world_without_tokens_is_refused(tmp_path: Path, rules: str) -> None:
    with serving(tmp_path, "--rules", rules, "--listen", "0.0.0.0:0", ready=False) as server:
        assert server.process.wait(60) == 2
        assert "without tokens only this machine itself is listened to" in server.log.read_text()


@pytest.mark.slow
def test_every_record_and_finding_is_in_the_lake_once_whatever_is_killed(tmp_path: Path, rules: str) -> None:
    pytest.importorskip("deltalake", reason="needs the extra 'lake'")
    from bartizan.lake.opening import open_lake

    options = ("--rules", rules, "--lake", str(tmp_path / "lake"))
    for turn in range(3):
        with serving(tmp_path, *options) as server:
            for number in range(5):
                server.ask("POST", "/v1/records?stream=auth", log(10 * turn + number) + b"no source knows this %d\n" % turn)
            server.ask("POST", "/v1/records?stream=auth", log(10 * turn))
            server.until(lambda: server.metric("bartizan_records_total", 'what="read"') == 11)
            if turn == 1:
                server.end(signal.SIGKILL)
            else:
                assert server.end() == 0
    with closing(open_lake(tmp_path / "lake")) as lake:
        balance = [(one.source, one.read, one.stored, one.unparsed, one.duplicate) for one in lake.balance()]
        tables = ("authentication", "detection_finding")
        counts = [lake.sql(f"SELECT count(*), count(DISTINCT metadata.uid) FROM {table}").rows for table in tables]
    assert [one for one in balance if not one[0].startswith("watch/findings@")] == [("ndjson/local/auth", 33, 15, 3, 15)]
    assert counts == [[(15, 15)], [(15, 15)]]


def test_settings_in_a_file_are_served_and_people_are_told(tmp_path: Path, rules: str) -> None:
    got: list[tuple[str, bytes]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.headers["idempotency-key"], self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as hook:
        thread = threading.Thread(target=hook.serve_forever)
        thread.start()
        config = tmp_path / "watch.yml"
        (tmp_path / "token").write_text("s3cret")
        config.write_text(
            f"state: state\nlisten: 127.0.0.1:0\nrules: [{rules}]\n"
            "senders: [{name: web, token-file: token, receivers: [ndjson], size: 500}]\n"
            f"notify: [{{name: soc, webhook: 'http://127.0.0.1:{hook.server_address[1]}/', level: high}}]\n"
        )
        with serving(tmp_path, "--config", str(config)) as server:
            token = {"authorization": "Bearer s3cret"}
            assert server.ask("POST", "/v1/records", log(1) + failed(2).encode(), token)[0] == 200
            assert server.ask("POST", "/v1/records", b"x" * 600, token)[0] == 413
            assert server.ask("POST", "/services/collector/event", b'{"event":"x"}', {"authorization": "Splunk s3cret"})[0] == 403
            server.until(lambda: len(got) == 1)
            assert server.end() == 0
        hook.shutdown()
        thread.join()
    ((uid, body),) = got
    assert (uids(tmp_path)[uid], json.loads(body)["finding_info"]["title"]) == (1, "Root came in by password")


@pytest.mark.slow
def test_a_sender_that_falls_silent_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret")
    config = tmp_path / "watch.yml"
    config.write_text("state: state\nlisten: 127.0.0.1:0\nsenders: [{name: web, token-file: token, silent: 1}]\n")
    with serving(tmp_path, "--config", str(config)) as server:
        server.until(lambda: server.metric("bartizan_findings_total") == 1)
        assert server.end() == 0
        ((title, raw),) = [(one["finding_info"]["title"], json.loads(one["evidences"][0]["data"]["raw_data"])) for one in server.findings()]
    assert (title, raw["event"], raw["sender"]) == ("A sender of logs has fallen silent", "sender-silent", "web")


@pytest.mark.slow
def test_files_are_followed_over_rotation_and_restart(tmp_path: Path, rules: str) -> None:
    source = tmp_path / "auth.log"
    source.write_bytes(log(1, 2))
    options = ("--rules", rules, "--follow", str(tmp_path / "*.log"))
    with serving(tmp_path, *options) as server:
        server.until(lambda: server.metric("bartizan_findings_total") == 2)
        source.rename(tmp_path / "auth.log.1")
        source.write_bytes(log(3))
        server.until(lambda: server.metric("bartizan_findings_total") == 3)
        assert server.end() == 0
    source.write_bytes(log(3, 4))
    with serving(tmp_path, *options) as server:
        server.until(lambda: server.metric("bartizan_findings_total") == 1)
        assert server.metric("bartizan_records_total", 'what="duplicate"') == 0
        server.end()
    assert sorted(uids(tmp_path).values()) == [1, 1, 1, 1]
