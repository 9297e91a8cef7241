"""A call is asked again where that can help, as slowly as is asked for; what it gave, or why it gave nothing, is a value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.live.calls import Answer, Failure
from bartizan.collect.inventory.live.pace import Clock, Pace
from bartizan.collect.inventory.live.recording import Recording, format_of, recordings
from bartizan.collect.inventory.live.rest.caller import Caller, Settings
from bartizan.collect.inventory.live.rest.calls import Call, pages
from bartizan.collect.inventory.live.rest.client import Reply, Unanswered
from bartizan.collect.inventory.live.rest.recording import form_of
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CALL = Call("things/read", "https://cloud.example/things", service="things")
FORM = form_of("example")


class Cloud:
    """Answers one request after the other, the last for ever."""

    def __init__(self, *replies: Reply | Unanswered) -> None:
        self.replies = list(replies)

    def ask(self, _method: str, _url: str, _body: bytes = b"") -> Reply:
        told = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(told, Unanswered):
            raise told
        return told


class Time:
    def __init__(self) -> None:
        self.at, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def asked(*replies: Reply | Unanswered) -> tuple[Answer, list[int], int]:
    """Return what a call gave, for how many whole seconds was waited, and how many requests it took."""
    time = Time()
    made = Settings(redact=lambda _call, document: document)
    caller = Caller(Cloud(*replies), made, clock=Clock(lambda: time.at, time.sleep), seed=1)
    answer = caller(CALL)
    return answer, [int(one) for one in time.slept], caller.made["things/read"]


def test_what_is_throttled_or_broken_is_asked_again_and_no_sooner_than_one_is_asked_to() -> None:
    dates = {"date": "Fri, 27 Nov 2026 10:00:00 GMT", "retry-after": "Fri, 27 Nov 2026 10:01:00 GMT"}
    good = Reply(200, b'{"a": 1}')
    answer, slept, made = asked(Reply(429, headers={"retry-after": "7"}), Reply(503, headers=dates), Unanswered("silence"), good)
    assert (answer, slept, made) == (Answer({"a": 1}), [7, 60, 1], 4)


def test_a_service_of_a_few_calls_a_minute_has_a_pace_of_its_own_however_often_it_throttles() -> None:
    time, many = Time(), Cloud(*[Reply(200, b"{}")] * 9)
    settings = Settings(redact=lambda _call, document: document, rates={"slow": 0.08})
    caller = Caller(many, settings, clock=Clock(lambda: time.at, time.sleep))
    for _ in range(6):
        caller(Call("things/read", "https://slow.example/things", service="slow"))
    assert [round(one, 1) for one in time.slept] == [12.5, 12.5]
    pace = Pace(0.08, Clock(lambda: time.at, time.sleep))
    for _ in range(9):
        pace.throttled()
    assert pace.rate == 0.02


@pytest.mark.parametrize(
    ("reply", "failure", "made"),
    [
        (
            Reply(403, b'{"error": {"code": "AuthorizationFailed", "message": "no\\n right"}}'),
            ("denied", "AuthorizationFailed", "no right"),
            1,
        ),
        (Reply(401), ("denied", "401", ""), 1),
        (Reply(404, b'{"Code": "NotFound", "Message": "gone"}'), ("failed", "NotFound", "gone"), 1),
        (Reply(405), ("not-implemented", "405", ""), 1),
        (Reply(429, b"{}"), ("throttled", "429", ""), 6),
        (Reply(429, headers={"retry-after": "3600"}), ("throttled", "429", ""), 1),
        (Reply(500, b"<html>"), ("failed", "500", ""), 6),
        (Reply(200, b"<!DOCTYPE html>sign in"), ("failed", "NoAnswer", "a page for people came"), 6),
        (Reply(200, b'{"value": ['), ("failed", "NoAnswer", "what came is no JSON object, or not all of one"), 6),
        (Reply(200, b"[]"), ("failed", "NoAnswer", "what came is no JSON object, or not all of one"), 6),
        (Reply(200, b"[" * 100_000), ("failed", "NoAnswer", "what came is no JSON object, or not all of one"), 6),
        (Unanswered("a certificate", again=False), ("failed", "Unanswered", "a certificate"), 1),
        (Unanswered("silence"), ("failed", "Unanswered", "silence"), 6),
    ],
)
def test_a_call_that_gives_nothing_says_why(reply: Reply | Unanswered, failure: tuple[str, str, str], made: int) -> None:
    answer, _slept, times = asked(reply)
    assert (answer, times) == (Answer(failure=Failure(*failure)), made)


def test_redaction_sees_an_answer_before_anything_else_does() -> None:
    settings = Settings(redact=lambda call, document: {call.name: sorted(document)})
    assert Caller(Cloud(Reply(200, b'{"secret": "x"}')), settings)(CALL) == Answer({"things/read": ["secret"]})


def numbered(call: Call, document: Mapping[str, Any]) -> Call | None:
    following = document.get("next")
    return replace(call, url=following) if following else None


def answers(**given: Answer) -> Callable[[Call], Answer]:
    return lambda call: given[call.url.rpartition("/")[2]]


def test_pages_are_read_to_the_last_or_to_the_first_that_fails() -> None:
    two = replace(CALL, url="https://cloud.example/two")
    first, second, denied = Answer({"next": two.url}), Answer({"a": 1}), Answer(failure=Failure("denied", "No"))
    assert list(pages(answers(things=first, two=second), CALL, numbered)) == [(CALL, first), (two, second)]
    assert list(pages(answers(things=first, two=denied), CALL, numbered)) == [(CALL, first), (two, denied)]


@pytest.mark.parametrize(
    ("following", "code"), [("https://other.example/things", "OtherHost"), ("no address", "OtherHost"), (CALL.url, "SamePage")]
)
def test_a_page_elsewhere_or_one_that_was_read_is_not_followed(following: str, code: str) -> None:
    *_pages, (_call, last) = pages(answers(things=Answer({"next": following})), CALL, numbered)
    assert last.failure is not None
    assert (last.failure.reason, last.failure.code) == ("failed", code)


def test_pages_whose_marks_grew_old_in_a_recording_are_read_anew(tmp_path: Path) -> None:
    old, new = replace(CALL, url="https://cloud.example/old"), replace(CALL, url="https://cloud.example/new")
    recording = Recording(tmp_path / "a.ndjson", FORM, add=True)
    recording.begin({"of": "a"})
    recording.through(answers(things=Answer({"next": old.url})))(CALL)
    gone = Answer(failure=Failure("failed", "BadRequest", "this mark has grown old"))
    now = answers(things=Answer({"next": new.url}), old=gone, new=Answer({"a": 1}))
    read = list(pages(recording.through(now), CALL, numbered, anew=recording.through(now, anew=True)))
    assert [call.url for call, _answer in read] == [CALL.url, CALL.url, new.url]
    recording.close()
    (again,) = recordings(tmp_path, FORM)
    assert again.scope == {"of": "a"}
    assert [answer for _call, answer in pages(again.answer, CALL, numbered)] == [Answer({"next": new.url}), Answer({"a": 1})]
    assert (CALL in again, again.answer(old)) == (True, gone)
    again.close()


def test_a_recording_says_of_which_form_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    for content, form in (('{"format": "bartizan-example-recording/1"}\n', "bartizan-example-recording/1"), ("[]", ""), ("{", "")):
        file.write_text(content)
        assert format_of(file) == form
    with pytest.raises(InputError, match="cannot be opened: No such file"):
        format_of(tmp_path / "b.ndjson")


def test_a_document_is_asked_with_in_one_order() -> None:
    assert Call.post("a", "https://a", {"b": 1, "a": 2}) == Call("a", "https://a", "POST", '{"a": 2, "b": 1}')
