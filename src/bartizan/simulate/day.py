"""Simulate a company's day: raw logs in the formats that shippers write, and the truth beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import DAY, stamp
from bartizan.simulate.company.world import Company, found
from bartizan.simulate.contract import Attack, Deed, behaviours, stages
from bartizan.simulate.noise.chatter import chatter
from bartizan.simulate.truth import TRUTH_FILE, Action, FileCount, NoiseFamily, Reference, Truth
from bartizan.simulate.writers import auditd, cloudtrail, nginx, nxlog, syslog, zeek
from bartizan.simulate.writers.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

__all__ = ["actions_of", "company_day", "played", "truth_of"]

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
    attack = Attack(company, company.rng("intrusion"))
    ledger = Ledger(out, company.clock.midnight + DAY)
    played(company, [(attack, [stage.act for stage in stages()])] if intrusion else [], events, ledger)
    truth = truth_of(seed, day, actions_of(attack, ledger), ledger)
    ledger.store(TRUTH_FILE, truth.as_json().encode())
    return truth


def played(company: Company, attacks: Sequence[tuple[Attack, Sequence[Callable[[Attack], None]]]], events: int, ledger: Ledger) -> None:
    """Play a day, harmless and not, and write it."""
    for behaviour in behaviours():
        with company.journal.labelled(f"noise:{behaviour.name}" if behaviour.suspicion else ""):
            behaviour.act(company)
    for attack, acts in attacks:
        for act in acts:
            act(attack)
    chatter(company, events - company.journal.records)
    for write in _WRITERS:
        write(company, ledger)


def actions_of(attack: Attack, ledger: Ledger, campaign: str = "") -> list[Action]:
    """Return what was done in an attack, in order of time, with the records that show it."""
    order = sorted((moment, name) for name, (moment, _) in attack.deeds.items())
    return [_action(moment, attack.deeds[name][1], ledger, campaign) for moment, name in order]


def _action(moment: float, deed: Deed, ledger: Ledger, campaign: str) -> Action:
    return Action(
        id=deed.id,
        time=stamp(moment),
        what=deed.what,
        techniques=deed.techniques,
        tactic=deed.tactic,
        host=deed.host,
        principal=deed.principal,
        quiet=deed.quiet,
        records=tuple(Reference(*reference) for reference in ledger.references.get(f"deed:{deed.id}", ())),
        campaign=campaign,
    )


def truth_of(seed: int, day: date, actions: Sequence[Action], ledger: Ledger) -> Truth:
    """Return the truth of what a ledger holds."""
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
        seed=seed,
        day=day.isoformat(),
        events=sum(account.records for account in ledger.accounts.values()),
        actions=tuple(actions),
        noise=tuple(families),
        files={path: FileCount(one.records, one.duplicates, one.garbage) for path, one in ledger.accounts.items()},
    )
