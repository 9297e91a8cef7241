"""Developers work: curl into sh, package scripts, git over SSH, containers, their own AWS keys from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.cloud import Call
from bartizan.simulate.company.linux import Execution
from bartizan.simulate.company.network import Flow, address_of
from bartizan.simulate.company.programs import Program
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from random import Random

    from bartizan.simulate.company.world import Company, Desk

__all__ = ["BEHAVIOUR"]

_COMMANDS = (
    ("git", "git.exe fetch --all --prune", "code.example.org"),
    ("node", "node.exe C:\\Projects\\portal\\node_modules\\.bin\\webpack --watch", "registry.example.org"),
    ("python", 'python.exe -c "import base64,sys;print(base64.b64decode(sys.argv[1]))" aGVsbG8=', ""),
    ("docker", "docker.exe compose up -d", "images.example.org"),
    ("curl", "curl.exe -fsSL https://get.example.org/install.sh -o C:\\Projects\\install.sh", "get.example.org"),
    ("powershell", "powershell.exe -ExecutionPolicy Bypass -File C:\\Projects\\portal\\build.ps1", "registry.example.org"),
    ("certutil", "certutil.exe -hashfile C:\\Projects\\portal\\dist.zip SHA256", ""),
    ("ssh", "ssh.exe deploy@build-01", ""),
    ("powershell", 'powershell.exe -Command "iwr https://get.example.org/tool.ps1 -UseBasicParsing | iex"', "get.example.org"),
)
_BUILDS = (
    ("sh", "-c", "curl -fsSL https://get.example.org/install.sh | sh"),
    ("pip", "install", "-r", "requirements.txt"),
    ("docker", "build", "."),
    ("chmod", "+x", "/srv/build/run.sh"),
    ("wget", "-q", "https://get.example.org/sdk.tar.gz"),
)
_OWN = Program("C:\\Projects\\portal\\target\\debug\\portal.exe")
"""What they have just built: nobody signed it and it tells no version."""
_CALLS = (
    "ecs:DescribeServices",
    "logs:GetLogEvents",
    "s3:ListBuckets",
    "lambda:ListFunctions",
    "cloudformation:DescribeStacks",
    "ecr:GetAuthorizationToken",
    "sts:GetCallerIdentity",
    "lambda:UpdateFunctionCode20150331v2",
    "iam:ListRoles",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
)


def _act(company: Company) -> None:
    rng = company.rng("developers")
    desks = [desk for desk in company.desks.values() if desk.user.role == "dev"]
    for desk in rng.choices(desks, k=company.times(420)):
        _work(company, rng, desk, company.moment_at(desk, rng))
    callers = [desk for desk in desks if desk.user.name in company.cloud.principals]
    for desk in rng.choices(callers, (6, 4, 2, 1), k=company.times(900)):
        (moment,) = company.clock.office(rng, 1, desk.host.zone)
        refused = "AccessDenied" if happens(rng, 0.04) else ""  # now and then a right is missing
        company.cloud.call(
            moment,
            company.cloud.principals[desk.user.name],
            Call(rng.choice(_CALLS), {"dryRun": False} if refused else None, None, refused),
        )
    build = company.linux["build-01"]
    for moment in company.clock.office(rng, company.times(60)):
        words = rng.choice(_BUILDS)
        shell = build.execute(moment, Execution(words, 1001, 1001, "/srv/build", 77))
        if "|" in words[-1]:
            build.execute(
                moment + 0.01,
                Execution(("curl", "-fsSL", "https://get.example.org/install.sh"), 1001, 1001, "/srv/build", 77, parent=shell),
            )
            build.execute(moment + 0.01, Execution(("/bin/sh",), 1001, 1001, "/srv/build", 77, parent=shell))
        company.network.connection(
            moment, Flow(build.ip, company.network.port(), address_of("get.example.org"), 443, "ssl", 1.2, 900, 400_000)
        )


def _work(company: Company, rng: Random, desk: Desk, moment: float) -> None:
    host, (name, command, site) = desk.host, rng.choice(_COMMANDS)
    editor = host.running("code", desk.session)
    shell = (
        host.start(moment, "cmd", "C:\\Windows\\System32\\cmd.exe /d /s /c", editor) if happens(rng, 0.6) else desk.shell
    )  # most work in the editor's terminal
    ran = host.start(moment + 0.5, name, command, shell)
    if site:
        company.reach(moment + 1, ran, host, (site, 443), Flow("", 0, "", 0, "-", 3.0, 2000, rng.randrange(20_000, 9_000_000)))
    if name == "ssh":
        build, peer = company.linux["build-01"], (host.ip, company.network.port())
        company.dial(moment + 1, ran, host, ("build-01", build.ip, 22))
        build.depart(moment + 900, "deploy", peer, build.accept(moment + 1.4, "deploy", peer, "publickey"))
    if name == "powershell":
        host.script(moment + 1, ran, "& { " + command.partition("-Command")[2].strip('" ') + " }")
    if name in {"node", "docker"}:
        host.stop(moment + 90, host.start(moment + 3, _OWN, "target\\debug\\portal.exe --port 8080", shell))
    host.write(moment + 2, ran, f"C:\\Projects\\portal\\.cache\\{rng.getrandbits(32):08x}.tmp")
    host.stop(moment + 4 + rng.random() * 60, ran)


BEHAVIOUR = Behaviour(
    name="developers",
    title="Developers run scripts from the net, package tools, SSH and the AWS command line.",
    suspicion="download and execution, secrets read",
    act=_act,
)
