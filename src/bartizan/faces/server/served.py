"""Say what to serve: where to listen, who may send, what to judge by, where to keep it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bartizan.detect.watch.places import Places
from bartizan.faces.server.limits import Limits

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from bartizan.collect.receivers.gate import Sender
    from bartizan.collect.receivers.pull.contract import Puller
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.contract import Alert
    from bartizan.respond.notify.sending import Asked

__all__ = ["Pull", "Served", "SyslogPort", "Teller", "waiting"]


class Teller(Protocol):
    """What operators are told by; ``level`` is ``info`` or ``warning``."""

    def __call__(self, line: str, level: str = "info") -> None:
        """Tell."""


def _silent(line: str, level: str = "info") -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class SyslogPort:
    """Where to listen for syslog; ``how`` is ``udp``, ``tcp`` or ``tls``."""

    how: str
    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A place to fetch from. ``make`` opens it; ``silent``: seconds of silence after which that is a finding, 0 never."""

    name: str
    make: Callable[[Callable[[str], None]], Puller]
    silent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What to serve. ``root``: the folder of the watch; ``told`` gets the findings as they are made; ``log`` what operators read."""

    root: Path
    request: Request
    lateness: int
    judges: int = 1
    """Processes that judge at most: more than one only where more comes than one can judge."""
    host: str = "127.0.0.1"
    port: int = 8088
    tls: ssl.SSLContext | None = None
    senders: Sequence[Sender] = ()
    syslog: Sequence[SyslogPort] = ()
    files: Sequence[str] = ()
    """Files to follow, as globs."""
    pulls: Sequence[Pull] = ()
    """Where to fetch from."""
    channels: Sequence[Asked] = ()
    """Whom to tell of findings."""
    backfill: int | None = None
    """From when on (nanoseconds UTC) the lake is looked through for findings that are not there yet; None not at all."""
    keep_days: int = 0
    """Days for which findings and deliveries stay in the state; 0 for ever."""
    lake: Path | None = None
    """The lake that records and findings are put into; None keeps findings in the ledger and no records."""
    limits: Limits = field(default_factory=Limits)
    told: Callable[[Sequence[Alert]], None] | None = None
    log: Teller = _silent
    secrets: Collection[str] = ()
    """What must not be written anywhere: tokens, keys of webhooks, addresses of channels, the address of the database."""
    reread: Callable[[], Served] | None = None
    """Reads the settings anew; None where they stand in no file."""
    traces: str = ""
    """The OTLP address that traces of the server itself are sent to; "" for none."""
    database: str = ""
    """The address of a database that several servers share; "" for a file under ``root``."""

    @property
    def places(self) -> Places:
        """Where this watch keeps what it knows."""
        return Places(root=self.root, database=self.database)


def waiting(before: Served, after: Served) -> list[str]:
    """Return which settings were changed that a server cannot take while it runs."""
    names = ("root", "database", "host", "port", "syslog", "files", "lake", "limits")
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    return [*changed, *(["pull"] if _pulls(before) != _pulls(after) else [])]


def _pulls(served: Served) -> list[tuple[str, int]]:
    return [(each.name, each.silent) for each in served.pulls]
