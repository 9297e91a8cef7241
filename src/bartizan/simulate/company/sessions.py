"""Logon sessions and processes: the identities that tie one Windows record to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.simulate.company.people import User

__all__ = ["Process", "Session"]


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A logon of a user on a host. ``terminal`` is the terminal session, 0 for services and the network."""

    user: User
    logon_id: str
    logon_guid: str
    terminal: int = 0
    kind: int = 3
    elevated: bool = False

    @property
    def integrity(self) -> str:
        """Return the integrity level of the session's processes, as Sysmon writes it."""
        if self.user.sid.startswith("S-1-5-1") or self.user.sid == "S-1-5-20":
            return "System"
        return "High" if self.elevated else "Medium"


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """A running process, as its children and its telemetry name it."""

    guid: str
    pid: int
    image: str
    command: str
    session: Session

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return the GUID, the process id and the image: how most Sysmon events begin."""
        return (self.guid, str(self.pid), self.image)
