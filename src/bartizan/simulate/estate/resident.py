"""What a program of the intruder's does on a host day after day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.programs import Program

if TYPE_CHECKING:
    from bartizan.simulate.company.sessions import Process
    from bartizan.simulate.company.world import Desk
    from bartizan.simulate.contract import Attack, Deed

__all__ = ["at_logon", "calls_home"]


def at_logon(attack: Attack, deed: Deed, desk: Desk, image: str) -> Process:
    """Let a Run key start the program after its user has logged on."""
    moment = desk.since + 21
    with attack.doing(moment, deed):
        return desk.host.start(moment, Program(image), f'"{image}"', desk.shell)


def calls_home(attack: Attack, deed: Deed, caller: tuple[Desk, Process, str], *, first: float, every: float) -> None:
    """Let a program on a desk ask its server for orders about ``every`` seconds until the evening."""
    company, moment = attack.company, first
    desk, process, server = caller
    last = company.clock.at("18:10", zone=desk.host.zone)
    with attack.doing(first, deed):
        while moment < last:
            flow = Flow("", 0, "", 0, "-", 0.7, 900 + attack.rng.randrange(400), 2100 + attack.rng.randrange(900))
            company.reach(moment, process, desk.host, (server, 443), flow)
            moment += every * (0.85 + attack.rng.random() * 0.3)
