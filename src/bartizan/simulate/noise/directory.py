"""Machines and services among themselves: tickets, machine accounts, group policy, database connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.people import User
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]


def _act(company: Company) -> None:
    rng = company.rng("directory")
    dc, hosts = company.windows["dc-01"], [host for host in company.windows.values() if host.name != "dc-01"]
    for moment in company.clock.machines(rng, company.times(3600)):
        host = rng.choice(hosts)
        machine = User(f"{host.name.upper()}$", f"S-1-5-21-1004336348-1177238915-682003330-{2000 + len(host.name)}", "machine")
        if happens(rng, 0.25):  # tickets outlive a few uses
            company.authenticate(moment, machine, host)
        session = company.log_on_to(moment, machine, host, dc)
        if happens(rng, 0.4):  # group policy is read now and then
            dc.share(moment + 0.2, session, (host.ip, company.network.port()), "SYSVOL", "corp.example.com\\Policies\\gpt.ini")
        dc.log_off(moment + 1 + rng.random() * 20, session)
    app, sql = company.windows["app-01"], company.users["svc-sql"]
    for moment in company.clock.machines(rng, company.times(700)):
        company.ticket(moment, sql, app, "svc-web")
        port = company.network.port()
        company.network.connection(moment, Flow(app.ip, port, "10.20.1.30", 5432, "-", rng.random() * 9, 4100, 90_000))
    for moment in company.clock.machines(rng, company.times(350)):
        user = company.users["svc-web"]
        dc.audit(moment, "security/4776", (user.name, "APP-01", "0x0"))
        app.log_off(moment + 30, app.log_on(moment + 0.05, app.session(moment, user, 3), ("APP-01", app.ip, company.network.port())))


BEHAVIOUR = Behaviour(
    name="directory", title="Machine accounts, group policy and service accounts talk to the domain controller.", act=_act
)
