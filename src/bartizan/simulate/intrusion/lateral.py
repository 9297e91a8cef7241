"""From the desk to the servers: a service, WMI, a stolen hash, remote desktop, remote PowerShell."""

from __future__ import annotations

from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.programs import Program
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_ADMIN = "CORP\\adm-server"


def _deed(name: str, what: str, host: str, *techniques: str, quiet: bool = False) -> Deed:
    return Deed(id=name, what=what, techniques=techniques, tactic="lateral-movement", host=host, principal=_ADMIN, quiet=quiet)


_SERVICE = _deed(
    "service-exec",
    "A program is copied to the file server's ADMIN$ share and started as a service with a random name.",
    "files-01",
    "T1021.002",
    "T1569.002",
    "T1570",
)
_WMI = _deed("wmi-exec", "WMI starts a command on the application server.", "app-01", "T1047")
_HASH = _deed("pass-the-hash", "A stolen hash logs on to the application server over NTLM.", "app-01", "T1550.002", quiet=True)
_DESKTOP = _deed(
    "remote-desktop", "Remote desktop with valid credentials to the management server.", "mgmt-01", "T1021.001", "T1078.002", quiet=True
)
_WINRM = _deed("winrm", "Remote PowerShell runs commands on the domain controller.", "dc-01", "T1021.006", "T1059.001")
_REMOTE_TASK = _deed(
    "remote-task", "A scheduled task is made from afar on a developer's machine and run once.", "dev-03", "T1053.005", "T1021.002"
)


def _act(attack: Attack) -> None:
    _file_server(attack)
    _application_server(attack)
    _management_and_domain(attack)
    _developer(attack)


def _file_server(attack: Attack) -> None:
    company, implant = attack.company, attack.processes["implant"]
    host, server, admin = company.windows["finance-02"], company.windows["files-01"], company.users["adm-server"]
    moment = company.clock.at("14:02:11")
    with attack.doing(moment, _SERVICE):
        company.dial(moment, implant, host, (server.fqdn, server.ip, 445), Flow("", 0, "", 0, "-", 9.0, 640_000, 9000))
        opened = company.log_on_to(moment + 0.2, admin, host, server)
        server.share(moment + 0.5, opened, (host.ip, company.network.port()), "ADMIN$", "hqTzWmLp.exe")
        server.write(moment + 0.6, server.system, "C:\\Windows\\hqTzWmLp.exe")
        server.share(moment + 0.9, opened, (host.ip, company.network.port()), "IPC$", "svcctl")
        server.audit(
            moment + 1.2, "system/7045", ("hqTzWmLp", "%systemroot%\\hqTzWmLp.exe", "user mode service", "demand start", "LocalSystem")
        )
        runner = server.start(moment + 1.5, Program("C:\\Windows\\hqTzWmLp.exe"), "C:\\Windows\\hqTzWmLp.exe", server.services)
        attack.processes["files"] = server.start(moment + 2.0, "rundll32", "C:\\Windows\\System32\\rundll32.exe", runner)
        server.pipe(moment + 2.1, attack.processes["files"], "\\msagent_5f")
        server.stop(moment + 3, runner)


def _application_server(attack: Attack) -> None:
    company, implant = attack.company, attack.processes["implant"]
    host, server, admin = company.windows["finance-02"], company.windows["app-01"], company.users["adm-server"]
    moment = company.clock.at("14:19:40")
    with attack.doing(moment, _WMI):
        host.run(
            moment,
            "wmic",
            'wmic /node:"app-01" process call create "cmd.exe /c ipconfig /all > C:\\Windows\\Temp\\~o.tmp 2>&1"',
            implant,
            4,
        )
        host.use_credentials(moment + 0.2, implant, admin, server.fqdn)
        company.dial(moment + 0.3, implant, host, (server.fqdn, server.ip, 135))
        opened = company.log_on_to(moment + 0.5, admin, host, server)
        provider = server.start(moment + 0.9, "wmiprvse", "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding", server.services)
        shell = server.start(moment + 1.1, "cmd", "cmd.exe /c ipconfig /all > C:\\Windows\\Temp\\~o.tmp 2>&1", provider, opened)
        server.run(moment + 1.2, "ipconfig", "ipconfig /all", shell, 1)
        server.write(moment + 1.3, shell, "C:\\Windows\\Temp\\~o.tmp")
        server.stop(moment + 2.4, shell)
    moment = company.clock.at("14:33:27")
    with attack.doing(moment, _HASH):
        peer = ("FINANCE-02", host.ip, company.network.port())
        company.windows["dc-01"].audit(moment, "security/4776", (admin.name, "FINANCE-02", "0x0"))
        attack.sessions["app"] = server.log_on(moment + 0.1, server.session(moment, admin, 3), peer)
        server.share(moment + 0.6, attack.sessions["app"], (host.ip, peer[2]), "C$", "inetpub\\portal\\web.config")


def _management_and_domain(attack: Attack) -> None:
    company = attack.company
    host, mgmt, dc = company.windows["finance-02"], company.windows["mgmt-01"], company.windows["dc-01"]
    moment = company.clock.at("14:58:09")
    with attack.doing(moment, _DESKTOP):
        opened = company.log_on_to(moment, company.users["adm-server"], host, mgmt, kind=10)
        shell = mgmt.start(moment + 5, "explorer", "C:\\Windows\\Explorer.EXE", mgmt.running("userinit"), opened)
        attack.processes["mgmt"] = mgmt.start(
            moment + 90, "powershell", '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"', shell
        )
    moment = company.clock.at("15:20:36")
    admin = company.users["adm-domain"]
    with attack.doing(moment, _WINRM):
        company.dial(moment, attack.processes["mgmt"], mgmt, (dc.fqdn, dc.ip, 5985))
        opened = company.log_on_to(moment + 0.2, admin, mgmt, dc)
        worker = dc.start(moment + 0.8, "wsmprovhost", "C:\\Windows\\system32\\wsmprovhost.exe -Embedding", dc.running("svchost"), opened)
        dc.script(moment + 1.4, worker, "Get-ADDomainController -Filter * | Select-Object HostName,OperatingSystem")
        dc.script(moment + 9.0, worker, "Get-ADUser -Filter {adminCount -eq 1} -Properties LastLogonDate")
        dc.run(moment + 14, "whoami", '"C:\\Windows\\system32\\whoami.exe"', worker)
    attack.processes["dc"] = worker
    attack.sessions["dc"] = opened


def _developer(attack: Attack) -> None:
    company, console = attack.company, attack.processes["mgmt"]
    mgmt, desk, admin = company.windows["mgmt-01"], company.desks["dev-03"], company.users["adm-server"]
    host = desk.host
    moment = company.clock.at("15:05:51")
    with attack.doing(moment, _REMOTE_TASK):
        mgmt.run(
            moment,
            "schtasks",
            'schtasks /create /s dev-03 /ru SYSTEM /tn "DeviceHealth" /tr "C:\\ProgramData\\dh\\dh.exe" /sc once /st 23:59',
            console,
        )
        opened = company.log_on_to(moment + 0.3, admin, mgmt, host)
        host.share(moment + 0.6, opened, (mgmt.ip, company.network.port()), "C$", "ProgramData\\dh\\dh.exe")
        host.write(moment + 0.7, host.system, "C:\\ProgramData\\dh\\dh.exe")
        host.schedule(moment + 1.1, host.running("svchost", opened), "\\DeviceHealth", "C:\\ProgramData\\dh\\dh.exe")
        mgmt.run(moment + 8, "schtasks", 'schtasks /run /s dev-03 /tn "DeviceHealth"', console)
        attack.processes["dev"] = host.start(
            moment + 9, Program("C:\\ProgramData\\dh\\dh.exe"), "C:\\ProgramData\\dh\\dh.exe", host.running("svchost")
        )


STAGE = Stage(order=50, title="To the servers and a developer's machine", act=_act)
