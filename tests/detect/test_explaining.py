from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hunting import accepted, hunted, process, write

from bartizan.detect.explaining import explain_records
from bartizan.workbench import reference_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_rule_is_explained_as_the_hunt_judges_it(tmp_path: Path, rules: Path) -> None:
    write(tmp_path / "auth.log", [accepted(1), accepted(2, user="guest"), "???\n"])
    write(tmp_path / "sysmon.json", [process(3), process(4, "C:\\x.exe"), process(5, IntegrityLevel="Odd")])
    told = hunted([tmp_path], rules)
    explained = [
        (digit, one.path.rpartition("/")[2], one.record)
        for digit in "1234"
        for one in explain_records(
            reference_of(digit * 8 + f"-{digit * 4}-4{digit * 3}-8{digit * 3}-" + digit * 12, [rules]), [str(tmp_path)]
        )
        if one.explanation is not None and one.explanation.fires
    ]
    assert sorted(explained) == sorted(told.sights)


def test_what_a_field_is_derived_from_is_what_was_found(tmp_path: Path, rules: Path) -> None:
    write(tmp_path / "a.json", [process(3)])
    (told,) = explain_records(reference_of("whoami", [rules]), [str(tmp_path)])
    assert told.explanation is not None
    assert any("whoami.exe" in reason for reason in told.explanation.why)
