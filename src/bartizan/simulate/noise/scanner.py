"""The company's own vulnerability scanner: it knocks at every port, logs on where it may, and tries the portal's patience at night."""

from __future__ import annotations

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.world import Company, Request
from bartizan.simulate.contract import Behaviour

__all__ = ["BEHAVIOUR"]

_SCANNER = "10.20.0.60"
_ATTEMPTS = (
    "/search?q=%27%20UNION%20SELECT%20NULL,NULL--",
    "/search?q=<script>alert(1)</script>",
    "/../../../../etc/passwd",
    "/login?next=//scan.corp.example.com",
    "/api/v1/items?page=1%20AND%20SLEEP(5)",
    "/cgi-bin/test.cgi?cmd=id",
    "/admin/",
    "/backup.zip",
    "/.svn/entries",
    "/uploads/",
    "/uploads/test.php",
)
_PORTS = (21, 22, 23, 25, 80, 110, 135, 139, 143, 389, 443, 445, 1433, 3306, 3389, 5432, 5900, 5985, 8080, 8443)


def _act(company: Company) -> None:
    rng = company.rng("scanner")
    start = company.clock.at("03:00")
    for turn in range(company.times(900)):
        path, status = rng.choice(_ATTEMPTS), rng.choices((404, 403, 200, 400), (70, 12, 10, 8))[0]
        company.visit(
            start + turn * 1.7,
            _SCANNER,
            Request(
                path,
                rng.choice(("GET", "GET", "POST", "HEAD", "OPTIONS")),
                status,
                612,
                "Mozilla/5.0 (compatible; ExampleScanner 10.6; +https://scan.corp.example.com)",
            ),
        )
    targets = [host.ip for host in company.windows.values()] + [host.ip for host in company.linux.values()]
    for turn in range(company.times(1600)):
        port, target = rng.choice(_PORTS), rng.choice(targets)
        state = "SF" if port in {22, 80, 443, 445, 3389} and happens(rng, 0.3) else rng.choice(("S0", "REJ", "REJ"))  # few ports are open
        company.network.connection(start + turn * 1.1, Flow(_SCANNER, company.network.port(), target, port, state=state))
    user = company.users["svc-scan"]
    for number, host in enumerate(list(company.windows.values())):
        moment = start + 2400 + number * 60
        host.refuse(moment - 3, "administrator", ("SCAN-01", _SCANNER, company.network.port()))
        opened = host.log_on(moment, host.session(moment, user, 3, elevated=True), ("SCAN-01", _SCANNER, company.network.port()))
        host.share(moment + 1, opened, (_SCANNER, company.network.port()), "C$", "Windows\\System32\\ntoskrnl.exe")
        host.share(moment + 2, opened, (_SCANNER, company.network.port()), "IPC$", "winreg")
        host.run(moment + 3, "cmd", 'cmd.exe /c "wmic qfe list brief > C:\\Windows\\Temp\\scan.out"', host.running("wmiprvse"), 6)
        host.log_off(moment + 30, opened)
    for machine in company.linux.values():
        for turn, name in enumerate(("root", "admin", "oracle")):
            machine.refuse(start + 3000 + turn, name, (_SCANNER, company.network.port()), known=name == "root")


BEHAVIOUR = Behaviour(
    name="scanner",
    title="The company's vulnerability scanner tries every host and the portal.",
    suspicion="reconnaissance and web attacks",
    act=_act,
)
