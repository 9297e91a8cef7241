"""Send findings as short texts to whatever apprise knows: Slack, Teams, PagerDuty, e-mail, and a hundred more."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.errors import MissingExtra
from bartizan.respond.notify.contract import Notice, Refusal
from bartizan.respond.notify.texts import text_of

if TYPE_CHECKING:
    from bartizan.respond.notify.template import NoticeTemplate

__all__ = ["AppriseChannel"]

_KINDS: Final = {"critical": "failure", "high": "warning"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """An address as apprise writes it (``slack://...``); it holds secrets and is never shown."""

    name: str
    url: str = field(repr=False)
    template: NoticeTemplate | None = None
    """What writes title (its first line) and text (the others); None is ``text_of``."""

    def __post_init__(self) -> None:
        """Raise MissingExtra where apprise is not installed."""
        if importlib.util.find_spec("apprise") is None:
            feature = f"the channel '{self.name}'"
            raise MissingExtra(feature, "notify")

    def send(self, notice: Notice, _now: float) -> Refusal | None:
        """Send title and text of a finding."""
        import apprise  # noqa: PLC0415 - 300 ms that only who sends so should pay

        sender = apprise.Apprise()
        if not sender.add(self.url):
            return Refusal("apprise does not know this address: see its list of services", again=False)
        told = text_of(notice.line) if self.template is None else _written(self.template, notice)
        if isinstance(told, Refusal):
            return told
        title, body = told
        try:
            taken = sender.notify(body=body, title=title, notify_type=_KINDS.get(notice.level, "info"))
        except Exception as error:  # noqa: BLE001 - a hundred services behind one call, each with errors of its own
            return Refusal(f"{type(error).__name__}: {error}")
        return None if taken else Refusal("the service did not take it")


def _written(template: NoticeTemplate, notice: Notice) -> tuple[str, str] | Refusal:
    text = template.written(notice)
    if isinstance(text, Refusal):
        return text
    title, _, body = text.strip().partition("\n")
    return title, body.strip() or title
