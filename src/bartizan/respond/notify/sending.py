"""Move notices from findings to channels: look at what is new, send what is due, note what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.respond.notify.contract import Channel, Notice
    from bartizan.respond.notify.outbox import Outbox

__all__ = ["Asked", "Dispatcher"]

_LEVELS: Final = ("informational", "low", "medium", "high", "critical")
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A channel and the lowest level of what it is told."""

    channel: Channel
    level: str = "high"

    def wants(self, notice: Notice) -> bool:
        """Say whether a notice is grave enough; a level that is none of Sigma's is."""
        return notice.level not in _LEVELS or _LEVELS.index(notice.level) >= _LEVELS.index(self.level)


class Dispatcher:
    """Sends for some channels out of one outbox."""

    def __init__(
        self,
        outbox: Outbox,
        asked: Sequence[Asked],
        log: Callable[[str], None] = lambda _line: None,
        silence_of: Callable[[bytes, float], str | None] = lambda _line, _now: None,
    ) -> None:
        """Send; ``log`` is told what failed, ``silence_of`` names the silence by which nobody is to be told of a finding."""
        self.outbox, self._asked, self._log, self._silence_of = outbox, asked, log, silence_of
        self._channels = {one.channel.name: one.channel for one in asked}

    def cursor(self) -> int:
        """Return the number of the last finding that was looked at for all channels."""
        return self.outbox.cursor(self._channels)

    def take(self, findings: Sequence[tuple[int, Notice]], now: float) -> None:
        """Look at findings, each with its number."""
        if findings:
            notices = {one.channel.name: [found for found in findings if one.wants(found[1])] for one in self._asked}
            wanted = {notice.uid: notice for some in notices.values() for _, notice in some}
            silenced = {uid: silence for uid, notice in wanted.items() if (silence := self._silence_of(notice.line, now))}
            self.outbox.take(notices, findings[-1][0], now, silenced)

    def send(self, clock: Callable[[], float]) -> int:
        """Send what is due and return how much was taken."""
        taken = 0
        for _ in range(_MOST):
            due = self.outbox.due(clock(), self._channels)
            if due is None:
                break
            refused = self._channels[due.channel].send(due.notice, clock())
            if refused is None:
                self.outbox.sent(due, clock())
                taken += 1
                continue
            again = self.outbox.failed(due, refused.why, clock(), again=refused.again)
            self._log(f"{due.channel}: finding {due.notice.uid} was not taken: {refused.why}" + ("" if again else "; it is set aside"))
        return taken
