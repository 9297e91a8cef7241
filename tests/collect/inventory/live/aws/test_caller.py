"""Calls are paced, made again where that can help and never where it cannot, and say why they failed."""

from __future__ import annotations

import json

import pytest
from tests.collect.inventory.live.aws.clouds import ACCOUNT, Reply, refusal, serving

from bartizan.collect.inventory.live.aws.caller import Caller, Connection
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.calls import Answer, Failure
from bartizan.collect.inventory.live.pace import Clock, Pace

pytestmark = pytest.mark.enable_socket
HERE = Place(ACCOUNT, "us-east-1")
PAGE = "an error page, or nothing: this is no answer of AWS"
KEYS = Call.of(HERE, "kms:ListKeys")


class Time:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.waits.append(seconds)

    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


def asked(call: Call, *answers: Reply, tries: int = 6) -> tuple[Answer, list[str], Time]:
    """Make a call to a server that gives answers in order, and the last one for ever."""
    left, time = list(answers), Time()
    with serving(lambda _operation: left.pop(0) if len(left) > 1 else left[0]) as server:
        caller = Caller(server.session(), Connection(endpoint=server.endpoint, tries=tries), clock=time.clock(), seed=1)
        try:
            return caller(call), server.asked, time
        finally:
            caller.release()


def keys(*names: str, more: str = "") -> Reply:
    held = {"Keys": [{"KeyId": name, "KeyArn": f"arn:{name}"} for name in names], "Truncated": bool(more)}
    return Reply(body=json.dumps({**held, **({"NextMarker": more} if more else {})}), kind="application/x-amz-json-1.1")


def test_all_pages_of_an_answer_are_one_answer() -> None:
    answer, requests, _time = asked(KEYS, keys("a", more="m"), keys("b"))
    assert answer == Answer({"Keys": [{"KeyId": "a", "KeyArn": "arn:a"}, {"KeyId": "b", "KeyArn": "arn:b"}]})
    assert requests == ["ListKeys", "ListKeys"]


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (refusal(400, "AccessDeniedException"), Failure("denied", "AccessDeniedException", "no")),
        (Reply(403, ""), Failure("denied", "403", PAGE)),
        (Reply(403, "<html>no", "text/html"), Failure("denied", "403", PAGE)),
        (refusal(400, "UnknownOperationException"), Failure("not-implemented", "UnknownOperationException", "no")),
        (refusal(400, "ValidationException"), Failure("failed", "ValidationException", "no")),
        (
            Reply(500, "<!doctype html><title>500</title>", "text/html"),
            Failure("not-implemented", "500", PAGE),
        ),
    ],
)
def test_what_is_denied_wrong_or_not_there_is_asked_for_once(reply: Reply, failure: Failure) -> None:
    answer, requests, time = asked(KEYS, reply)
    assert (answer, len(requests), time.waits) == (Answer(failure=failure), 1, [])


@pytest.mark.parametrize(
    "trouble",
    [
        refusal(400, "ThrottlingException"),
        Reply(503, '{"message": "busy"}', "application/json"),
        Reply(429, "{}", "application/json"),
        Reply(200, '{"Keys": [', "application/json", cut=True),
        Reply(200, '{"Keys": [', "application/json"),
        Reply(200, '{"Keys": []}', "application/json", cut=True),
    ],
)
def test_trouble_that_passes_is_waited_out_between_pages_too(trouble: Reply) -> None:
    answer, requests, time = asked(KEYS, keys("a", more="m"), trouble, trouble, keys("b"))
    assert [one["KeyId"] for one in answer.document["Keys"]] == ["a", "b"]
    assert len(requests) == 4
    assert len(time.waits) >= 2


def test_throttling_that_does_not_end_is_a_failure_that_says_so() -> None:
    answer, requests, _time = asked(KEYS, refusal(400, "ThrottlingException"), tries=3)
    assert (answer.failure, len(requests)) == (Failure("throttled", "ThrottlingException", "no"), 3)


def test_a_server_that_is_not_there_is_asked_once() -> None:
    with serving(lambda _operation: Reply()) as server:
        endpoint = server.endpoint
    caller = Caller(server.session(), Connection(endpoint=endpoint), clock=Time().clock())
    failure = caller(KEYS).failure
    assert (failure and failure.reason, failure and failure.code, caller.made["kms:ListKeys"]) == ("failed", "EndpointConnectionError", 1)


def test_secrets_do_not_leave_the_call() -> None:
    told = {"Functions": [{"FunctionName": "f", "Environment": {"Variables": {"KEY": "AKIAABCDEFGHIJKLMNOP", "STAGE": "prod"}}}]}
    answer, _requests, _time = asked(Call.of(HERE, "lambda:ListFunctions"), Reply(body=json.dumps(told), kind="application/json"))
    (function,) = answer.document["Functions"]
    assert function["Environment"]["Variables"] == {"KEY": "(redacted) aws-access-key", "STAGE": "(redacted)"}


def test_a_pace_lets_so_many_through_and_slows_down_when_it_is_told() -> None:
    time = Time()
    pace = Pace(10, time.clock())
    for _ in range(10):
        pace.take()
    assert time.at == 0
    pace.take()
    assert time.at == pytest.approx(0.1)
    pace.throttled()
    assert pace.rate == 5
    pace.take()
    assert time.at == pytest.approx(0.4)
    for _ in range(20):
        pace.answered()
    assert pace.rate == 10
