"""Who may send, and how much."""

from __future__ import annotations

from bartizan.collect.receivers.contract import Trouble
from bartizan.collect.receivers.gate import ANYBODY, Gate, Sender

WEB = Sender(name="web", token="s3cret", receivers=("splunk",), rate=1000)
ALL = Sender(name="all", token="t0ken")


def test_a_token_says_who_sends() -> None:
    gate = Gate([WEB, ALL])
    assert [gate.admit("s3cret", "splunk"), gate.admit("t0ken", "ndjson")] == [WEB, ALL]


def test_no_token_a_wrong_one_and_one_for_another_protocol_are_refused_alike() -> None:
    gate = Gate([WEB, ALL])
    found = [gate.admit(*each) for each in (("", "splunk"), ("s3cre", "splunk"), ("s3cret\udcff", "splunk"), ("s3cret", "ndjson"))]
    assert found == [Trouble(status, "no valid token was sent") for status in (401, 403, 403, 403)]


def test_without_senders_anybody_is_let_in() -> None:
    assert Gate([]).admit("", "ndjson") == ANYBODY


def test_a_rate_lets_bursts_through_and_then_asks_to_wait_until_there_is_room() -> None:
    gate = Gate([WEB])
    assert [gate.spend(WEB, 6000, 0.0), gate.spend(WEB, 6000, 0.0)] == [None, None]
    assert gate.spend(WEB, 1, 0.5) == Trouble(429, "too much was sent", 2)
    assert gate.spend(WEB, 1, 2.5) is None
    assert gate.spend(ALL, 1 << 40, 0.0) is None
