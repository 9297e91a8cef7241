"""Notice that a sender has fallen silent, and that it sends again. The clock is handed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.receivers.gate import Sender

__all__ = ["Heartbeats"]


class Heartbeats:
    """The senders that are expected to send, and which of them are known to be silent."""

    def __init__(self, senders: Sequence[Sender], now: float) -> None:
        """Expect from ``now`` on, seconds since 1970: who has sent nothing yet has as long as everybody else."""
        self._began = now
        self._silent: set[str] = set()
        self._expected: dict[str, float] = {}
        self.expect(senders)

    def expect(self, senders: Sequence[Sender]) -> None:
        """Expect these from now on."""
        self._expected = {sender.name: float(sender.silent) for sender in senders if sender.silent}

    def look(self, last: Mapping[str, float], now: float) -> list[bytes]:
        """Return a record for each sender that has fallen silent or sends again. ``last``: when each sent something."""
        found = []
        for name, patience in self._expected.items():
            since = max(last.get(name, 0.0), self._began)
            silent = now - since > patience
            if silent and name not in self._silent:
                self._silent.add(name)
                found.append(_record("sender-silent", name, (since, now)))
            elif not silent and name in self._silent:
                self._silent.discard(name)
                found.append(_record("sender-back", name, (since, now)))
        return found


def _record(event: str, name: str, when: tuple[float, float]) -> bytes:
    since, now = when
    seconds = int(now - since)
    message = f"{name} has sent nothing for {seconds} seconds" if event == "sender-silent" else f"{name} sends again"
    at = datetime.fromtimestamp(int(now), UTC).isoformat()
    told = {"bartizan": "watch", "event": event, "sender": name, "silent": seconds, "time": at, "message": message}
    return msgspec.json.encode(told)
