"""Credentials: the memory of LSASS in two ways, service tickets to crack, what the browser keeps."""

from __future__ import annotations

from bartizan.simulate.company.programs import library
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_HOST, _USER = "finance-02", "CORP\\finance02"


def _deed(name: str, what: str, *techniques: str, quiet: bool = False) -> Deed:
    return Deed(id=name, what=what, techniques=techniques, tactic="credential-access", host=_HOST, principal=_USER, quiet=quiet)


_DUMP = _deed("lsass-dump", "A system library is made to write the memory of LSASS to a file.", "T1003.001", "T1218.011")
_READ = _deed("lsass-read", "Later the implant reads LSASS itself from a process it injected into, writing no file.", "T1003.001", "T1055")
_ROAST = _deed("kerberoast", "Service tickets with the old cipher are asked for every account with a service name.", "T1558.003")
_SPRAY = _deed("spray", "One password is tried on every account, slowly.", "T1110.003")
_BROWSER = _deed("browser-store", "The browser's password store is copied.", "T1555.003", quiet=True)


def _act(attack: Attack) -> None:
    company = attack.company
    desk, implant, elevated = company.desks[_HOST], attack.processes["implant"], attack.processes["elevated"]
    host = desk.host
    moment = company.clock.at("11:14:08")
    with attack.doing(moment, _DUMP):
        path = "C:\\Windows\\Temp\\perf0.tmp"
        host.run(moment, "tasklist", 'tasklist /fi "imagename eq lsass.exe"', elevated)
        command = f"rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump {host.lsass.pid} {path} full"
        dumper = host.start(moment + 9, "rundll32", command, elevated)
        for delay, name in ((9.1, "comsvcs.dll"), (9.2, "dbghelp.dll"), (9.3, "dbgcore.dll")):
            host.load(moment + delay, dumper, library(name))
        host.access(moment + 9.5, dumper, host.lsass, "0x1fffff", "C:\\Windows\\System32\\dbgcore.dll+6cce")
        host.write(moment + 9.6, dumper, path)
        host.stop(moment + 12, dumper)
    moment = company.clock.at("13:37:44")
    with attack.doing(moment, _READ):
        target = host.running("taskhostw", elevated.session)
        host.inject(moment, implant, target)
        host.load(moment + 0.7, target, library("samlib.dll"))
        host.access(moment + 1.4, target, host.lsass, "0x1010", "UNKNOWN(000001F2A4C70000)")
    moment = company.clock.at("11:21:55")
    with attack.doing(moment, _ROAST):
        for turn, service in enumerate(("svc-sql", "svc-web", "svc-scan", "svc-deploy", "svc-backup")):
            company.ticket(moment + turn * 0.2, desk.user, host, service, "0x17")
    moment = company.clock.at("11:45:00")
    with attack.doing(moment, _SPRAY):
        for turn, name in enumerate(name for name in company.users if name != desk.user.name):
            user = company.users[name]
            company.windows["dc-01"].audit(
                moment + turn * 71, "security/4771", (user.name, user.sid, f"::ffff:{host.ip}", str(company.network.port()))
            )
    moment = company.clock.at("11:09:37")
    with attack.doing(moment, _BROWSER):
        host.write(moment, implant, f"C:\\Users\\{desk.user.name}\\AppData\\Local\\Temp\\ld93.db")


STAGE = Stage(order=40, title="Credentials", act=_act)
