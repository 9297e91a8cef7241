"""The intake answers for what is safe on disk, and asks senders to wait where nothing can be."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from bartizan.collect.receivers.catalogue import receivers
from bartizan.collect.receivers.contract import Answer, Asked
from bartizan.collect.receivers.gate import Gate, Sender
from bartizan.detect.watch.contract import Place
from bartizan.detect.watch.journal import Journal, JournalReader
from bartizan.errors import OutputError
from bartizan.faces.server.committing import Committer
from bartizan.faces.server.intake import IntakeHandler
from bartizan.faces.server.limits import Limits
from bartizan.faces.server.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[3]
TOKEN = {"authorization": "Bearer s3cret"}
LIMITS = Limits(body_bytes=200_000, backlog_bytes=1000)


@dataclass
class Probe:
    """A probe that knows one path."""

    backlog: int = 0

    def answer(self, path: str) -> Answer | None:
        return Answer(200, b"alive") if path == "/healthz" else None


@dataclass
class Full:
    """A journal on a full disk."""

    tried: list[int] = field(default_factory=list)

    def append(self, frames: Sequence[bytes]) -> Place:
        self.tried.append(len(frames))
        message = "no room"
        raise OutputError(message)

    def close(self) -> None:
        """Nothing is open."""


def post(body: bytes, path: str = "/v1/records", **headers: str) -> Asked:
    return Asked(method="POST", path=path, headers={**TOKEN, **headers}, body=body)


def answers(journal: Journal | Full, *asked: Asked, sender: Sender | None = None, probe: Probe | None = None) -> list[Answer]:
    """Ask one after the other, the heads first as the server does."""

    async def run() -> list[Answer]:
        committer = Committer(journal, lambda _place: None)  # type: ignore[arg-type]  # a journal in all that is asked of it
        gate = Gate([sender or Sender(name="web", token="s3cret")])
        handler = IntakeHandler(receivers(), gate, committer, probe or Probe(), LIMITS)
        found = [handler.admit(one, len(one.body)) or await handler.handle(one) for one in asked]
        await committer.close()
        handler.close()
        return found

    return asyncio.run(run())


def records(folder: Path) -> list[tuple[str, list[bytes]]]:
    return [(one.stream, one.records) for one, _ in JournalReader(folder).after(Place(), most=1 << 30)]


def test_what_is_kept_stands_in_the_journal_under_its_stream(tmp_path: Path) -> None:
    asked = Asked(method="POST", path="/v1/records", query={"stream": "a/../b\n"}, headers=TOKEN, body=b"one\ntwo\n")
    packed = post(gzip.compress(b"x" * 100_000), **{"content-encoding": "gzip"})
    assert [one.status for one in answers(Journal(tmp_path), asked, packed)] == [200, 200]
    assert records(tmp_path) == [("ndjson/web/a_.._b_", [b"one", b"two"]), ("ndjson/web", [b"x" * 100_000])]


def test_a_full_disk_is_503_with_the_time_to_try_again_and_every_protocol_says_it_its_way() -> None:
    found = answers(
        Full(),
        post(b"one"),
        post(b'{"event":"x"}', "/services/collector/event"),
        post(b'{"index":{}}\n{"a":1}\n', "/_bulk"),
        post(
            b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}',
            "/v1/logs",
            **{"content-type": "application/json"},
        ),
    )
    assert [(one.status, dict(one.headers)["retry-after"]) for one in found] == [(503, "5"), (503, "5"), (429, "5"), (503, "5")]


def test_who_sends_too_much_is_asked_to_wait(tmp_path: Path) -> None:
    sender = Sender(name="web", token="s3cret", rate=10)
    found = answers(Journal(tmp_path), post(b"x" * 150), post(b"y"), sender=sender)
    assert [one.status for one in found] == [200, 429]
    assert dict(found[1].headers)["retry-after"] in {"5", "6"}
    assert records(tmp_path) == [("ndjson/web", [b"x" * 150])]


def test_a_backlog_that_is_too_large_is_503_before_the_body_is_read() -> None:
    ((answer),) = answers(Full(), post(b"x"), probe=Probe(backlog=1001))
    assert (answer.status, dict(answer.headers)["retry-after"]) == (503, "5")


def test_a_bomb_a_wrong_path_and_a_wrong_token_are_refused(tmp_path: Path) -> None:
    bomb = post(gzip.compress(bytes(1 << 20)), **{"content-encoding": "gzip"})
    nowhere = [
        Asked(method="POST", path="/nothing", headers=TOKEN),
        Asked(method="GET", path="/nothing"),
        Asked(method="GET", path="/healthz"),
    ]
    wrong = Asked(method="POST", path="/v1/records", headers={"authorization": "Bearer x"}, body=b"x")
    assert [one.status for one in answers(Journal(tmp_path), bomb, *nowhere, wrong)] == [413, 404, 404, 200, 403]
    assert records(tmp_path) == []


def test_the_settings_of_the_guide_are_settings(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "guide" / "watch.md").read_text()
    block = text.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "watch.yml").write_text(block)
    settings = read_settings(tmp_path / "watch.yml")
    assert settings["listen"].value == yaml.safe_load(block)["listen"] == "0.0.0.0:8088"
