"""Each finding is told once to each channel that wants it, whatever fails in between."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bartizan.errors import OutputError, UsageError
from bartizan.respond.notify.contract import Notice, Refusal
from bartizan.respond.notify.others import AppriseChannel
from bartizan.respond.notify.outbox import ATTEMPTS, HELD, Outbox, pause_after
from bartizan.respond.notify.sending import Asked, Dispatcher
from bartizan.respond.notify.texts import text_of
from bartizan.respond.notify.webhook import SIGNATURE, Webhook, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EARLIER = Path(__file__).parents[2] / "detect" / "watch" / "earlier" / "outbox.sql"
LINE = json.dumps({
    "severity": "High", "message": "Root came in", "time_dt": "2026-11-26T10:00:00Z", "device": {"hostname": "web-01"},
    "finding_info": {"title": "Root came in by password", "uid": "u1", "analytic": {"uid": "r1"}},
    "observables": [{"type": "IP Address", "value": "203.0.113.9"}, {"type": "IP Address", "value": "203.0.113.9"}],
}).encode()  # fmt: skip


def notice(uid: str, level: str = "high") -> Notice:
    return Notice(uid, level, LINE)


@pytest.fixture
def opened(address: Path | str) -> Iterator[Callable[..., Outbox]]:
    """Open an outbox, again and again, as nodes of some names; all are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda node="": stack.enter_context(closing(Outbox(address, node)))


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


def test_each_channel_is_told_what_is_grave_enough_and_once(opened: Callable[..., Outbox]) -> None:
    pager, chat = Told("pager"), Told("chat")
    dispatcher = Dispatcher(opened(), [Asked(pager, "critical"), Asked(chat, "low")])
    found = [(1, notice("a", "critical")), (2, notice("b", "low")), (3, notice("c", "informational")), (4, notice("d", "odd"))]
    for _ in range(2):
        dispatcher.take(found, 0.0)
        dispatcher.send(lambda: 1.0)
    assert (pager.got, chat.got) == (["a", "d"], ["a", "b", "d"])
    assert (dispatcher.cursor(), dispatcher.outbox.counts()) == (4, {("pager", "sent"): 2, ("chat", "sent"): 3})


def test_what_is_silenced_is_counted_and_not_told(opened: Callable[..., Outbox]) -> None:
    chat = Told("chat")
    dispatcher = Dispatcher(opened(), [Asked(chat)], silence_of=lambda line, _now: "s1" if line == b"{}" else None)
    dispatcher.take([(1, notice("a")), (2, Notice("b", "high", b"{}"))], 0.0)
    assert (dispatcher.send(lambda: 1.0), chat.got) == (1, ["a"])
    assert dispatcher.outbox.counts() == {("chat", "sent"): 1, ("chat", "silenced"): 1}


def test_what_fails_is_tried_again_later_and_after_a_restart(opened: Callable[..., Outbox]) -> None:
    log: list[str] = []
    channel = Told("chat", Refusal("busy"), Refusal("busy"))
    dispatcher = Dispatcher(opened(), [Asked(channel)], log.append)
    dispatcher.take([(1, notice("a"))], 0.0)
    assert [dispatcher.send(lambda now=now: now) for now in (0.0, 4.0, 5.0)] == [0, 0, 0]
    again = Dispatcher(opened(), [Asked(channel)])
    assert [again.send(lambda now=now: now) for now in (14.0, 15.0, 16.0)] == [0, 1, 0]
    assert (channel.got, log) == (["a"], ["chat: finding a was not taken: busy"] * 2)


def test_what_cannot_be_sent_is_set_aside_and_can_be_revived(opened: Callable[..., Outbox]) -> None:
    channel = Told("chat", Refusal("410 Gone", again=False))
    dispatcher = Dispatcher(opened(), [Asked(channel)])
    dispatcher.take([(1, notice("a"))], 0.0)
    dispatcher.send(lambda: 1.0)
    assert (dispatcher.outbox.troubles(), dispatcher.send(lambda: 1e9)) == ([("chat", "a", "410 Gone")], 0)
    assert (dispatcher.outbox.revive(2.0), dispatcher.send(lambda: 2.0), channel.got) == (1, 1, ["a"])


def test_nothing_is_tried_for_ever(opened: Callable[..., Outbox]) -> None:
    channel = Told("chat", *[Refusal("no")] * 100)
    dispatcher = Dispatcher(opened(), [Asked(channel)])
    dispatcher.take([(1, notice("a"))], 0.0)
    for number in range(ATTEMPTS + 3):
        dispatcher.send(lambda number=number: number * 1e6)
    assert len(channel.refusals) == 100 - ATTEMPTS
    assert dispatcher.outbox.counts() == {("chat", "dead"): 1}
    assert [pause_after(attempts) for attempts in (1, 2, 3, 20)] == [5.0, 10.0, 20.0, 7200.0]


def test_what_was_looked_at_for_a_channel_is_not_told_again_and_a_new_channel_begins_where_the_others_are(
    opened: Callable[..., Outbox],
) -> None:
    outbox, log = opened(), list[str]()
    old, new = Told("old"), Told("new")
    found = [(number, notice(uid)) for number, uid in enumerate("abc", 1)]
    Dispatcher(outbox, [Asked(old)]).take(found[:2], 0.0)
    both = Dispatcher(outbox, [Asked(old), Asked(new)], log.append)
    assert both.cursor() == 2
    both.take(found, 0.0)
    Dispatcher(outbox, [Asked(old)]).take(found[:1], 0.0)
    assert (both.send(lambda: 1.0), old.got, new.got, both.cursor(), log) == (4, ["a", "b", "c"], ["c"], 3, [])


def test_what_one_is_sending_no_other_sends_until_it_can_only_be_dead(opened: Callable[..., Outbox]) -> None:
    one, other = opened("one"), opened("other")
    one.take({"chat": [(1, notice("a")), (2, notice("b"))]}, 2, 0.0)
    first = one.due(1.0, ["chat"])
    second = other.due(1.0, ["chat"])
    assert first is not None
    assert second is not None
    assert {first.notice.uid, second.notice.uid} == {"a", "b"}
    assert (one.due(HELD, ["chat"]), other.due(1.0, ["pager"])) == (None, None)
    taken = other.due(1.0 + HELD, ["chat"])
    assert taken is not None
    other.sent(taken, 200.0)
    assert other.counts() == {("chat", "waiting"): 1, ("chat", "sent"): 1}
    one.failed(taken, "what it says is too late", 201.0, again=False)
    assert other.counts() == {("chat", "waiting"): 1, ("chat", "sent"): 1}


def test_what_a_node_held_when_it_was_killed_it_sends_after_its_next_start(opened: Callable[..., Outbox]) -> None:
    outbox = opened("one")
    outbox.take({"chat": [(1, notice("a")), (2, notice("b"))]}, 2, 0.0)
    mine, yours = outbox.due(1.0, ["chat"]), opened("other").due(1.0, ["chat"])
    assert mine is not None
    assert yours is not None
    again = opened("one")
    again.release(2.0)
    assert (again.due(2.0, ["chat"]), again.due(2.0, ["chat"])) == (mine, None)


def test_two_that_send_at_once_send_each_notice_once(opened: Callable[..., Outbox]) -> None:
    found = [(number, notice(str(number))) for number in range(1, 61)]
    told = Told("chat")
    nodes = [Dispatcher(opened(name), [Asked(told)]) for name in ("one", "two", "three")]

    def run(node: Dispatcher) -> int:
        node.take(found, 0.0)
        return node.send(lambda: 1.0)

    with ThreadPoolExecutor(len(nodes)) as pool:
        assert sum(pool.map(run, nodes)) == len(found)
    assert Counter(told.got) == Counter(uid.uid for _, uid in found)


def test_what_was_sent_long_ago_is_forgotten_and_what_waits_is_not(opened: Callable[..., Outbox]) -> None:
    outbox = opened()
    outbox.take({"chat": [(1, notice("a")), (2, notice("b"))], "pager": [(1, notice("a"))]}, 2, 0.0)
    for at in (10.0, 20.0):
        due = outbox.due(1.0, ["chat"])
        assert due is not None
        outbox.sent(due, at)
    assert (outbox.forget(20.0), outbox.counts()) == (1, {("chat", "sent"): 1, ("pager", "waiting"): 1})
    waiting = outbox.due(1.0, ["pager"])
    assert waiting is not None
    assert waiting.notice == notice("a")


def test_the_outbox_of_an_earlier_release_is_carried_over_once(tmp_path: Path, opened: Callable[..., Outbox]) -> None:
    path = tmp_path / "outbox.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(EARLIER.read_text())
    kept = path.read_bytes()
    outbox = opened()
    assert outbox.carry_over(path) == 3
    uid = "e3c06d98ba7db4256bed1b4dc79791f6"
    assert outbox.counts() == {("chat", "waiting"): 1, ("mail", "dead"): 1, ("soc", "sent"): 1}
    assert (outbox.cursor(["chat"]), outbox.cursor(["new"]), outbox.troubles()) == (1, 1, [("mail", uid, "550 unknown")])
    due = outbox.due(1005.0, ["chat"])
    assert due is not None
    assert (due.notice.uid, due.notice.level, due.attempts) == (uid, "high", 1)
    outbox.sent(due, 2000.0)
    # As if we had been killed before the file was moved away.
    assert (outbox.carry_over(path), path.exists()) == (0, False)
    path.write_bytes(kept)
    assert (outbox.carry_over(path), outbox.counts()[("chat", "sent")]) == (3, 1)


def test_an_outbox_of_an_earlier_release_that_cannot_be_read_is_said(tmp_path: Path, opened: Callable[..., Outbox]) -> None:
    (tmp_path / "outbox.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(OutputError, match="the outbox of an earlier release cannot be read: file is not a database"):
        opened().carry_over(tmp_path / "outbox.sqlite")


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
