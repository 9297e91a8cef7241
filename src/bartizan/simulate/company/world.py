"""The company as a whole, and what crosses its hosts: names looked up, connections, tickets, logons over the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import BRANCH_ZONE, DAY, HOUR, Clock
from bartizan.simulate.company.cloud import Cloud, Principal, access_key
from bartizan.simulate.company.journal import Journal
from bartizan.simulate.company.linux import LinuxHost
from bartizan.simulate.company.network import Flow, Network, address_of
from bartizan.simulate.company.people import REALM, User, people
from bartizan.simulate.company.windows import WindowsHost

if TYPE_CHECKING:
    from datetime import date

    from bartizan.simulate.company.sessions import Process, Session

__all__ = ["Company", "Desk", "Request", "found"]

_SERVERS = {"dc-01": "10.20.0.10", "files-01": "10.20.0.20", "app-01": "10.20.0.30", "mgmt-01": "10.20.0.40", "backup-01": "10.20.0.50"}
_LINUX = {"web-01": ("192.0.2.10", 0.0), "build-01": ("10.20.1.20", 0.0), "db-01": ("10.20.1.30", 1.0)}
_BRANCH = frozenset({"sales-03", "sales-05", "sales-06", "dev-04"})
_WRONG_CLOCK = {"hr-02": 11_245.0}
"""One workstation's clock is three hours and seven minutes ahead: its own times are wrong, the receiver's are right."""


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """A workstation and the person before it, with the session and the shell that stand open from ``since`` on."""

    host: WindowsHost
    user: User
    session: Session
    shell: Process
    since: float


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the web server."""

    path: str
    method: str = "GET"
    status: int = 200
    size: int = 5120
    agent: str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36"
    referer: str = "-"


@dataclass(slots=True, eq=False)
class Company:
    """Everything that behaviours and intrusions act on. ``scale`` is how large the day is beside the usual one."""

    seed: int
    clock: Clock
    scale: float = 1.0
    journal: Journal = field(default_factory=Journal)
    users: dict[str, User] = field(default_factory=people)
    windows: dict[str, WindowsHost] = field(default_factory=dict)
    linux: dict[str, LinuxHost] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)
    network: Network = field(init=False)
    cloud: Cloud = field(init=False)

    def __post_init__(self) -> None:
        """Set up the sensor and the trail."""
        self.network = Network(self.journal, self.rng("network"), _SERVERS["dc-01"])
        self.cloud = Cloud(self.journal, self.rng("cloud"), _principals())

    def rng(self, name: str) -> Random:
        """Return the randomness of one behaviour: adding another does not change it."""
        return Random(f"{self.seed}/{name}")

    def times(self, usual: int) -> int:
        """Return how often something happens today that happens ``usual`` times in a day of the usual size."""
        return max(1, round(usual * self.scale))

    def moment_at(self, desk: Desk, rng: Random) -> float:
        """Return a moment at which the person before a desk does something: early birds wait until they are logged on."""
        (moment,) = self.clock.office(rng, 1, desk.host.zone)
        return moment if moment > desk.since + 60 else desk.since + 60 + rng.random() * 3 * HOUR

    def reach(self, moment: float, process: Process, host: WindowsHost, target: tuple[str, int], flow: Flow | None = None) -> None:
        """Let a process look a public name up and connect to it; ``flow`` says how much went over (its ends are filled in)."""
        name, port = target
        address = address_of(name)
        host.resolve(moment, process, name, address)
        self.network.query(moment, host.ip, name, address)
        self.dial(moment + 0.05, process, host, (name, address, port), flow)

    def dial(self, moment: float, process: Process, host: WindowsHost, target: tuple[str, str, int], flow: Flow | None = None) -> int:
        """Connect a process to ``(name, address, port)``, as host and sensor see it; returns the source port."""
        port = self.network.port()
        _, address, service = target
        host.connect(moment, process, port, target)
        kind = {443: "ssl", 80: "http", 445: "smb,gssapi", 3389: "rdp", 22: "ssh", 135: "dce_rpc", 88: "krb_tcp", 389: "ldap_tcp"}.get(
            service, "-"
        )
        amount = flow or Flow("", 0, "", 0)
        self.network.connection(
            moment,
            Flow(
                host.ip,
                port,
                address,
                service,
                kind,
                amount.seconds,
                amount.sent,
                amount.received,
                amount.state,
                amount.protocol,
            ),
        )
        return port

    def ticket(self, moment: float, user: User, source: WindowsHost, service: str, encryption: str = "0x12") -> None:
        """Let the domain controller report a service ticket (4769); ``encryption`` 0x12 is AES, 0x17 is RC4."""
        guid = f"{{{self.network.rng.getrandbits(32):08x}-0000-0000-0000-{int(moment) & 0xFFFFFFFF:012x}}}"
        options = "0x40810000" if service.endswith("$") else "0x40800000"
        account = self.users.get(service)
        sid = account.sid if account else f"S-1-5-21-1004336348-1177238915-682003330-{1000 + sum(service.encode()) % 97}"
        peer = (f"::ffff:{source.ip}", str(self.network.port()))
        self.windows["dc-01"].audit(moment, "security/4769", (f"{user.name}@{REALM}", service, sid, options, encryption, *peer, guid))

    def authenticate(self, moment: float, user: User, source: WindowsHost, encryption: str = "0x12") -> None:
        """Let the domain controller report a ticket-granting ticket (4768)."""
        peer = (f"::ffff:{source.ip}", str(self.network.port()))
        self.windows["dc-01"].audit(moment, "security/4768", (user.name, user.sid, "0x0", encryption, *peer))

    def log_on_to(self, moment: float, user: User, source: WindowsHost, target: WindowsHost, kind: int = 3) -> Session:
        """Log a user on to another host with Kerberos: ticket, connection and logon."""
        self.ticket(moment, user, source, f"{target.name.upper()}$")
        port = self.network.port()
        desktop = kind == 10  # noqa: PLR2004 - logon type 10, remote desktop
        service = 3389 if desktop else 445
        target.accept(moment + 0.01, target.system, (source.ip, port), service)
        self.network.connection(moment, Flow(source.ip, port, target.ip, service, "rdp" if desktop else "smb,gssapi", 3.0, 4200, 3900))
        return target.log_on(moment + 0.05, target.session(moment, user, kind), ("-", source.ip, port))

    def visit(self, moment: float, address: str, request: Request) -> None:
        """Let the web server answer a request (nginx, and the connection before it)."""
        self.journal.add(
            "nginx/web-01",
            moment,
            "request",
            "web-01",
            (
                address,
                request.method,
                request.path,
                str(request.status),
                str(request.size),
                request.referer,
                request.agent,
            ),
        )


def found(seed: int, day: date, scale: float, *, many: bool = False) -> Company:
    """Found the company: its hosts, and a person at each desk; ``many`` makes it the larger one."""
    company = Company(seed, Clock(day), scale, users=people(many=many))
    rng, booted = company.rng("hosts"), company.clock.midnight - 3 * DAY + 11_321
    for name, ip in _SERVERS.items():
        company.windows[name] = WindowsHost(name, ip, company.journal, rng, booted=booted, audits_processes=True)
    desks = [user for user in company.users.values() if user.role not in {"admin", "service"}]
    for number, user in enumerate(desks):
        name = f"{user.name[:-2]}-{user.name[-2:]}"
        zone = BRANCH_ZONE if name in _BRANCH else 1.0
        host = WindowsHost(name, f"10.20.{10 + number // 8}.{20 + number}", company.journal, rng, zone, _WRONG_CLOCK.get(name, 0.0), booted)
        company.windows[name] = host
        since = company.clock.at("07:40", zone=zone) + rng.random() * 1.5 * HOUR
        session = host.session(since, user, 2)
        company.desks[name] = Desk(host, user, session, host.launched(since, "explorer", "C:\\Windows\\Explorer.EXE", session), since)
    for name, (ip, zone) in _LINUX.items():
        company.linux[name] = LinuxHost(name, ip, company.journal, rng, zone)
    return company


def _principals() -> dict[str, Principal]:
    office, console = "192.0.2.254", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/122.0.0.0 Safari/537.36"
    cli = "aws-cli/2.15.30 Python/3.11.8 Windows/10 exe/AMD64 prompt/off"
    boto = "Boto3/1.34.60 md/Botocore#1.34.60 ua/2.0 os/linux#5.15.0 md/arch#x86_64 lang/python#3.11.8"
    known = (
        Principal(
            "ci-deploy",
            access_key("ci-deploy", temporary=True),
            "192.0.2.20",
            "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 aws-sdk-go-v2/1.25.2",
            "build",
        ),
        Principal("web-app", access_key("web-app", temporary=True), "192.0.2.10", boto, "i-0a1b2c3d4e5f60718"),
        Principal(
            "backup-runner", access_key("backup-runner", temporary=True), "backup.amazonaws.com", "backup.amazonaws.com", "AWSBackup"
        ),
        Principal("monitor", access_key("monitor"), "192.0.2.254", boto),
        Principal("dev01", access_key("dev01"), office, cli),
        Principal("dev02", access_key("dev02"), office, cli),
        Principal("dev03", access_key("dev03"), office, cli),
        Principal("dev04", access_key("dev04"), "192.0.2.253", cli),
        Principal("cloud-admin", access_key("cloud-admin", temporary=True), office, console, "adm-server", mfa=True),
    )
    return {principal.name: principal for principal in known}
