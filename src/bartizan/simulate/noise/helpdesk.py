"""The helpdesk helps: PsExec to desks, remote desktop to servers, accounts unlocked and created with the tools at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.people import DOMAIN_SID
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from random import Random

    from bartizan.simulate.company.world import Company, Desk

__all__ = ["BEHAVIOUR"]

_REMOTE = (
    ("ipconfig", "ipconfig /all"),
    ("gpupdate", "gpupdate /force"),
    ("cmd", "cmd.exe /c net stop spooler && net start spooler"),
    ("quser", "quser"),
    ("powershell", "powershell.exe -Command Get-EventLog -LogName System -Newest 20"),
    ("whoami", "whoami /groups"),
)
_LOCAL = (
    "net user {user} /domain",
    "net user {user} /domain /active:yes",
    "nltest /dsgetdc:corp.example.com",
    'net group "VPN Users" /domain',
    "ping files-01",
    "nslookup {user}",
)


def _act(company: Company) -> None:
    rng = company.rng("helpdesk")
    desk = company.desks["helpdesk-01"]
    admin = company.users["adm-helpdesk"]
    ready = desk.since + 300
    session = desk.host.session(ready - 90, admin, 2)
    desk.host.log_on(ready - 90, session, ("-", "127.0.0.1", 0))
    console = desk.host.start(ready - 60, "cmd", '"C:\\Windows\\system32\\cmd.exe"', desk.shell, session)
    others = [other for other in company.desks.values() if other is not desk]
    for moment in (max(company.moment_at(desk, rng), ready) for _ in range(company.times(26))):
        target = rng.choice(others)
        _psexec(company, rng, (desk, target), moment)
        for turn, text in enumerate(rng.sample(_LOCAL, 2)):
            command = text.format(user=target.user.name)
            desk.host.run(moment + 40 + turn * 8, command.split()[0], command, console)
    for moment in (company.moment_at(desk, rng) for _ in range(company.times(12))):
        server = company.windows[rng.choice(("files-01", "app-01", "mgmt-01"))]
        client = desk.host.start(moment, "mstsc", f'"C:\\Windows\\system32\\mstsc.exe" /v:{server.name}', desk.shell)
        company.dial(moment + 1, client, desk.host, (server.fqdn, server.ip, 3389))
        opened = company.log_on_to(moment + 2, company.users["adm-server"], desk.host, server, kind=10)
        shell = server.start(moment + 6, "explorer", "C:\\Windows\\Explorer.EXE", server.running("userinit"), opened)
        server.run(moment + 60, "cmd", '"C:\\Windows\\system32\\cmd.exe"', shell, 200)
        server.log_off(moment + 600 + rng.random() * 900, opened)
    _new_starter(company, company.clock.at("10:15"))


def _psexec(company: Company, rng: Random, ends: tuple[Desk, Desk], moment: float) -> None:
    source, target = ends
    admin, (name, command) = company.users["adm-helpdesk"], rng.choice(_REMOTE)
    tool = source.host.start(moment, "psexec", f"C:\\Tools\\PsExec64.exe -accepteula \\\\{target.host.name} {command}", source.shell)
    company.dial(moment + 0.2, tool, source.host, (target.host.fqdn, target.host.ip, 445))
    source.host.use_credentials(moment + 0.25, tool, admin, target.host.fqdn)
    opened = company.log_on_to(moment + 0.3, admin, source.host, target.host)
    target.host.share(moment + 0.5, opened, (source.host.ip, company.network.port()), "ADMIN$", "PSEXESVC.exe")
    target.host.write(moment + 0.6, target.host.system, "C:\\Windows\\PSEXESVC.exe")
    target.host.audit(
        moment + 0.9, "system/7045", ("PSEXESVC", "%SystemRoot%\\PSEXESVC.exe", "user mode service", "demand start", "LocalSystem")
    )
    service = target.host.start(moment + 1.1, "psexesvc", "C:\\Windows\\PSEXESVC.exe", target.host.services)
    target.host.pipe(moment + 1.2, service, "\\PSEXESVC")
    target.host.run(moment + 1.6, name, command, service, 5)
    for delay, (host, process) in ((8.0, (target.host, service)), (8.4, (source.host, tool))):
        host.stop(moment + delay, process)
    target.host.log_off(moment + 9, opened)


def _new_starter(company: Company, moment: float) -> None:
    dc, admin = company.windows["dc-01"], company.users["adm-helpdesk"]
    opened = company.log_on_to(moment, admin, company.windows["helpdesk-01"], dc)
    subject = (admin.sid, admin.name, admin.domain, opened.logon_id)
    dc.audit(moment + 2, "security/4720", ("marketing02", "CORP", f"{DOMAIN_SID}-1202", *subject, "marketing02"))
    member = "CN=marketing02,OU=Staff,DC=corp,DC=example,DC=com"
    dc.audit(moment + 6, "security/4728", (member, f"{DOMAIN_SID}-1202", "VPN Users", "CORP", f"{DOMAIN_SID}-1150", *subject))
    dc.log_off(moment + 40, opened)


BEHAVIOUR = Behaviour(
    name="helpdesk",
    title="The helpdesk uses PsExec, remote desktop and account tools.",
    suspicion="lateral movement and account abuse",
    act=_act,
)
