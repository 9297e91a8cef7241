"""A Windows host: what its Sysmon and its audit policy report when something happens on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import utc_text
from bartizan.simulate.company.people import SYSTEM, User
from bartizan.simulate.company.programs import Program, hashes_of, library, program
from bartizan.simulate.company.sessions import Process, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from bartizan.simulate.company.journal import Journal

__all__ = ["Image", "WindowsHost"]

Image = Program | str
"""A program of the catalogue by value or by its short name."""

_PRIVILEGES = (
    "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeTakeOwnershipPrivilege\r\n\t\t\tSeDebugPrivilege\r\n"
    "\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\tSeLoadDriverPrivilege\r\n\t\t\tSeImpersonatePrivilege\r\n"
    "\t\t\tSeDelegateSessionUserImpersonatePrivilege"
)
_TASK = (
    '<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\r\n'
    "  <Triggers><TimeTrigger><Enabled>true</Enabled></TimeTrigger></Triggers>\r\n"
    "  <Actions><Exec><Command>{command}</Command></Exec></Actions>\r\n</Task>"
)
_NO_GUID = "{00000000-0000-0000-0000-000000000000}"
_LEVELS = {"System": "S-1-16-16384", "High": "S-1-16-12288", "Medium": "S-1-16-8192"}


def _pids(rng: Random) -> Iterator[int]:
    """Yield process ids as Windows deals them: multiples of four without an order, none twice within a long while."""
    start, prime = rng.randrange(4000), 8191
    for turn in count():
        yield 400 + 4 * ((start + turn * 1237) % prime)


@dataclass(slots=True, eq=False)
class WindowsHost:
    """A host by name, with its address, the offset of its zone in hours and the error of its clock in seconds."""

    name: str
    ip: str
    journal: Journal
    rng: Random
    zone: float = 1.0
    clock_error: float = 0.0
    booted: float = 0.0
    audits_processes: bool = False
    """Whether the audit policy writes 4688 as well: on servers here, as Sysmon tells the same of every host."""
    system: Process = field(init=False)
    services: Process = field(init=False)
    lsass: Process = field(init=False)
    _pid: Iterator[int] = field(init=False)
    _made: int = 0
    _machine: str = ""

    def __post_init__(self) -> None:
        """Lay down what every host runs before the day begins."""
        self._pid = _pids(self.rng)
        self._machine = f"{self.rng.getrandbits(32):08x}"
        session = Session(SYSTEM, "0x3e7", _NO_GUID, elevated=True)
        self.system = Process(f"{{{self._machine}-0000-0000-0100-000000000900}}", 4, "System", "", session)
        self.services = self.running("services", session)
        self.lsass = self.running("lsass", session)

    @property
    def fqdn(self) -> str:
        """Return the full name in the company's domain."""
        return f"{self.name}.corp.example.com"

    def running(self, image: Image, session: Session | None = None, command: str = "") -> Process:
        """Return a process that ran before the day began: nothing is reported of its start."""
        return self.launched(self.booted, image, command, session or self.system.session)

    def launched(self, moment: float, image: Image, command: str, session: Session) -> Process:
        """Return a process as a value only: ``announce`` reports its start."""
        binary = program(image) if isinstance(image, str) else image
        return Process(self._guid(moment), next(self._pid), binary.image, command or f'"{binary.image}"', session)

    def session(self, moment: float, user: User, kind: int, *, elevated: bool | None = None) -> Session:
        """Return a new logon session, not yet reported."""
        self._made += 1
        logon = f"0x{0x40000 + int(moment % 86400 * 211) + 0x10 * self._made:x}"
        guid = f"{{{self._machine}-{self._made:04x}-{kind:04x}-{int(moment) & 0xFFFF:04x}-{self._made:012x}}}"
        terminal = {2: 1, 10: 2, 11: 1}.get(kind, 0)
        return Session(user, logon, guid, terminal, kind, user.admin if elevated is None else elevated)

    def start(self, moment: float, image: Image, command: str, parent: Process, session: Session | None = None) -> Process:
        """Start a process: Sysmon 1, 4688 where audited, and the libraries that give the program away (Sysmon 7)."""
        binary = program(image) if isinstance(image, str) else image
        made = self.launched(moment, binary, command, session or parent.session)
        self.announce(moment, made, binary, parent)
        return made

    def announce(self, moment: float, made: Process, binary: Program, parent: Process) -> None:
        """Report the start of a process that exists already as a value."""
        held = made.session
        where = "C:\\Windows\\system32\\" if held.terminal == 0 else f"C:\\Users\\{held.user.name}\\"
        version = (binary.version, binary.description, binary.product, binary.company, binary.original)
        logon = (held.user.account, held.logon_guid, held.logon_id, str(held.terminal), held.integrity)
        origin = (*parent.identity, parent.command or "-", parent.session.user.account)
        self._say(moment, "sysmon/1", (*made.identity, *version, made.command, where, *logon, binary.hashes, *origin))
        if self.audits_processes:
            elevation = "%%1936" if held.user.sid == SYSTEM.sid else ("%%1937" if held.elevated else "%%1938")
            creator = (hex(parent.pid), made.command, parent.image, _LEVELS[held.integrity])
            self._say(moment + 0.001, "security/4688", (*_subject(held), hex(made.pid), made.image, elevation, *creator))
        for number, name in enumerate(binary.libraries, 1):
            self.load(moment + 0.02 * number, made, library(name))

    def run(self, moment: float, image: Image, command: str, parent: Process, seconds: float = 2.0) -> Process:
        """Start a process that ends by itself after ``seconds``."""
        made = self.start(moment, image, command, parent)
        self.stop(moment + seconds, made)
        return made

    def stop(self, moment: float, process: Process) -> None:
        """End a process (Sysmon 5)."""
        self._say(moment, "sysmon/5", (*process.identity, process.session.user.account))

    def load(self, moment: float, process: Process, binary: Program) -> None:
        """Load a library (Sysmon 7); one without a company is not signed."""
        signed = (
            ("true", binary.company.replace("Corporation", "Windows"), "Valid") if binary.company != "-" else ("false", "-", "Unavailable")
        )
        self._say(
            moment,
            "sysmon/7",
            (
                *process.identity,
                binary.image,
                binary.version,
                binary.description,
                binary.product,
                binary.company,
                binary.original,
                binary.hashes,
                *signed,
                process.session.user.account,
            ),
        )

    def access(self, moment: float, source: Process, target: Process, mask: str, trace: str = "") -> None:
        """Open another process (Sysmon 10); ``trace`` is the module that asked, the kernel's own where not given."""
        calls = f"C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2c13e|{trace or source.image + '+1f2a'}"
        thread = str(1000 + source.pid % 977 * 4)
        users = (source.session.user.account, target.session.user.account)
        self._say(moment, "sysmon/10", (source.guid, str(source.pid), thread, source.image, *target.identity, mask, calls, *users))

    def inject(self, moment: float, source: Process, target: Process) -> None:
        """Start a thread in another process (Sysmon 8)."""
        thread, start = str(1200 + target.pid % 877 * 4), f"0x{0x1E800000000 + target.pid * 65536:016X}"
        users = (source.session.user.account, target.session.user.account)
        self._say(moment, "sysmon/8", (*source.identity, *target.identity, thread, start, "-", "-", *users))

    def write(self, moment: float, process: Process, path: str) -> None:
        """Create a file (Sysmon 11)."""
        self._say(moment, "sysmon/11", (*process.identity, path, utc_text(moment + self.clock_error), process.session.user.account))

    def create_key(self, moment: float, process: Process, key: str) -> None:
        """Create a registry key (Sysmon 12)."""
        self._say(moment, "sysmon/12", (*process.identity, key, process.session.user.account))

    def set_value(self, moment: float, process: Process, key: str, details: str) -> None:
        """Set a registry value (Sysmon 13)."""
        self._say(moment, "sysmon/13", (*process.identity, key, details, process.session.user.account))

    def pipe(self, moment: float, process: Process, name: str) -> None:
        """Create a named pipe (Sysmon 17)."""
        self._say(moment, "sysmon/17", (process.guid, str(process.pid), name, process.image, process.session.user.account))

    def resolve(self, moment: float, process: Process, name: str, answer: str = "") -> None:
        """Ask for a name (Sysmon 22); without an answer there is no such name."""
        result = ("0", f"::ffff:{answer};") if answer else ("9003", "-")
        self._say(moment, "sysmon/22", (process.guid, str(process.pid), name, *result, process.image, process.session.user.account))

    def connect(self, moment: float, process: Process, source_port: int, target: tuple[str, str, int]) -> None:
        """Connect to ``(name, address, port)`` (Sysmon 3); the network's own view is not told here."""
        name, address, port = target
        service = {443: "https", 80: "http", 445: "microsoft-ds", 88: "kerberos", 389: "ldap", 3389: "ms-wbt-server"}.get(port, "-")
        self._say(
            moment,
            "sysmon/3",
            (
                *process.identity,
                process.session.user.account,
                "tcp",
                "true",
                "false",
                self.ip,
                self.fqdn,
                str(source_port),
                "false",
                address,
                name,
                str(port),
                service,
            ),
        )

    def accept(self, moment: float, process: Process, peer: tuple[str, int], port: int) -> None:
        """Accept a connection to a listening process (5156, inbound)."""
        device = "\\device\\harddiskvolume3" + process.image[2:].lower() if process.image[1:2] == ":" else "System"
        self._say(
            moment,
            "security/5156",
            (
                str(process.pid),
                device,
                "%%14592",
                self.ip,
                str(port),
                peer[0],
                str(peer[1]),
                "6",
                "%%14610",
                "44",
            ),
        )

    def audit(self, moment: float, event: str, values: tuple[str, ...]) -> None:
        """Report any other event (``security/4769``, ``system/7045``) by the values of its variable fields."""
        self._say(moment, event, values)

    def log_on(self, moment: float, session: Session, peer: tuple[str, str, int] = ("-", "-", 0)) -> Session:
        """Report a logon (4624, and 4672 where it has privileges) from ``(workstation, address, port)``."""
        workstation, address, port = peer
        local = session.kind in {2, 5, 11}
        subject = (SYSTEM.sid, f"{self.name.upper()}$", "CORP", "0x3e7") if local else ("S-1-0-0", "-", "-", "0x0")
        process = (hex(self.services.pid), "C:\\Windows\\System32\\svchost.exe" if session.kind != 5 else self.services.image)  # noqa: PLR2004 - logon type 5, a service
        ntlm = workstation not in {"-", ""} and session.kind == 3  # noqa: PLR2004 - logon type 3, over the network
        means = ("NtLmSsp ", "NTLM") if ntlm else (("User32 ", "Negotiate") if session.kind in {2, 10, 11} else ("Kerberos", "Kerberos"))
        user = session.user
        self._say(
            moment,
            "security/4624",
            (
                *subject,
                user.sid,
                user.name,
                user.domain,
                session.logon_id,
                str(session.kind),
                *means,
                self.name.upper() if local else workstation,
                session.logon_guid if means[1] == "Kerberos" else _NO_GUID,
                "NTLM V2" if ntlm else "-",
                "128" if ntlm else "0",
                *(process if local or session.kind == 10 else ("0x0", "-")),  # noqa: PLR2004 - logon type 10, remote desktop
                address,
                str(port) if port else "-",
                "%%1842" if session.elevated else "%%1843",
            ),
        )
        if session.elevated:
            self._say(moment + 0.001, "security/4672", (user.sid, user.name, user.domain, session.logon_id, _PRIVILEGES))
        return session

    def log_off(self, moment: float, session: Session) -> None:
        """Report the end of a logon session (4634)."""
        user = session.user
        self._say(moment, "security/4634", (user.sid, user.name, user.domain, session.logon_id, str(session.kind)))

    def refuse(self, moment: float, user: str, peer: tuple[str, str, int], *, kind: int = 3, unknown: bool = False) -> None:
        """Report a failed logon (4625): a wrong password, or an account that is not known."""
        workstation, address, port = peer
        means = ("NtLmSsp ", "NTLM") if kind == 3 else ("User32 ", "Negotiate")  # noqa: PLR2004 - logon type 3, over the network
        self._say(
            moment,
            "security/4625",
            (
                user,
                "CORP",
                "%%2313",
                "0xc0000064" if unknown else "0xc000006a",
                str(kind),
                *means,
                workstation,
                address,
                str(port) if port else "-",
            ),
        )

    def share(self, moment: float, session: Session, peer: tuple[str, int], name: str, path: str = "") -> None:
        """Report the use of a share (5140), and of ``path`` in it (5145) where given."""
        local = {"IPC$": "", "C$": "\\??\\C:\\", "ADMIN$": "\\??\\C:\\Windows"}.get(name, f"\\??\\D:\\Shares\\{name}")
        start = (*_subject(session), peer[0], str(peer[1]), f"\\\\*\\{name}", local)
        self._say(moment, "security/5140", (*start, "%%4416\r\n\t\t\t\t"))
        if path:
            self._say(moment + 0.004, "security/5145", (*start, path, "0x12019f", "%%1538\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4417\r\n\t\t\t\t"))

    def invoke(self, moment: float, process: Process, command: str, parameters: str = "") -> None:
        """Report a PowerShell command as it runs (4103); ``parameters`` is ``name=value`` words."""
        user = process.session.user
        bound = (word.partition("=") for word in parameters.split())
        payload = f'CommandInvocation({command}): "{command}"\r\n' + "".join(
            f'ParameterBinding({command}): name="{name}"; value="{value}"\r\n' for name, _, value in bound
        )
        context = (
            "        Severity = Informational",
            "        Host Name = ConsoleHost",
            "        Host Version = 5.1.19041.4170",
            f"        Host Application = {process.command}",
            "        Engine Version = 5.1.19041.4170",
            f"        Command Name = {command}",
            "        Command Type = Cmdlet",
            f"        User = {user.account}",
            "        Shell ID = Microsoft.PowerShell",
        )
        self._say(moment, "powershell/4103", (str(process.pid), user.sid, user.name, user.domain, "\r\n".join(context), payload))

    def use_credentials(self, moment: float, process: Process, user: User, server: str) -> None:
        """Report that a process used another account's credentials towards a server (4648)."""
        target = (user.name, user.domain, server, server, hex(process.pid), process.image)
        self._say(moment, "security/4648", (*_subject(process.session), *target))

    def schedule(self, moment: float, creator: Process, name: str, command: str) -> None:
        """Report a scheduled task made (4698)."""
        start, pid = str(8_444_249_300_000 + creator.pid), str(creator.pid)
        content = _TASK.format(command=command)
        self._say(moment, "security/4698", (*_subject(creator.session), name, content, start, pid, str(self.services.pid), self.fqdn))

    def script(self, moment: float, process: Process, text: str, path: str = "") -> None:
        """Report a block of PowerShell (4104)."""
        user = process.session.user
        digest = hashes_of(f"{text}{moment}")[-32:].lower()
        block = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
        self._say(moment, "powershell/4104", (str(process.pid), user.sid, user.name, user.domain, text, block, path))

    def _guid(self, moment: float) -> str:
        self._made += 1
        seconds = int(moment)
        return f"{{{self._machine}-{seconds & 0xFFFF:04x}-{seconds >> 16:04x}-{self._made & 0xFFFF:04x}-000000000900}}"

    def _say(self, moment: float, event: str, values: tuple[str, ...]) -> None:
        self.journal.add("windows", moment, event, self.name, values)


def _subject(session: Session) -> tuple[str, str, str, str]:
    user = session.user
    return (user.sid, user.name, user.domain, session.logon_id)
