"""Everything else with an address: phones, printers, cameras; what Zeek sees of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.network import Flow, address_of
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]

_NAMES = tuple(
    f"{name}.example.org"
    for name in ("push", "time", "captive", "cdn", "telemetry", "voip", "photos", "updates", "weather", "ads", "mail", "music")
)
_LONG = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
"""Content networks name things by hashes: long labels that are no tunnel."""


def _act(company: Company) -> None:
    rng = company.rng("devices")
    for moment in company.clock.office(rng, company.times(11_000)):
        source = f"10.20.{30 + rng.randrange(2)}.{20 + min(int(rng.paretovariate(0.6)), 200)}"
        name = _NAMES[min(int(rng.paretovariate(0.7)) - 1, len(_NAMES) - 1)]
        if happens(rng, 0.05):  # a share of names are hashes
            name = f"{_LONG[rng.randrange(16) :]}{rng.getrandbits(48):012x}.{name}"
        answer = "" if happens(rng, 0.03) else address_of(name)  # a share of names are not there
        company.network.query(
            moment, source, name, answer, "A" if happens(rng, 0.8) else rng.choice(("AAAA", "PTR", "TXT"))
        )  # most ask for an address
        if answer:
            flow = Flow(
                source,
                company.network.port(),
                answer,
                443,
                "ssl",
                rng.random() * 20,
                rng.randrange(400, 9000),
                int(2000 * rng.paretovariate(0.7)),
            )
            company.network.connection(moment + 0.06, flow)


BEHAVIOUR = Behaviour(name="devices", title="Phones, printers and cameras talk to the internet.", act=_act)
