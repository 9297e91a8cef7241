"""Wrong passwords without ill will: Monday fingers, a phone with the old password, a service whose password ran out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]


def _act(company: Company) -> None:
    rng = company.rng("mistyped")
    desks, dc = list(company.desks.values()), company.windows["dc-01"]
    for moment in company.clock.office(rng, company.times(90)):
        desk = rng.choice(desks)
        for turn in range(rng.choice((1, 1, 1, 2, 3))):
            desk.host.refuse(moment + 5 * turn, desk.user.name, ("-", "127.0.0.1", 0), kind=2)
            peer = (f"::ffff:{desk.host.ip}", str(company.network.port()))
            dc.audit(moment + 5 * turn, "security/4771", (desk.user.name, desk.user.sid, *peer))
    phone = "10.20.30.77"
    for moment in company.clock.every(900, first=240)[: company.times(96)]:
        dc.audit(moment, "security/4776", ("sales02", "MOBILE-SYNC", "0xc000006a"))
        company.windows["app-01"].refuse(moment + 0.1, "sales02", ("MOBILE-SYNC", phone, company.network.port()))
    expired = company.clock.at("02:00")
    for turn in range(company.times(60)):
        company.windows["app-01"].refuse(expired + turn * 20, "svc-report", ("APP-01", "10.20.0.30", company.network.port()), unknown=True)
    web = company.linux["build-01"]
    for moment in company.clock.office(rng, company.times(25)):
        user, origin = rng.choice(("deploy", "adm-server")), (rng.choice(desks).host.ip, company.network.port())
        web.refuse(moment, user, origin)
        web.depart(moment + 400, user, origin, web.accept(moment + 9, user, origin, "password"))


BEHAVIOUR = Behaviour(
    name="mistyped-passwords",
    title="People, a phone and an expired service fail to log on.",
    suspicion="password guessing",
    act=_act,
)
