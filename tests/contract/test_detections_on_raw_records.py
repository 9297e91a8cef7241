"""What a detection asks for arrives in the records that sources write: a case names fields, this shows that the logs have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bartizan import rules
from bartizan.workbench import hunt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACE = Path(__file__).parents[2] / "content" / "detections"
FILES = {path.stem: path for path in PLACE.rglob("*.yml")}
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "raw_records.yml").read_text(encoding="utf-8"))
START = datetime(2026, 3, 17, 9, tzinfo=UTC)


def lines_of(case: Mapping[str, Any]) -> Iterator[str]:
    """Yield the records of a case, a series written out."""
    if "times" not in case:
        yield from case["raw"]
        return
    for number in range(case["times"]):
        moment = START + timedelta(seconds=case["every"] * number)
        clock = case["clock"]
        time = str(int(moment.timestamp() * 1000)) if clock == "milliseconds" else moment.strftime(clock)
        yield from (line.replace("{n}", str(number)).replace("{time}", time) for line in case["raw"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}-{case['source']}")
def test_a_detection_fires_on_what_its_source_writes(case: Mapping[str, Any], tmp_path: Path) -> None:
    lines = list(lines_of(case))
    (tmp_path / "log").write_text("\n".join([*case.get("head", ()), *lines, ""]), encoding="utf-8")
    loaded = rules.load([FILES[case["rule"]]])
    (told,) = [rule.id for number, rule in enumerate(loaded.rules) if number not in loaded.silent]
    with hunt(tmp_path / "log", rules=[FILES[case["rule"]]]) as found:
        fired = set(found.findings()["rule_id"].to_list())
        read = found.balance().select("source", "read", "stored").rows()
    assert (fired, read) == ({told}, [(case["source"], len(lines), len(lines))])
