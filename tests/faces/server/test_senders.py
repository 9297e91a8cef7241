"""Tokens are made, used and revoked, and settings are changed, while the server runs."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.faces.server.serving import Server, serving
from tests.hunting import SSH_FAILED, SSH_ROOT, accepted, failed, pack

from bartizan.collect.receivers.catalogue import receivers
from bartizan.collect.receivers.contract import Trouble
from bartizan.collect.receivers.gate import ANYBODY, Gate, Sender
from bartizan.errors import UsageError
from bartizan.faces.cli.commands.watch.token import PROTOCOLS
from bartizan.faces.server.senders import SenderTable

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.enable_socket


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_who_was_given_a_token_is_let_in_by_it_until_it_is_revoked(address: Path | str) -> None:
    web = Sender(name="web-01", receivers=("ndjson", "otlp"), rate=5, size=6, silent=7)
    with closing(SenderTable(address)) as table, closing(SenderTable(address)) as other:
        tokens = [table.add(web), table.add(Sender(name="db"))]
        known = other.senders()
        assert [(one.name, one.token, one.receivers, one.rate, one.size, one.silent) for one in known] == [
            ("db", "", (), 0, 0, 0),
            ("web-01", "", ("ndjson", "otlp"), 5, 6, 7),
        ]
        gate = Gate(known)
        asked = [(tokens[0], "otlp"), (tokens[0], "splunk"), (tokens[1], "splunk"), ("", "otlp"), (tokens[0] + "x", "otlp")]
        found = [gate.admit(*one) for one in asked]
        assert [one.name if isinstance(one, Sender) else one.status for one in found] == ["web-01", 403, "db", 401, 403]
        assert tokens[0] not in repr(known)
        with pytest.raises(UsageError, match="'db' has a token already: revoke it first"):
            table.add(Sender(name="db"))
        other.revoke("web-01")
        assert [one.name for one in table.senders()] == ["db"]
        with pytest.raises(UsageError, match="'web-01' has no token here"):
            table.revoke("web-01")
        with pytest.raises(UsageError, match="'a/b' is no name of a sender"):
            table.add(Sender(name="a/b"))


def test_who_was_open_once_is_closed_by_the_first_token_and_stays_closed() -> None:
    gate = Gate([])
    assert gate.admit("", "ndjson") == ANYBODY
    gate.replace([Sender(name="web", token="s3cret")])
    assert isinstance(gate.admit("", "ndjson"), Trouble)
    gate.replace([])
    assert (isinstance(gate.admit("", "ndjson"), Trouble), isinstance(gate.admit("s3cret", "ndjson"), Trouble)) == (True, True)


def test_the_protocols_that_a_token_can_be_bound_to_are_those_that_there_are() -> None:
    assert sorted(receiver.name for receiver in receivers()) == list(PROTOCOLS)


@pytest.mark.slow
def test_a_token_is_valid_soon_after_it_is_made_and_invalid_soon_after_it_is_revoked(tmp_path: Path) -> None:
    config = tmp_path / "watch.yml"
    config.write_text(f"state: state\nlisten: 0.0.0.0:0\nrules: ['{pack(tmp_path / 'rules')}']\n")

    def status(server: Server, token: str) -> int:
        return server.ask("POST", "/v1/records", accepted(1).encode(), bearer(token))[0]

    first = bartizan("watch", "token", config, "add", "first", "--size", "4000").out.strip()
    with serving(tmp_path, "--config", str(config)) as server:
        assert [status(server, token) for token in (first, "wrong")] == [200, 403]
        second = bartizan("watch", "token", config, "add", "second", "--receiver", "ndjson").out.strip()
        server.until(lambda: status(server, second) == 200)
        assert bartizan("watch", "token", config, "list").out == "first: size 4000\nsecond: ndjson\n"
        assert bartizan("watch", "token", config, "revoke", "first").out == "first: sends no more\n"
        server.until(lambda: status(server, first) == 403)
        assert (status(server, second), server.end()) == (200, 0)
        log = server.log.read_text()
    with sqlite3.connect(tmp_path / "state" / "watch.sqlite") as database:
        kept = "\n".join(database.iterdump())
    assert [token in text for token in (first, second) for text in (log, kept)] == [False] * 4


@pytest.mark.slow
def test_settings_are_taken_anew_on_sighup_and_wrong_ones_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("one-s3cret")
    (tmp_path / "two").write_text("two-s3cret")
    config, rules = tmp_path / "watch.yml", pack(tmp_path / "rules", {"root.yml": SSH_ROOT})
    more = pack(tmp_path / "more", {"failed.yml": SSH_FAILED})

    def write(sender: str, listen: str, *packs: Path) -> None:
        names = ", ".join(f"'{each}'" for each in packs)
        config.write_text(f"state: state\nlisten: {listen}\nrules: [{names}]\nsenders: [{{name: {sender}, token-file: {sender}}}]\n")

    write("one", "127.0.0.1:0", rules)
    with serving(tmp_path, "--config", str(config)) as server:
        assert [server.ask("POST", "/v1/records", failed(1).encode(), bearer(f"{name}-s3cret"))[0] for name in ("one", "two")] == [200, 403]
        config.write_text("state: state\nlistne: x\n")
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: "all stays as it is" in server.log.read_text())
        assert f"{config}:2: 'listne' is no setting (did you mean 'listen'?)" in server.log.read_text()
        write("two", "127.0.0.1:1", rules, more)
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: server.metric("bartizan_rules") == 2 and server.metric("bartizan_ready") == 1)
        assert "port was changed: that takes effect with the next start" in server.log.read_text()
        assert [server.ask("POST", "/v1/records", failed(2).encode(), bearer(f"{name}-s3cret"))[0] for name in ("one", "two")] == [403, 200]
        server.until(lambda: server.metric("bartizan_findings_total") == 1)
        write("two", "127.0.0.1:0", tmp_path / "missing")
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: "the rules stay as they were" in server.log.read_text() and server.metric("bartizan_ready") == 1)
        assert server.ask("POST", "/v1/records", failed(3).encode(), bearer("two-s3cret"))[0] == 200
        server.until(lambda: server.metric("bartizan_findings_total") == 2)
        assert server.end() == 0
