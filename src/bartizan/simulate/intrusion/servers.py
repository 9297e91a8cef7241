"""From the web server inwards: a scan, a guessed password on the database server, a stolen key to the build server."""

from __future__ import annotations

from bartizan.simulate.company.linux import Execution
from bartizan.simulate.company.network import Flow
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_HIDDEN = "/tmp/.x"  # noqa: S108 - told in a log, not used
_SCAN = Deed(
    id="inner-scan",
    what="The web server scans the server network for open ports.",
    techniques=("T1046",),
    tactic="discovery",
    host="web-01",
    principal="root",
)
_GUESS = Deed(
    id="ssh-guessing",
    what="Passwords are guessed over SSH on the database server, and one fits.",
    techniques=("T1110.001", "T1021.004"),
    tactic="credential-access",
    host="db-01",
    principal="backup",
)
_DUMP = Deed(
    id="database-dump",
    what="The portal's database is dumped by the account that was guessed.",
    techniques=("T1005", "T1213.006"),
    tactic="collection",
    host="db-01",
    principal="backup",
    quiet=True,
)
_KEYS = Deed(
    id="private-keys",
    what="Private keys are looked for and read on the web server.",
    techniques=("T1552.004",),
    tactic="credential-access",
    host="web-01",
    principal="root",
)
_HOP = Deed(
    id="key-login",
    what="The deployment key logs on to the build server: a valid account from an odd host.",
    techniques=("T1021.004", "T1078.003"),
    tactic="lateral-movement",
    host="build-01",
    principal="deploy",
    quiet=True,
)
_SECRETS = Deed(
    id="build-secrets",
    what="The build server's environment and configuration are read for secrets.",
    techniques=("T1552.001", "T1552.007"),
    tactic="credential-access",
    host="build-01",
    principal="deploy",
    quiet=True,
)
_MODULE = Deed(
    id="preload",
    what="A library is set to be loaded into every program on the web server.",
    techniques=("T1574.006", "T1014"),
    tactic="defense-evasion",
    host="web-01",
    principal="root",
)


def _act(attack: Attack) -> None:
    _look(attack)
    _guess(attack)
    _hop(attack)


def _look(attack: Attack) -> None:
    company, web = attack.company, attack.company.linux["web-01"]
    moment = company.clock.at("07:24:10")
    with attack.doing(moment, _SCAN):
        scan = (f"{_HIDDEN}/nm", "-sT", "-p22,80,443,445,3389,5432", "10.20.0.0/23")
        web.execute(moment, Execution(scan, parent=attack.shells["root"], directory=_HIDDEN))
        for turn in range(240):
            target = f"10.20.{turn // 120}.{10 + turn % 60}"
            company.network.connection(
                moment + 1 + turn * 0.06,
                Flow(web.ip, company.network.port(), target, (22, 80, 443, 445, 3389, 5432)[turn % 6], state="S0" if turn % 11 else "REJ"),
            )
    moment = company.clock.at("07:35:26")
    with attack.doing(moment, _KEYS):
        for turn, words in enumerate(
            (("find", "/home", "/root", "-name", "id_*"), ("cat", "/home/deploy/.ssh/id_ed25519"), ("cat", "/home/deploy/.ssh/known_hosts"))
        ):
            web.execute(moment + turn * 8, Execution(words, parent=attack.shells["root"]))
    moment = company.clock.at("07:55:09")
    with attack.doing(moment, _MODULE):
        web.execute(
            moment,
            Execution(
                ("/bin/sh", "-c", "echo /usr/lib/x86_64-linux-gnu/libnss_cache.so.3 > /etc/ld.so.preload"), parent=attack.shells["root"]
            ),
        )
        web.execute(moment + 5, Execution(("touch", "-r", "/etc/passwd", "/etc/ld.so.preload"), parent=attack.shells["root"]))


def _guess(attack: Attack) -> None:
    company, web, database = attack.company, attack.company.linux["web-01"], attack.company.linux["db-01"]
    moment = company.clock.at("08:11:00")
    with attack.doing(moment, _GUESS):
        for turn in range(85):
            user = ("root", "postgres", "backup", "deploy", "admin")[turn % 5]
            peer = (web.ip, company.network.port())
            database.refuse(moment + turn * 2.9, user, peer, known=user in database.accounts)
            company.network.connection(moment + turn * 2.9, Flow(*peer, database.ip, 22, "ssh", 2.1, 1400, 2000))
        peer = (web.ip, company.network.port())
        pid = database.accept(moment + 250, "backup", peer, "password")
    moment += 400
    with attack.doing(moment, _DUMP):
        for turn, words in enumerate((("psql", "-l"), ("pg_dump", "-Fc", "-f", "/var/tmp/p.bin", "portal"), ("ls", "-la", "/var/tmp"))):  # noqa: S108 - told in a log, not used
            database.execute(moment + turn * 30, Execution(words, 34, 34, "/var/backups", 31, terminal="pts1"))
        company.network.connection(moment + 120, Flow(web.ip, company.network.port(), database.ip, 22, "ssh", 95.0, 9000, 480_000_000))
        database.depart(moment + 240, "backup", peer, pid)


def _hop(attack: Attack) -> None:
    company, web, build = attack.company, attack.company.linux["web-01"], attack.company.linux["build-01"]
    moment = company.clock.at("12:40:17")
    with attack.doing(moment, _HOP):
        peer = (web.ip, company.network.port())
        company.network.connection(moment, Flow(*peer, build.ip, 22, "ssh", 1300.0, 70_000, 240_000))
        pid = build.accept(moment, "deploy", peer, "publickey")
    with attack.doing(moment + 60, _SECRETS):
        for turn, words in enumerate(
            (
                ("env",),
                ("cat", "/srv/build/.npmrc"),
                ("cat", "/home/deploy/.docker/config.json"),
                ("grep", "-rilE", "secret|token", "/srv/build"),
            )
        ):
            build.execute(moment + 60 + turn * 25, Execution(words, 1001, 1001, "/home/deploy", 90, terminal="pts2"))
        build.depart(moment + 1290, "deploy", peer, pid)


STAGE = Stage(order=7, title="From the web server inwards", act=_act)
