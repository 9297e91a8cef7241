"""A client gives whole answers or says that there is none, and shows what it holds to nobody but who was asked."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from tests.collect.inventory.live.rest.places import Asked, Bearer, Told, served

from bartizan.collect.inventory.live.rest import client
from bartizan.collect.inventory.live.rest.client import Connections, Reply, Unanswered, endpoint_of, origin_of
from bartizan.errors import UsageError

pytestmark = pytest.mark.enable_socket


def asked(method: str, url: str, body: bytes = b"", authority: Bearer | None = None) -> Reply:
    with closing(Connections(authority or Bearer())) as connections:
        return connections.ask(method, url, body)


def test_a_request_carries_what_lets_it_in_and_its_document_and_is_answered_with_status_headers_and_body() -> None:
    came: list[Asked] = []

    def answer(one: Asked) -> Told:
        came.append(one)
        return Told({"a": 1}, 202, {"X-Told": "yes"})

    with served(answer) as place:
        reply = asked("POST", f"{place}/a?b=c", b'{"q": 1}')
    assert (reply.status, reply.body, reply.headers["x-told"]) == (202, b'{"a": 1}', "yes")
    assert came == [Asked("POST", "/a?b=c", {"q": 1}, "a-token")]


def closing_each_seventh(one: Asked) -> Told:
    return Told({"target": one.target}, headers={"Connection": "close"} if one.target.endswith("7") else {})


def test_threads_share_a_client_and_a_connection_that_the_server_closed_is_made_anew() -> None:
    with served(closing_each_seventh) as place, closing(Connections(Bearer())) as connections, ThreadPoolExecutor(4) as threads:
        bodies = list(threads.map(lambda number: connections.ask("GET", f"{place}/{number}").body, range(40)))
    assert bodies == [f'{{"target": "/{number}"}}'.encode() for number in range(40)]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Told({"a": 1}, cut=5), "the answer broke off: 8 of 13 bytes came"),
        (Told(b"5\r\nabcde\r\n9\r\nab", headers={"Transfer-Encoding": "chunked", "Connection": "close"}), "the answer broke off: "),
        (Told({}, 302, {"Location": "http://other.example/take"}), r"it sends on to other\.example, which is not asked: what lets in here"),
        (Told({}, 302, {"Location": "/again"}), "it sends on and on"),
        (Told(b"x" * 1001), "the answer has more than 1000 bytes"),
    ],
    ids=["cut off", "cut off in pieces", "sent to another host", "sent in circles", "too much"],
)
def test_what_is_no_whole_answer_of_the_host_that_was_asked_is_none(told: Told, why: str) -> None:
    with served(lambda _one: told) as place, closing(Connections(Bearer(), most=1000)) as few, pytest.raises(Unanswered, match=why):
        few.ask("GET", place)


def test_a_request_is_followed_within_its_host_and_a_document_never_is() -> None:
    with served(lambda one: Told({}, 307, {"Location": "/there"}) if one.target == "/here" else Told({"at": one.target})) as place:
        assert asked("GET", f"{place}/here").body == b'{"at": "/there"}'
        with pytest.raises(Unanswered, match="it sends a POST on, which is not followed"):
            asked("POST", f"{place}/here", b"{}")


def test_who_is_refused_is_let_in_anew_once() -> None:
    with served(lambda one: Told({}, 200 if one.token == "new" else 401)) as place:
        lets_in, refuses = Bearer("old", "new"), Bearer("old", "older", "oldest")
        replies = [asked("GET", place, authority=one).status for one in (lets_in, refuses)]
    assert (replies, lets_in.forgotten, refuses.forgotten) == ([200, 401], 1, 1)


def test_silence_and_what_is_no_address_are_no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(lambda _one: Told({})) as place:
        pass
    with pytest.raises(Unanswered) as gone:
        asked("GET", place)
    with pytest.raises(Unanswered, match=r"'ftp://a' is no address of http or https") as wrong:
        asked("GET", "ftp://a")
    assert (gone.value.again, wrong.value.again) == (True, False)
    assert [origin_of("https://A.example/x"), origin_of("http://a:81")] == [("https", "a.example", 443), ("http", "a", 81)]
    monkeypatch.setenv("https_proxy", "http://{}@127.0.0.1:1".format("user:word"))
    with pytest.raises(Unanswered, match="refused"):
        Connections(Bearer(), context=ssl.create_default_context()).ask("GET", "https://a.example/")


def test_an_answer_that_never_quite_stops_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_SLOWEST", -1)
    with served(lambda _one: Told({})) as place, pytest.raises(Unanswered, match="the answer broke off: it comes too slowly"):
        asked("GET", place)


def test_a_reply_without_headers_has_none() -> None:
    assert Reply(204) == Reply(204, b"", {})


@pytest.mark.parametrize(
    "endpoint",
    [f"https://me:{'hidden-1'}@example.com", "me:hidden-1@example.com", "https://example.com?sig=hidden-1", "https://example.com#hidden-1"],
)
def test_an_address_that_would_put_a_secret_into_recordings_is_refused_without_a_word_of_it(endpoint: str) -> None:
    with pytest.raises(UsageError, match="an address with a user, a password or a query is not asked") as told:
        endpoint_of(endpoint)
    assert "hidden" not in str(told.value)


def test_an_address_is_one_of_http() -> None:
    assert [endpoint_of(one) for one in ("", "http://127.0.0.1:80/")] == ["", "http://127.0.0.1:80"]
    for one in ("127.0.0.1:8080", "file:///etc/passwd", "https://example.com:99999"):
        with pytest.raises(UsageError, match=r"^--endpoint: "):
            endpoint_of(one)
