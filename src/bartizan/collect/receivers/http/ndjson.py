"""Take a log as the body of a request: JSON lines, an array, pretty-printed JSON, plain lines. ``POST /v1/records``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.collect.receivers.contract import Answer, Intake, Trouble
from bartizan.collect.receivers.cutting import cut_whole, too_many
from bartizan.collect.receivers.tokens import carried

if TYPE_CHECKING:
    from bartizan.collect.receivers.contract import Asked, Receiver

__all__ = ["NdjsonReceiver", "make"]

PATH: Final = "/v1/records"
_JSON: Final = (("content-type", "application/json"),)


class NdjsonReceiver:
    """``stream`` in the query tells a sender's logs apart."""

    name = "ndjson"

    def serves(self, method: str, path: str) -> bool:
        """Say whether this is a request of this protocol."""
        return path == PATH and method in {"POST", "PUT"}

    def token(self, asked: Asked) -> str | None:
        """Return the bearer token."""
        return carried(asked)

    def answer(self, asked: Asked) -> Answer | Intake | Trouble:
        """Take the records of the body and say how many there were."""
        found = too_many(asked.body) or cut_whole(asked.body, label=asked.query.get("stream", ""))
        if isinstance(found, Trouble):
            return found
        if not found and asked.body.strip():
            return Trouble(400, "the body holds no records that can be read as lines or JSON")
        count = sum(len(each.records) for each in found)
        return Intake(found, Answer(200, msgspec.json.encode({"records": count}), _JSON))

    def refusal(self, trouble: Trouble) -> Answer:
        """Say why as a JSON object."""
        return Answer(trouble.status, msgspec.json.encode({"error": trouble.why}), _JSON)


def make() -> Receiver:
    """Make the receiver."""
    return NdjsonReceiver()
