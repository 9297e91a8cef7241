"""What a check says to write into Terraform is what the reader of Terraform takes for right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from tests.house.checkout import ROOT

from bartizan.collect.inventory.declared.sections import makers
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.review.cloud.checks.judging import review
from bartizan.review.cloud.checks.loading import load
from bartizan.review.cloud.contract import Verdict

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
INNER = {"backup-plan-in-one-region", "glue-catalog-unencrypted", "glue-connection-passwords-plain"}
"""Their fixes are blocks of a block that is not written out."""


def test_no_fix_fails_the_check_that_asks_for_it(tmp_path: Path) -> None:
    checks = load([str(ROOT / "content" / "checks" / "aws")])
    failed, passed = [], 0
    for file in sorted((ROOT / "content" / "checks" / "aws").rglob("*.yml")):
        text = _terraform(yaml.safe_load(file.read_text()))
        if not text or file.stem in INNER:
            continue
        (tmp_path / "main.tf").write_text(text)
        for one in review(read_terraform(tmp_path), checks).judgements():
            if one.check == file.stem:
                failed += [(one.check, one.why)] if one.verdict is Verdict.FAIL else []
                passed += one.verdict is Verdict.PASS
    assert failed == []
    assert passed >= 90


def _terraform(check: dict[str, dict[str, str]]) -> str:
    """Return the fix as a file: one that is no resource is put into one of the kind that the check is about."""
    fix, kind = check.get("fix", {}).get("terraform", ""), check["logsource"]["service"]
    if not fix or re.search(r"^(resource|data|module|provider)\b", fix, re.MULTILINE):
        return fix
    return f'resource "{makers("terraform")[kind][0].type}" "x" {{\n{fix}\n}}\n' if kind in makers("terraform") else ""
