"""A simulated day with an intrusion in it: one case holds the intrusion, whatever the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan import workbench
from bartizan.investigate.desk import desk_at
from bartizan.investigate.scope import scope_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 11])
def test_the_intrusion_of_a_day_is_one_case_and_nearly_nothing_else_is_in_it(tmp_path: Path, seed: int) -> None:
    with workbench.demo(tmp_path, seed=seed, events=120_000) as demo:
        truth = demo.truth
    desk = desk_at(tmp_path / "result")
    seen = {truth.malicious[one] for finding in desk.findings.values() for one in finding.records if one in truth.malicious}
    found = [
        {
            truth.malicious[one]
            for signal in case.signals
            for finding in signal.findings
            for one in finding.records
            if one in truth.malicious
        }
        for case in desk.cases
    ]
    assert len(found[0]) >= 0.9 * len(seen)
    assert not any(found[1:])
    true = sum(any(one in truth.malicious for finding in signal.findings for one in finding.records) for signal in desk.cases[0].signals)
    assert true >= 0.85 * len(desk.cases[0].signals)
    core = {str(claim.entity) for claim in scope_of(desk.cases[0], desk.ties) if claim.ring == "core"}
    assert {
        "host:web-01",
        "host:db-01",
        "host:finance-02.corp.example.com",
        "host:app-01.corp.example.com",
        "host:files-01.corp.example.com",
        "host:dc-01.corp.example.com",
        "ip:203.0.113.45",
        "ip:203.0.113.88",
        "user:corp\\adm-domain",
        "cloud-principal:arn:aws:iam::111122223333:user/dev03",
    } <= core
