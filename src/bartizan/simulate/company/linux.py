"""A Linux server: what its syslog daemon and its audit daemon write when something happens on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from bartizan.simulate.company.journal import Journal

__all__ = ["Execution", "LinuxHost"]


@dataclass(frozen=True, slots=True)
class Execution:
    """A program run, as auditd tells it: its words, who ran it and where. ``login`` is the user that logged in (auid)."""

    words: Sequence[str]
    user: int = 0
    login: int = 4294967295
    directory: str = "/root"
    session: int = 4294967295
    key: str = "exec"
    terminal: str = "(none)"
    parent: int = 0
    """The process that runs it, where another record tells of that one."""


@dataclass(slots=True, eq=False)
class LinuxHost:
    """A host by name, with its address and the zone, in hours, in which its syslog tells the time."""

    name: str
    ip: str
    journal: Journal
    rng: Random
    zone: float = 0.0
    accounts: dict[str, int] = field(default_factory=lambda: {"root": 0, "www-data": 33, "deploy": 1001, "adm-server": 1002, "backup": 34})

    def log(self, moment: float, program: str, text: str, pid: int | None = None) -> None:
        """Write a line of syslog (RFC 3164) to auth.log."""
        tag = program if pid is None else f"{program}[{pid}]"
        self.journal.add(f"syslog/{self.name}", moment, "line", self.name, (tag, text))

    def pid(self) -> int:
        """Return a process id."""
        return self.rng.randrange(700, 65000)

    def accept(self, moment: float, user: str, peer: tuple[str, int], how: str) -> int:
        """Report an SSH login and its session; ``how`` is ``publickey``, with its fingerprint, or ``password``. Returns the sshd's pid."""
        pid, number = self.pid(), 40 + int(moment % DAY // 30)
        key = f": ED25519 SHA256:{self.rng.getrandbits(172):043x}" if how == "publickey" else ""
        self.log(moment, "sshd", f"Accepted {how} for {user} from {peer[0]} port {peer[1]} ssh2{key}", pid)
        self.log(
            moment + 0.01,
            "sshd",
            f"pam_unix(sshd:session): session opened for user {user}(uid={self.accounts.get(user, 1000)}) by (uid=0)",
            pid,
        )
        login = (self.accounts.get(user, 1000), number)
        self._audit_login(moment + 0.02, pid, peer[0], login)
        self.log(moment + 0.03, "systemd-logind", f"New session {number} of user {user}.", 611)
        return pid

    def depart(self, moment: float, user: str, peer: tuple[str, int], pid: int) -> None:
        """Report the end of an SSH session."""
        self.log(moment, "sshd", f"Received disconnect from {peer[0]} port {peer[1]}:11: disconnected by user", pid)
        self.log(moment + 0.01, "sshd", f"Disconnected from user {user} {peer[0]} port {peer[1]}", pid)
        self.log(moment + 0.02, "sshd", f"pam_unix(sshd:session): session closed for user {user}", pid)

    def refuse(self, moment: float, user: str, peer: tuple[str, int], *, known: bool = True) -> None:
        """Report a failed SSH password."""
        pid = self.pid()
        if not known:
            self.log(moment - 0.8, "sshd", f"Invalid user {user} from {peer[0]} port {peer[1]}", pid)
        who = user if known else f"invalid user {user}"
        self.log(moment, "sshd", f"Failed password for {who} from {peer[0]} port {peer[1]} ssh2", pid)
        self._audit_login(moment + 0.01, pid, peer[0], None)
        self.log(
            moment + 0.2,
            "sshd",
            f"Connection closed by {'authenticating' if known else 'invalid'} user {user} {peer[0]} port {peer[1]} [preauth]",
            pid,
        )

    def sudo(self, moment: float, user: str, command: str, directory: str = "/home") -> None:
        """Report a command run with sudo."""
        self.log(moment, "sudo", f"{user:>8} : TTY=pts/0 ; PWD={directory}/{user} ; USER=root ; COMMAND={command}")
        self.log(
            moment + 0.01,
            "sudo",
            f"pam_unix(sudo:session): session opened for user root(uid=0) by {user}(uid={self.accounts.get(user, 1000)})",
        )
        self.log(moment + 1.1, "sudo", "pam_unix(sudo:session): session closed for user root")

    def execute(self, moment: float, run: Execution) -> int:
        """Report a program run (auditd SYSCALL, EXECVE, CWD, two PATH, PROCTITLE: six records of one event). Returns its pid."""
        words = run.words
        parent, pid = run.parent or self.pid(), self.pid()
        program = words[0] if "/" in words[0] else f"/usr/bin/{words[0]}"
        owner = run.user
        ids = f"uid={owner} gid={owner} euid={owner} suid={owner} fsuid={owner} egid={owner} sgid={owner} fsgid={owner}"
        comm = program.rpartition("/")[2][:15]
        syscall = (
            f"arch=c000003e syscall=59 success=yes exit=0 a0=55d0{pid:08x} a1=55d0{parent:08x} a2=55d0c0ffee00 a3=8 items=2 "
            f"ppid={parent} pid={pid} "
            f'auid={run.login} {ids} tty={run.terminal} ses={run.session} comm="{comm}" exe="{program}" subj=unconfined key="{run.key}"'
        )
        arguments = " ".join(f"a{number}={_audit_text(word)}" for number, word in enumerate(words))
        item = "dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
        self.journal.add(
            f"audit/{self.name}",
            moment,
            "event",
            self.name,
            (
                f"SYSCALL {syscall}",
                f"EXECVE argc={len(words)} {arguments}",
                f'CWD cwd="{run.directory}"',
                f'PATH item=0 name="{program}" inode={4000 + len(program) * 31} {item}',
                f'PATH item=1 name="/lib64/ld-linux-x86-64.so.2" inode=1312 {item}',
                f"PROCTITLE proctitle={chr(0).join(words).encode().hex().upper()}",
            ),
        )
        self.journal.count_more(5)
        return pid

    def _audit_login(self, moment: float, pid: int, address: str, login: tuple[int, int] | None) -> None:
        """Report an SSH login, or its failure, as auditd does (one record); ``login`` is the user and the session number."""
        user, session = login or (4294967295, 4294967295)
        head = f"USER_LOGIN pid={pid} uid=0 auid={user} ses={session} subj=unconfined"
        who, outcome = (f"id={user}", "success") if login else ("acct=28756E6B6E6F776E207573657229", "failed")
        told = f'op=login {who} exe="/usr/sbin/sshd" hostname={address} addr={address} terminal=ssh res={outcome}'
        self.journal.add(f"audit/{self.name}", moment, "event", self.name, (f"{head} msg='{told}'",))


def _audit_text(word: str) -> str:
    """Return a word as auditd writes it: quoted, or in hexadecimal digits where it holds a blank, a quote or a control character."""
    plain = all(" " < letter < "\x7f" and letter != '"' for letter in word)
    return f'"{word}"' if plain else word.encode().hex().upper()
