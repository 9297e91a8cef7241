"""Send findings as short texts to whatever apprise knows: Slack, Teams, PagerDuty, e-mail, and a hundred more."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from bartizan.errors import MissingExtra
from bartizan.respond.notify.contract import Notice, Refusal

__all__ = ["AppriseChannel", "text_of"]

_OBSERVABLES: Final = 8
_KINDS: Final = {"critical": "failure", "high": "warning"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """An address as apprise writes it (``slack://...``); it holds secrets and is never shown."""

    name: str
    url: str = field(repr=False)

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
        title, body = text_of(notice.line)
        try:
            taken = sender.notify(body=body, title=title, notify_type=_KINDS.get(notice.level, "info"))
        except Exception as error:  # noqa: BLE001 - a hundred services behind one call, each with errors of its own
            return Refusal(f"{type(error).__name__}: {error}")
        return None if taken else Refusal("the service did not take it")


def text_of(line: bytes) -> tuple[str, str]:
    """Return title and text of a finding, for people: what, how bad, when, where, and the first observables."""
    found: dict[str, Any] = msgspec.json.decode(line)
    info = found.get("finding_info", {})
    title = f"[{found.get('severity', 'Unknown')}] {info.get('title', 'A finding')}"
    lines = [str(found.get("message") or info.get("desc") or "")]
    lines.append(f"at {found.get('time_dt', found.get('time', ''))}")
    if host := found.get("device", {}).get("hostname"):
        lines.append(f"on {host}")
    seen = dict.fromkeys(f"{one.get('type')}: {one.get('value')}" for one in found.get("observables", ()))
    lines += list(seen)[:_OBSERVABLES]
    lines.append(f"finding {info.get('uid', '')}, rule {info.get('analytic', {}).get('uid', '')}")
    return title, "\n".join(text for text in lines if text)
