"""Know what programs say in syslog and the journal: who logged in from where, which command ran, which account was made.

A table of patterns, by family of programs and by the first word of a message, so that a message is tried against one or
two. Where a name comes from outside (a user that does not exist), the pattern takes the last ``from … port …`` of the
line: what stands before it is the attacker's to write.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["MEANINGS", "Said", "family_of", "understand", "unfold"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one kind of message means: the names of its groups, and what it says without words."""

    meaning: str
    regex: re.Pattern[str]
    names: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """Messages of one meaning: which they are, and for each name one text per message (None: not said)."""

    family: str
    meaning: str
    rows: Sequence[int]
    names: Sequence[str]
    cells: Sequence[Sequence[str | None]]


_IN: Final = {"result": "success", "activity": "1"}
_REFUSED: Final = {"result": "failure", "activity": "1"}
_SWITCHED: Final = {"result": "success", "activity": "7"}
_NOT_SWITCHED: Final = {"result": "failure", "activity": "7"}
"""OCSF authentication activities: 1 logon, 2 logoff, 7 switch of account."""


def _pattern(meaning: str, regex: str, names: str = "", **facts: str) -> Pattern:
    return Pattern(meaning, re.compile(regex, re.DOTALL), tuple(names.split()), facts)


_FAMILIES: Final = {
    "ssh": "sshd sshd-session sshd-auth dropbear",
    "sudo": "sudo",
    "auth": "su su-l login sshd-keygen systemd-logind elogind gdm-password] gdm lightdm polkitd pkexec doas useradd userdel "
    "usermod adduser groupadd groupdel groupmod gpasswd passwd chpasswd chage chsh chfn newusers pam_tally2 unix_chkpwd",
    "cron": "cron crond anacron atd crontab fcron",
    "clamav": "clamd clamscan clamdscan freshclam clamav clamav-daemon",
    "vsftpd": "vsftpd",
    "guacamole": "guacd guacamole",
    "systemd": "systemd",
}
_FAMILY_OF: Final = {program: family for family, programs in _FAMILIES.items() for program in programs.split()}
_REPEATED: Final = re.compile(r"message repeated (\d{1,9}) times: \[ ?(.*)\]\s*", re.DOTALL)

_FROM: Final = r" from (\S+) port (\d+)"
_PAM: Final = (
    _pattern(
        "login",
        r"pam_\w+\(([^:)]*):\w*\): session opened for user ([^\s(]+)(?:\(uid=(\d+)\))?(?: by ([^\s(]*)(?:\(uid=(\d*)\))?)?",
        "service user uid by_user by_uid",
        result="success",
        activity="1",
    ),
    _pattern("login", r"pam_\w+\(([^:)]*):\w*\): session closed for user ([^\s(]+)", "service user", result="success", activity="2"),
    _pattern(
        "login",
        r"pam_\w+\(([^:)]*):\w*\): authentication failure; logname=(\S*) uid=(\d*) euid=(\d*) tty=(\S*) ruser=(\S*) "
        r"rhost=(\S*)\s+user=(\S+)",
        "service logname by_uid euid tty ruser rhost user",
        result="failure",
        activity="1",
    ),
    _pattern("account", r"pam_\w+\(([^:)]*):chauthtok\): password changed for (\S+)", "service user", activity="3", result="success"),
)
_SSH: Final = {
    "Accepted": (_pattern("login", r"Accepted (\S+) for (.*)" + _FROM, "method user src_ip src_port", **_IN),),
    "Failed": (_pattern("login", r"Failed (\S+) for (invalid user )?(.*)" + _FROM, "method unknown user src_ip src_port", **_REFUSED),),
    "Invalid": (
        _pattern("login", r"Invalid user (.*) from (\S+)(?: port (\d+))?\s*$", "user src_ip src_port", **_REFUSED, unknown="invalid user"),
    ),
    "User": (_pattern("login", r"User (\S+) from (\S+) not allowed because (.*)", "user src_ip reason", **_REFUSED),),
    "Password": (
        _pattern("login", r"Password auth succeeded for '(.*)' from (\S+):(\d+)", "user src_ip src_port", **_IN, method="password"),
    ),
    "Pubkey": (
        _pattern("login", r"Pubkey auth succeeded for '(.*)' with .* from (\S+):(\d+)", "user src_ip src_port", **_IN, method="publickey"),
    ),
    "Bad": (
        _pattern("login", r"Bad password attempt for '(.*)' from (\S+):(\d+)", "user src_ip src_port", **_REFUSED, method="password"),
        _pattern("connection", r"Bad protocol version identification '(.*)'" + _FROM, "reason src_ip src_port", activity="4"),
    ),
    "error:": (
        _pattern(
            "login",
            r"error: maximum authentication attempts exceeded for (invalid user )?(.*)" + _FROM,
            "unknown user src_ip src_port",
            **_REFUSED,
            reason="maximum authentication attempts exceeded",
        ),
        _pattern("login", r"error: PAM: (.*) for (illegal user )?(.*) from (\S+)", "reason unknown user src_ip", **_REFUSED),
    ),
    "Connection": (
        _pattern(
            "connection",
            r"Connection closed by (?:(?:authenticating|invalid) user (.*) )?(\S+) port (\d+)",
            "user src_ip src_port",
            activity="2",
        ),
        _pattern(
            "connection",
            r"Connection reset by (?:(?:authenticating|invalid) user (.*) )?(\S+) port (\d+)",
            "user src_ip src_port",
            activity="3",
        ),
        _pattern(
            "connection", r"Connection from (\S+) port (\d+)(?: on (\S+) port (\d+))?", "src_ip src_port dst_ip dst_port", activity="1"
        ),
    ),
    "Disconnected": (
        _pattern(
            "connection",
            r"Disconnected from (?:(?:authenticating |invalid )?user (.*) )?(\S+) port (\d+)",
            "user src_ip src_port",
            activity="2",
        ),
    ),
    "Disconnecting": (
        _pattern(
            "connection",
            r"Disconnecting (?:(?:authenticating|invalid) user (.*) )?(\S+) port (\d+): (.*)",
            "user src_ip src_port reason",
            activity="2",
        ),
    ),
    "Received": (_pattern("connection", r"Received disconnect from (\S+) port (\d+):\d+: ?(.*)", "src_ip src_port reason", activity="2"),),
    "Unable": (_pattern("connection", r"Unable to negotiate with (\S+) port (\d+): (.*)", "src_ip src_port reason", activity="4"),),
    "Did": (_pattern("connection", r"Did not receive identification string from (\S+)(?: port (\d+))?", "src_ip src_port", activity="4"),),
    "banner": (_pattern("connection", r"banner exchange: Connection from (\S+) port (\d+): (.*)", "src_ip src_port reason", activity="4"),),
    "pam_": _PAM,
}
_AUTH: Final = {
    "(to": (_pattern("login", r"\(to ([^)]+)\) (\S+) on (\S+)", "user by_user tty", **_SWITCHED),),
    "Successful": (_pattern("login", r"Successful su for (\S+) by (\S+)", "user by_user", **_SWITCHED),),
    "FAILED": (
        _pattern("login", r"FAILED SU \(to ([^)]+)\) (\S+) on (\S+)", "user by_user tty", **_NOT_SWITCHED),
        _pattern("login", r"FAILED su for (\S+) by (\S+)", "user by_user", **_NOT_SWITCHED),
        _pattern(
            "login", r"FAILED LOGIN (?:SESSION )?\(\d+\) on '([^']*)'(?: from '[^']*')? FOR '(.*)', (.*)", "tty user reason", **_REFUSED
        ),
    ),
    "LOGIN": (_pattern("login", r"LOGIN ON (\S+) BY (\S+)", "tty user", **_IN),),
    "ROOT": (_pattern("login", r"ROOT LOGIN ?ON (\S+)", "tty", **_IN, user="root"),),
    "New": (_pattern("login", r"New session '?(\S+?)'? of user '?([^'.\s]+)", "session user", **_IN),),
    "new": (
        _pattern("account", r"new user: name=([^,]+), UID=(\d+), GID=(\d+), home=([^,]*), shell=([^,]*)", "user uid gid home shell", **_IN),
        _pattern("group", r"new group: name=([^,]+), GID=(\d+)", "group gid", result="success", activity="6"),
    ),
    "group": (
        _pattern("group", r"group added to \S+: name=([^,]+)(?:, GID=(\d+))?", "group gid", result="success", activity="6"),
        _pattern("group", r"group '(.*)' removed", "group", result="success", activity="5"),
    ),
    "add": (_pattern("group", r"add '(.*)' to (?:shadow )?group '(.*)'", "user group", result="success", activity="3"),),
    "delete": (
        _pattern("group", r"delete '(.*)' from (?:shadow )?group '(.*)'", "user group", result="success", activity="4"),
        _pattern("account", r"delete user '(.*)'", "user", result="success", activity="6"),
    ),
    "removed": (_pattern("group", r"removed (?:shadow )?group '(.*)' owned by '(.*)'", "group user", result="success", activity="5"),),
    "user": (
        _pattern("group", r"user (\S+) added by (\S+) to group (\S+)", "user by_user group", result="success", activity="3"),
        _pattern("group", r"user (\S+) removed by (\S+) from group (\S+)", "user by_user group", result="success", activity="4"),
    ),
    "lock": (_pattern("account", r"lock user '(.*)' password", "user", result="success", activity="9"),),
    "unlock": (_pattern("account", r"unlock user '(.*)' password", "user", result="success", activity="12"),),
    "change": (_pattern("account", r"change user '([^']*)' (.*)", "user change", result="success", activity="99"),),
    "changed": (_pattern("account", r"changed (password expiry) for (\S+)", "change user", result="success", activity="99"),),
    "password": (_pattern("account", r"password for '(.*)' changed by '(.*)'", "user by_user", result="success", activity="3"),),
    "pam_": _PAM,
}
_CRON: Final = {
    "(": (
        _pattern("job", r"\(([^)]*)\) CMD \((.*)\)\s*", "user command", activity="6"),
        _pattern("job", r"\(([^)]*)\) REPLACE \((.*)\)\s*", "user crontab", activity="2"),
        _pattern("job", r"\(([^)]*)\) DELETE \((.*)\)\s*", "user crontab", activity="3"),
    ),
    "pam_": _PAM,
}
_SUDO: Final = {
    "pam_": _PAM,
    "": (_pattern("command", r"\s*(\S+) : (.*?) ; COMMAND=(.*)", "by_user options COMMAND"),),
}
_SYSTEMD: Final = {
    "Started": (_pattern("service", r"Started (.*[^\s.]\.*?)\.?\s*$", "unit", activity="3", result="success"),),
    "Stopped": (_pattern("service", r"Stopped (.*[^\s.]\.*?)\.?\s*$", "unit", activity="4", result="success"),),
    "Failed": (_pattern("service", r"Failed to start (.*[^\s.]\.*?)\.?\s*$", "unit", activity="3", result="failure"),),
    "Reloaded": (_pattern("service", r"Reloaded (.*[^\s.]\.*?)\.?\s*$", "unit", activity="8", result="success"),),
    "pam_": _PAM,
}
_VSFTPD: Final = {
    "": (
        _pattern("login", r'(?:\[pid \d+\] )?(?:\[(.*)\] )OK LOGIN: Client "([^"]*)"', "user src_ip", **_IN),
        _pattern("login", r'(?:\[pid \d+\] )?(?:\[(.*)\] )FAIL LOGIN: Client "([^"]*)"', "user src_ip", **_REFUSED),
    ),
    "pam_": _PAM,
}
_PATTERNS: Final[Mapping[str, Mapping[str, tuple[Pattern, ...]]]] = {
    "ssh": _SSH,
    "sudo": _SUDO,
    "auth": _AUTH,
    "cron": _CRON,
    "systemd": _SYSTEMD,
    "vsftpd": _VSFTPD,
    "clamav": {},
    "guacamole": {},
    "syslog": {"pam_": _PAM},
}

MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    family: tuple(sorted({"other", *(pattern.meaning for patterns in known.values() for pattern in patterns)}))
    for family, known in _PATTERNS.items()
}
"""What messages of each family can mean."""


def family_of(program: str | None) -> str:
    """Return the family of a program: by its name, in any case, without folder and process id; ``syslog`` for all others."""
    return _FAMILY_OF.get((program or "").rpartition("/")[2].lower(), "syslog")


def unfold(message: str) -> tuple[str, str | None]:
    """Return the message inside ``message repeated 5 times: [ … ]`` and how often it was said; any other message as it is."""
    match = _REPEATED.fullmatch(message)
    return (match[2], match[1]) if match else (message, None)


def understand(families: Sequence[str], messages: Sequence[str]) -> Iterable[Said]:
    """Sort messages by what they mean; every message is in exactly one ``Said``, with the meaning ``other`` if no pattern knows it."""
    alike: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row, (family, message) in enumerate(zip(families, messages, strict=True)):
        word = message.partition(" ")[0]
        known = _PATTERNS[family]
        if word not in known:
            word = "pam_" if word[:4] == "pam_" else "(" if word[:1] == "(" and "(" in known else ""
        alike[family, word].append(row)
    for (family, word), rows in alike.items():
        left = rows
        for pattern in _PATTERNS[family].get(word, ()):
            found = [pattern.regex.match(messages[row]) for row in left]
            hits = [hit.groups() for hit in found if hit]
            if hits:
                same = [row for row, hit in zip(left, found, strict=True) if hit]
                facts = [[value] * len(same) for value in pattern.facts.values()]
                yield Said(family, pattern.meaning, same, [*pattern.names, *pattern.facts], [*zip(*hits, strict=True), *facts])
                left = [row for row, hit in zip(left, found, strict=True) if not hit]
        if left:
            yield Said(family, "other", left, (), ())
