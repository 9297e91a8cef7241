"""Each finding is told once to each channel that wants it, whatever fails in between."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from bartizan.errors import OutputError, UsageError
from bartizan.respond.notify.contract import Notice, Refusal
from bartizan.respond.notify.others import AppriseChannel, text_of
from bartizan.respond.notify.outbox import ATTEMPTS, Outbox, pause_after
from bartizan.respond.notify.sending import Asked, Dispatcher
from bartizan.respond.notify.webhook import SIGNATURE, Webhook, signature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE = json.dumps({
    "severity": "High", "message": "Root came in", "time_dt": "2026-11-26T10:00:00Z", "device": {"hostname": "web-01"},
    "finding_info": {"title": "Root came in by password", "uid": "u1", "analytic": {"uid": "r1"}},
    "observables": [{"type": "IP Address", "value": "203.0.113.9"}, {"type": "IP Address", "value": "203.0.113.9"}],
}).encode()  # fmt: skip


def notice(uid: str, level: str = "high") -> Notice:
    return Notice(uid, level, LINE)


class Told:
    """A channel that remembers, and refuses as often as it is told to."""

    def __init__(self, name: str, *refusals: Refusal) -> None:
        self.name, self.refusals, self.got = name, list(refusals), []

    got: list[str]

    def send(self, notice: Notice, _now: float) -> Refusal | None:
        if self.refusals:
            return self.refusals.pop(0)
        self.got.append(notice.uid)
        return None


def test_each_channel_is_told_what_is_grave_enough_and_once(tmp_path: Path) -> None:
    pager, chat = Told("pager"), Told("chat")
    dispatcher = Dispatcher(Outbox(tmp_path / "outbox"), [Asked(pager, "critical"), Asked(chat, "low")])
    found = [(1, notice("a", "critical")), (2, notice("b", "low")), (3, notice("c", "informational")), (4, notice("d", "odd"))]
    for _ in range(2):
        dispatcher.take(found, 0.0)
        dispatcher.send(lambda: 1.0)
    assert (pager.got, chat.got) == (["a", "d"], ["a", "b", "d"])
    assert (dispatcher.outbox.cursor(), dispatcher.outbox.counts()) == (4, {("pager", "sent"): 2, ("chat", "sent"): 3})


def test_what_fails_is_tried_again_later_and_after_a_restart(tmp_path: Path) -> None:
    log: list[str] = []
    channel = Told("chat", Refusal("busy"), Refusal("busy"))
    dispatcher = Dispatcher(Outbox(tmp_path / "outbox"), [Asked(channel)], log.append)
    dispatcher.take([(1, notice("a"))], 0.0)
    assert [dispatcher.send(lambda now=now: now) for now in (0.0, 4.0, 5.0)] == [0, 0, 0]
    dispatcher.outbox.close()
    again = Dispatcher(Outbox(tmp_path / "outbox"), [Asked(channel)])
    assert [again.send(lambda now=now: now) for now in (14.0, 15.0, 16.0)] == [0, 1, 0]
    assert (channel.got, log) == (["a"], ["chat: finding a was not taken: busy"] * 2)


def test_what_cannot_be_sent_is_set_aside_and_can_be_revived(tmp_path: Path) -> None:
    channel = Told("chat", Refusal("410 Gone", again=False))
    dispatcher = Dispatcher(Outbox(tmp_path / "outbox"), [Asked(channel)])
    dispatcher.take([(1, notice("a"))], 0.0)
    dispatcher.send(lambda: 1.0)
    assert (dispatcher.outbox.troubles(), dispatcher.send(lambda: 1e9)) == ([("chat", "a", "410 Gone")], 0)
    assert (dispatcher.outbox.revive(2.0), dispatcher.send(lambda: 2.0), channel.got) == (1, 1, ["a"])


def test_nothing_is_tried_for_ever(tmp_path: Path) -> None:
    channel = Told("chat", *[Refusal("no")] * 100)
    dispatcher = Dispatcher(Outbox(tmp_path / "outbox"), [Asked(channel)])
    dispatcher.take([(1, notice("a"))], 0.0)
    for number in range(ATTEMPTS + 3):
        dispatcher.send(lambda number=number: number * 1e6)
    assert len(channel.refusals) == 100 - ATTEMPTS
    assert dispatcher.outbox.counts() == {("chat", "dead"): 1}
    assert [pause_after(attempts) for attempts in (1, 2, 3, 20)] == [5.0, 10.0, 20.0, 7200.0]


def test_an_outbox_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the outbox cannot be written"):
        Outbox(tmp_path)


@pytest.fixture
def hook() -> Iterator[tuple[str, list[tuple[str, bytes, dict[str, str]]], list[int]]]:
    """Serve a webhook: its address, what it got, and what it is to answer (200 after that)."""
    got: list[tuple[str, bytes, dict[str, str]]] = []
    statuses: list[int] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.path, body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", got, statuses
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.enable_socket
def test_a_webhook_gets_the_finding_signed(hook: tuple[str, list[tuple[str, bytes, dict[str, str]]], list[int]]) -> None:
    url, got, _ = hook
    assert Webhook(name="soc", url=f"{url}/in?a=1", secret=b"s3cret").send(notice("u1"), 1000.7) is None
    ((path, body, headers),) = got
    proof = hmac.new(b"s3cret", b"1000." + LINE, hashlib.sha256).hexdigest()
    assert (path, body, headers[SIGNATURE.lower()], headers["idempotency-key"]) == ("/in?a=1", LINE, f"t=1000,v1={proof}", "u1")
    assert signature(b"other", LINE, 1000) != headers[SIGNATURE.lower()]


@pytest.mark.enable_socket
@pytest.mark.parametrize(("status", "again"), [(500, True), (429, True), (404, False), (302, False)])
def test_a_webhook_that_refuses_is_tried_again_where_that_can_help(
    hook: tuple[str, list[tuple[str, bytes, dict[str, str]]], list[int]],
    status: int,
    again: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    url, got, statuses = hook
    statuses.append(status)
    refused = Webhook(name="soc", url=url).send(notice("u1"), 0.0)
    assert refused is not None
    assert (refused.why.split()[0], refused.again) == (str(status), again)
    assert SIGNATURE.lower() not in got[0][2]


@pytest.mark.enable_socket
def test_a_webhook_that_is_not_there_is_tried_again() -> None:
    refused = Webhook(name="soc", url="http://127.0.0.1:1/").send(notice("u1"), 0.0)
    assert refused is not None
    assert (refused.why.split(":")[0], refused.again) == ("ConnectionRefusedError", True)


def test_what_is_no_address_is_said_and_secrets_are_not_shown() -> None:
    with pytest.raises(UsageError, match="soc: 'ftp://x' is no address of a webhook: write https://HOST/PATH"):
        Webhook(name="soc", url="ftp://x")
    assert "s3cret" not in repr(Webhook(name="soc", url="http://x", secret=b"s3cret"))


def test_the_text_for_people_says_what_when_and_where() -> None:
    title, text = text_of(LINE)
    assert title == "[High] Root came in by password"
    assert text == "Root came in\nat 2026-11-26T10:00:00Z\non web-01\nIP Address: 203.0.113.9\nfinding u1, rule r1"
    assert text_of(b"{}")[0] == "[Unknown] A finding"


@pytest.mark.enable_socket
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # a part of apprise imports what Python 3.13 drops
def test_apprise_sends_it(hook: tuple[str, list[tuple[str, bytes, dict[str, str]]], list[int]]) -> None:
    pytest.importorskip("apprise", reason="needs the extra 'notify'")
    url, got, statuses = hook
    channel = AppriseChannel(name="chat", url=url.replace("http://", "json://"))
    assert channel.send(notice("u1"), 0.0) is None
    told = json.loads(got[0][1])
    assert (told["title"], told["type"]) == ("[High] Root came in by password", "warning")
    statuses.append(500)
    assert channel.send(notice("u1"), 0.0) == Refusal("the service did not take it")
    unknown = AppriseChannel(name="chat", url="nosuch://x").send(notice("u1"), 0.0)
    assert unknown == Refusal("apprise does not know this address: see its list of services", again=False)
