"""The command that runs the conformance suite."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.faces.command import bartizan

if TYPE_CHECKING:
    from pathlib import Path

ROW = "| **all** | 3 | 3 | 0 | 0 | 0 |"


def test_our_engines_pass_through_the_same_driver_as_any_other() -> None:
    said = bartizan("testing", "conformance", "--only", "escapes/*backslashes-before-a-star*")
    assert (said.code, said.out.count(ROW)) == (0, 2)


def test_an_engine_that_answers_wrongly_fails(tmp_path: Path) -> None:
    engine = tmp_path / "engine.py"
    engine.write_text(
        "import json, sys\nfor line in sys.stdin: print(json.dumps({'id': json.loads(line)['id'], 'matches': []}), flush=True)\n"
    )
    said = bartizan("testing", "conformance", "--engine", f"{sys.executable} {engine}", "--only", "modifiers/lte", "--json")
    assert said.code == 1
    ((outcome,),) = said.json.values()
    assert outcome == {
        "id": "modifiers/lte",
        "cites": "modifiers: Numeric Modifiers, lte",
        "silent": True,
        "verdict": "failed",
        "why": "matched [], should [0, 2]",
    }


def test_a_pattern_that_no_case_fits_is_said() -> None:
    said = bartizan("testing", "conformance", "--only", "nothing")
    assert (said.code, said.err) == (2, "bartizan: no case fits 'nothing'; cases are called like modifiers/contains\n")


def test_an_engine_that_names_nothing_is_said() -> None:
    assert bartizan("testing", "conformance", "--engine", "").code == 2
    assert "No closing quotation" in bartizan("testing", "conformance", "--engine", "'x").err
