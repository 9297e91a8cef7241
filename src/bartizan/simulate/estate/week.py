"""Simulate a week of the larger company, with several intrusions under way at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import DAY
from bartizan.simulate.company.world import found
from bartizan.simulate.contract import Attack
from bartizan.simulate.day import actions_of, played, truth_of
from bartizan.simulate.estate.campaign import campaigns
from bartizan.simulate.truth import TRUTH_FILE, Action, Truth
from bartizan.simulate.writers.ledger import Ledger

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

__all__ = ["company_week"]

_USUAL = 720_000
"""Events of a day."""
_DAYS = 7
_OF_A_SMALL_DAY = 220_000


def company_week(out: Path, *, seed: int = 7, first: date, events: int = _DAYS * _USUAL, intrusion: bool = True) -> Truth:
    """Write a week of logs, a folder for each day, and ``truth.json`` beside them; return the truth.

    ``events`` is for all days together. The actions of all intrusions are in it, each with its campaign; one that goes on for
    days (a program that calls home) is one action. The same arguments give the same bytes.
    """
    ledger, actions = Ledger(out, 0.0), dict[str, Action]()
    for number in range(_DAYS):
        day = first + timedelta(days=number)
        company = found(seed * 1_000 + number, day, events / _DAYS / _OF_A_SMALL_DAY, many=True)
        ledger.folder, ledger.closed = f"{day.isoformat()}/", company.clock.midnight + DAY
        attacks = [
            (one.name, Attack(company, company.rng(f"campaign/{one.name}")), one.days.get(number, ())) for one in campaigns() if intrusion
        ]
        share = events * (number + 1) // _DAYS - events * number // _DAYS
        played(company, [(attack, acts) for _, attack, acts in attacks if acts], share, ledger)
        for name, attack, _ in attacks:
            for action in actions_of(attack, ledger, name):
                begun = actions.get(action.id, action).time
                actions[action.id] = replace(action, time=begun)
    ledger.folder = ""
    truth = truth_of(seed, first, sorted(actions.values(), key=lambda action: (action.time, action.id)), ledger)
    ledger.store(TRUTH_FILE, truth.as_json().encode())
    return truth
