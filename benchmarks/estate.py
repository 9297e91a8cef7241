"""Score the cases of a simulated week: a company with three intrusions that overlap, and much that only looks like one.

Five million events of 36 hosts and a cloud account are hunted through with our own rules, and cases are made of the findings;
the truth is looked at afterwards. Of each intrusion that case is looked at which holds most of its actions: how many of those that
any rule saw are in it, whether the hosts that it claims (both rings) are those of the intrusion, how many of its findings are.
Two findings of different intrusions in one case are a wrongly merged pair, and there may be none.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.investigate.desk import desk_at
from bartizan.investigate.scope import scope_of
from bartizan.schema.entities import EntityKind
from bartizan.simulate import Truth, read_truth
from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.investigate.contract import Case
    from bartizan.investigate.desk import CaseDesk

EVENTS: Final = 5_040_000


def measure() -> Result:
    """Simulate, hunt, make cases, score."""
    with tempfile.TemporaryDirectory() as folder:
        week, found = Path(folder) / "week", Path(folder) / "found"
        made = run([BARTIZAN, "simulate", "company-week", str(week), "--events", str(EVENTS)])
        truth = read_truth(week)
        days = sorted(path for path in week.iterdir() if path.is_dir())
        hunted = run([BARTIZAN, "hunt", *map(str, days), "--out", str(found)])
        listed = run([BARTIZAN, "case", "list", str(found), "--json"])
        desk = desk_at(found)
        details: dict[str, object] = {
            "estate": f"{truth.events:,} events, {len(truth.campaigns)} intrusions of {len(truth.actions)} actions, "
            f"{len(truth.noise)} families of noise; made in {made.wall:.0f} s, hunted through in {hunted.wall:.0f} s "
            f"({hunted.cpu:.0f} s CPU), cases in {listed.wall:.0f} s ({listed.cpu:.0f} s CPU)",
            "cases": f"{len(desk.cases)} of {len(desk.signals):,} signals of {len(desk.findings):,} findings",
        }
        details |= {name: _told(desk, truth, name) for name in truth.campaigns}
        pairs = sum(_merged(case, truth) for case in desk.cases)
        return Result(name="estate", figure=pairs, unit="wrongly merged pairs of findings", bar=0, higher=False, details=details)


def _of(case: Case, truth: Truth) -> list[tuple[str, str]]:
    """Return the campaign and the action of each finding of a case; "" for what is none of any."""
    campaign_of = {action.id: action.campaign for action in truth.actions}
    told = []
    for signal in case.signals:
        for finding in signal.findings:
            actions = [truth.malicious[record] for record in finding.records if record in truth.malicious]
            told.append((campaign_of[actions[0]], actions[0]) if actions else ("", ""))
    return told


def _merged(case: Case, truth: Truth) -> int:
    counts: Sequence[int] = list(Counter(campaign for campaign, _ in _of(case, truth) if campaign).values())
    return (sum(counts) ** 2 - sum(count * count for count in counts)) // 2


def _told(desk: CaseDesk, truth: Truth, campaign: str) -> str:
    held = [{action for one, action in _of(case, truth) if one == campaign} for case in desk.cases]
    seen, most = set().union(*held), max(map(len, held), default=0)
    if not most:
        return f"no rule saw any of {len(truth.campaigns[campaign])} actions"
    place = next(place for place, actions in enumerate(held) if len(actions) == most)
    case, findings = desk.cases[place], _of(desk.cases[place], truth)
    hosts = {action.host for action in truth.campaigns[campaign]} - {"aws"}
    claimed = {claim.entity.value.partition(".")[0] for claim in scope_of(case, desk.ties) if claim.entity.kind is EntityKind.HOST}
    right = sum(one == campaign for one, _ in findings)
    return (
        f"case {place + 1} holds {most} of the {len(seen)} actions that were seen (of {len(truth.campaigns[campaign])}); "
        f"hosts: {len(hosts & claimed)} of {len(hosts)} found, {len(hosts & claimed)} of {len(claimed)} claimed are its; "
        f"findings: {right} of {len(findings)} are its; in {sum(map(bool, held))} cases"
    )
