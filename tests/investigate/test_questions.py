"""What is asked of a case, and what records answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.investigate.made import ELSEWHERE, INTRUSION, keep, line

from bartizan.errors import InputError
from bartizan.investigate.desk import desk_at
from bartizan.investigate.questions import answers_of, fitting, investigations_in
from bartizan.investigate.scope import scope_of
from bartizan.schema.attack import technique
from bartizan.schema.entities import EntityKind
from bartizan.workbench import content_folder

if TYPE_CHECKING:
    from pathlib import Path

OURS = content_folder() / "investigations"
KIND = """
title: A web server was broken into
when: [T1190]
questions:
  - ask: By which request?
    techniques: [T1190]
  - ask: From where?
    entities: [ip]
  - ask: Were files encrypted?
    techniques: [T1486]
    records: [file_activity]
  - ask: Was it packed?
    techniques: [T1560]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return keep(tmp_path / "case", [line("seen", -900, level=1, device="web-01"), *INTRUSION, *ELSEWHERE])


def test_our_kinds_ask_of_techniques_and_entities_that_there_are() -> None:
    kinds = investigations_in(OURS)
    assert [kind.id for kind in kinds] == ["account-takeover", "cloud-key-leak", "data-theft", "insider", "ransomware", "web-compromise"]
    for kind in kinds:
        for uid in (*kind.when, *(one for question in kind.questions for one in question.techniques)):
            assert technique(uid).name != uid, f"{kind.id}: {uid}"
        assert all(EntityKind(word) for question in kind.questions for word in question.entities)


def test_a_question_is_found_not_found_or_cannot_be_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "web.yml").write_text(KIND)
    desk = desk_at(folder)
    case = desk.cases[0]
    [kind] = fitting(case, investigations_in(tmp_path / "kinds"))
    told = [(one.verdict, one.text, len(one.records)) for one in answers_of(desk, case, scope_of(case), kind)]
    assert told == [
        ("found", "Rule shell; Rule dump; Rule upload; Rule fetch", 4),
        ("found", "203.0.113.45", 1),
        ("cannot tell", "no file_activity of web-01, ws-1.corp.example.com", 0),
        ("not found", "no rule spoke of it", 0),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- a", "x.yml:1: is no mapping with title, when and questions"),
        (
            "title: t\nwhen: [T1]\nquestion: []",
            "x.yml:3: 'question' is no key here (did you mean 'questions'?); there are title, when, questions",
        ),
        ("title: t\nwhen: [T1]\nquestions: []", "x.yml:3: questions: there are none"),
        ("title: 3\nwhen: [T1]\nquestions: [{ask: a, techniques: [T1]}]", "x.yml:1: title: has to be a text"),
        ("title: t\nwhen: T1\nquestions: [{ask: a, techniques: [T1]}]", "x.yml:2: when: has to be a list of words"),
        ("title: t\nwhen: [T1]\nquestions: [3]", "x.yml:1: questions: each is a mapping that begins with ask"),
        ("title: t\nwhen: [T1]\nquestions:\n  - ask: a", "x.yml:4: a question needs techniques or entities that answer it, or reach"),
        ("title: t\nwhen: [T1]\nquestions:\n  - ask: a\n    reach: often", "x.yml:5: reach: has to be true or false"),
        (
            "title: t\nwhen: [T1]\nquestions:\n  - ask: a\n    entities: [hosts]",
            "x.yml:5: entities: 'hosts' is no kind of entity (did you mean 'host'?)",
        ),
        ("a: 1\n---\nb: 2", "x.yml: is no kind of case: it has to be one YAML document"),
    ],
)
def test_a_file_that_is_no_kind_of_case_is_refused_with_line_and_reason(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "x.yml").write_text(text)
    with pytest.raises(InputError) as refused:
        investigations_in(tmp_path)
    assert str(refused.value).removeprefix(f"{tmp_path}/").startswith(why)


def test_questions_are_asked_from_the_command_line(folder: Path, tmp_path: Path) -> None:
    said = bartizan("case", "ask", folder, "1", "--kind", "ransomware")
    assert said.code == 0
    assert said.out.splitlines()[0] == "Data was, or was about to be, encrypted for ransom (ransomware)"
    assert "    cannot tell: no file_activity of web-01, ws-1.corp.example.com" in said.out
    assert [one["kind"] for one in bartizan("case", "ask", folder, "1", "--json").json] == ["web-compromise"]
    assert bartizan("case", "ask", folder, "1", "--kind", "flood").code == 2
    assert "no kind of case fits" in bartizan("case", "ask", folder, "1", "--from", tmp_path).out
