"""Say what log a rule of Wazuh judges here: the Sigma log source, and what Wazuh's names of fields are called in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SYSMON_GROUPS", "SYSMON_SIDS", "TEXT", "WINDOWS", "World", "decoded_world", "json_world"]


@dataclass(frozen=True, slots=True)
class World:
    """A log source and the names of Wazuh's fields in it; fields that ``names`` lacks go through ``dynamic``.

    ``doubt`` says why the fields may hold other values than Wazuh's; ``log`` is the field with the text that ``match`` and
    ``regex`` judge, "" where a record has none. ``host`` tells agents apart.
    """

    name: str
    logsource: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    dynamic: str = ""
    log: str = ""
    host: str = ""
    doubt: str = ""

    def field(self, name: str) -> str | None:
        """Return what a field is called here; None where records have no such field."""
        known = self.names.get(name)
        if known is not None:
            return known
        if self.dynamic == "windows":
            return _windows(name)
        return name if self.dynamic == "as it is" else None


_SYSTEM: Final = {
    "eventid": "EventID",
    "channel": "Channel",
    "providername": "Provider_Name",
    "computer": "Computer",
    "level": "Level",
    "task": "Task",
    "opcode": "Opcode",
    "eventrecordid": "EventRecordID",
}
WINDOWS: Final = World("windows_eventchannel", {"product": "windows"}, {}, dynamic="windows", host="Computer")
"""Events of the channels. Wazuh makes the first letter of each name small: ``Image`` is ``win.eventdata.image``."""
_TEXT_NAMES: Final = MappingProxyType({"program_name": "program", "hostname": "host"})
TEXT: Final = World("syslog", {"product": "linux", "service": "syslog"}, _TEXT_NAMES, log="message", host="host")
"""Lines of syslog whose decoder was not given: only the program, the host and the text of the message are known."""
_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "sshd": ("sshd", "src_ip", "user"),
    "sudo": ("sudo", "", "by_user"),
    "su": ("auth", "", "user"),
    "pam": ("auth", "rhost", "user"),
    "cron": ("cron", "", "user"),
    "vsftpd": ("vsftpd", "src_ip", "user"),
}
"""Decoders of Wazuh by name: our service, our field for ``srcip`` and for the user."""
SYSMON_GROUPS: Final = {f"sysmon_event{separator}{number}": number for number in range(1, 30) for separator in ("", "_")}
"""Groups that Wazuh gives to events of Sysmon, by the event's id: what rules of users hang on."""
SYSMON_SIDS: Final = {str(61602 + number): number for number in range(1, 16)}
"""Rules of Wazuh for the events 1 to 15 of Sysmon, which rules of users name as parents."""


def decoded_world(decoder: str) -> World | None:
    """Return the log that a decoder of Wazuh reads, as one of our own sources does; None where there is none."""
    if decoder == "windows_eventchannel":
        return WINDOWS
    known = _KNOWN.get(decoder)
    if known is None:
        return None
    service, address, user = known
    names = {**_TEXT_NAMES, "user": user, "dstuser": user, "srcuser": user, **({"srcip": address} if address else {})}
    doubt = f"the decoder '{decoder}' is not among the files: fields are those that the source for linux/{service} reads"
    return World(decoder, {"product": "linux", "service": service}, names, log="message", host="host", doubt=doubt)


def json_world() -> World:
    """Return the log of JSON objects, whose fields are called as they are written."""
    return World("json", {"product": "wazuh", "service": "json"}, {}, dynamic="as it is")


def _windows(name: str) -> str | None:
    """Return the name of a field of a Windows event in Sigma."""
    prefix, _, rest = name.partition(".")
    place, _, own = rest.partition(".")
    if prefix != "win" or not own:
        return None
    if place == "system":
        return _SYSTEM.get(own.lower())
    if place != "eventdata":
        return None
    return own if own.startswith("param") else own[:1].upper() + own[1:]
