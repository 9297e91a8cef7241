"""Simulate a company's day: raw logs in the formats that shippers write, and the truth beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import DAY, stamp
from bartizan.simulate.company.world import Company, found
from bartizan.simulate.contract import Attack, behaviours, stages
from bartizan.simulate.noise.chatter import chatter
from bartizan.simulate.truth import TRUTH_FILE, Action, FileCount, NoiseFamily, Reference, Truth
from bartizan.simulate.writers import auditd, cloudtrail, nginx, nxlog, syslog, zeek
from bartizan.simulate.writers.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

__all__ = ["company_day"]

_USUAL = 220_000
_WRITERS: tuple[Callable[[Company, Ledger], None], ...] = (
    nxlog.write,
    syslog.write,
    auditd.write,
    nginx.write,
    cloudtrail.write,
    zeek.write,
)


def company_day(out: Path, *, seed: int = 7, day: date, events: int = _USUAL, intrusion: bool = True) -> Truth:
    """Write a day of logs and ``truth.json`` into a folder, and return the truth.

    ``events`` records are made (more if the intrusion and the least of each behaviour come to more already), duplicates and
    garbage apart. The same arguments give the same bytes.
    """
    company = found(seed, day, events / _USUAL)
    for behaviour in behaviours():
        with company.journal.labelled(f"noise:{behaviour.name}" if behaviour.suspicion else ""):
            behaviour.act(company)
    attack = Attack(company, company.rng("intrusion"))
    for stage in stages() if intrusion else ():
        stage.act(attack)
    chatter(company, events - company.journal.records)
    ledger = Ledger(out, company.clock.midnight + DAY)
    for write in _WRITERS:
        write(company, ledger)
    truth = _truth(company, attack, ledger)
    ledger.store(TRUTH_FILE, truth.as_json().encode())
    return truth


def _truth(company: Company, attack: Attack, ledger: Ledger) -> Truth:
    def action(moment: float, name: str) -> Action:
        deed = attack.deeds[name][1]
        records = tuple(Reference(*reference) for reference in ledger.references.get(f"deed:{name}", ()))
        return Action(
            id=name,
            time=stamp(moment),
            what=deed.what,
            techniques=deed.techniques,
            tactic=deed.tactic,
            host=deed.host,
            principal=deed.principal,
            quiet=deed.quiet,
            records=records,
        )

    order = sorted((moment, name) for name, (moment, _) in attack.deeds.items())
    families = [
        NoiseFamily(
            name=behaviour.name,
            title=behaviour.title,
            suspicion=behaviour.suspicion,
            records=frozenset(record for _, record in ledger.references.get(f"noise:{behaviour.name}", ())),
        )
        for behaviour in behaviours()
        if behaviour.suspicion
    ]
    return Truth(
        seed=company.seed,
        day=company.clock.day.isoformat(),
        events=sum(account.records for account in ledger.accounts.values()),
        actions=tuple(action(moment, name) for moment, name in order),
        noise=tuple(families),
        files={path: FileCount(one.records, one.duplicates, one.garbage) for path, one in ledger.accounts.items()},
    )
