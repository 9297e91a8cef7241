"""A sender that falls silent is noticed once, and so is that it sends again."""

from __future__ import annotations

import json

from bartizan.collect.receivers.gate import Sender
from bartizan.collect.receivers.heartbeats import Heartbeats

BEGAN = 1_795_687_800.0
"""2026-11-26T10:10:00Z."""
SENDERS = [Sender(name="web-01", silent=600), Sender(name="lab")]


def test_silence_is_told_once_and_its_end_too() -> None:
    hearts, last = Heartbeats(SENDERS, BEGAN), {"web-01": BEGAN + 10}
    looks = [hearts.look(last, BEGAN + after) for after in (1, 610, 612, 700)]
    assert [len(look) for look in looks] == [0, 0, 1, 0]
    assert json.loads(looks[2][0]) == {
        "bartizan": "watch",
        "event": "sender-silent",
        "sender": "web-01",
        "silent": 602,
        "time": "2026-11-26T10:20:12+00:00",
        "message": "web-01 has sent nothing for 602 seconds",
    }
    last["web-01"] = BEGAN + 705
    back = hearts.look(last, BEGAN + 706)
    assert [(one["event"], one["message"]) for one in map(json.loads, back)] == [("sender-back", "web-01 sends again")]


def test_who_never_sends_is_silent_from_the_beginning_on() -> None:
    hearts = Heartbeats(SENDERS, BEGAN)
    assert [len(hearts.look({}, BEGAN + after)) for after in (600, 601)] == [0, 1]
