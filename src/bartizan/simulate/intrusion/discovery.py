"""Looking around from the first foothold: who am I, who else is there, where is what."""

from __future__ import annotations

from bartizan.simulate.company.network import Flow
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_HOST, _USER = "finance-02", "CORP\\finance02"


def _deed(name: str, what: str, *techniques: str, quiet: bool = False) -> Deed:
    return Deed(id=name, what=what, techniques=techniques, tactic="discovery", host=_HOST, principal=_USER, quiet=quiet)


_WHOAMI = _deed("whoami", "The implant asks who it is and what it may do.", "T1033", "T1069.001")
_TRUSTS = _deed("trusts", "It asks for domain trusts and domain controllers.", "T1482", "T1018")
_GROUPS = _deed("groups", "It lists the domain's administrators.", "T1069.002", "T1087.002")
_LDAP = _deed(
    "ldap-sweep",
    "It reads users, computers and service names over LDAP from its own process, without a tool.",
    "T1087.002",
    "T1018",
    quiet=True,
)
_SHARES = _deed("shares", "It tries the shares of every server.", "T1135", quiet=True)
_SOFTWARE = _deed("security-software", "It asks which security products are registered.", "T1518.001")
_FILES = _deed("password-files", "It searches a share for files that speak of passwords.", "T1552.001", "T1083")


def _act(attack: Attack) -> None:
    company = attack.company
    desk, implant = company.desks[_HOST], attack.processes["implant"]
    host = desk.host
    for deed, clock, commands in (
        (_WHOAMI, "09:50:22", ("whoami /all", "hostname", "systeminfo")),
        (_TRUSTS, "10:32:05", ("nltest /domain_trusts", "nltest /dclist:corp.example.com")),
        (_GROUPS, "10:33:41", ('net group "Domain Admins" /domain', 'net group "Enterprise Admins" /domain')),
    ):
        moment = company.clock.at(clock)
        with attack.doing(moment, deed):
            for turn, command in enumerate(commands):
                shell = host.start(moment + turn * 6, "cmd", f"C:\\Windows\\system32\\cmd.exe /C {command}", implant)
                child = host.run(moment + turn * 6 + 0.2, command.split()[0], command, shell, 1.5)
                if child.image.endswith("net.exe"):
                    host.run(moment + turn * 6 + 0.3, "net1", command.replace("net ", "C:\\Windows\\system32\\net1 ", 1), child, 1.2)
                host.stop(moment + turn * 6 + 2, shell)
    moment = company.clock.at("10:41:30")
    with attack.doing(moment, _LDAP):
        dc = company.windows["dc-01"]
        for turn in range(4):
            company.dial(moment + turn * 11, implant, host, (dc.fqdn, dc.ip, 389), Flow("", 0, "", 0, "-", 6.0, 3100, 840_000))
    moment = company.clock.at("10:47:02")
    with attack.doing(moment, _SHARES):
        for turn, name in enumerate(("files-01", "app-01", "mgmt-01", "backup-01")):
            server = company.windows[name]
            company.dial(moment + turn * 3, implant, host, (server.fqdn, server.ip, 445))
            opened = company.log_on_to(moment + turn * 3, desk.user, host, server)
            server.share(moment + turn * 3 + 0.4, opened, (host.ip, company.network.port()), "IPC$", "srvsvc")
            server.log_off(moment + turn * 3 + 2, opened)
    moment = company.clock.at("10:26:33")
    with attack.doing(moment, _SOFTWARE):
        host.run(
            moment,
            "wmic",
            "wmic /namespace:\\\\root\\SecurityCenter2 path AntiVirusProduct get displayName,productState /format:list",
            implant,
        )
    moment = company.clock.at("11:02:19")
    with attack.doing(moment, _FILES):
        server = company.windows["files-01"]
        host.run(
            moment,
            "findstr",
            "findstr /s /i /m passwor \\\\files-01\\Projects\\*.xml \\\\files-01\\Projects\\*.config \\\\files-01\\Projects\\*.txt",
            implant,
            70,
        )
        opened = company.log_on_to(moment + 0.3, desk.user, host, server)
        for turn in range(25):
            server.share(
                moment + 1 + turn * 2.2, opened, (host.ip, company.network.port()), "Projects", f"portal\\settings-{turn:02d}.config"
            )


STAGE = Stage(order=30, title="Looking around", act=_act)
