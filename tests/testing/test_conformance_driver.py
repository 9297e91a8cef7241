"""Drive engines that are programs of their own: a good one, and every kind of bad one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from textwrap import dedent
from time import monotonic, sleep

import pytest

from bartizan.errors import InputError, UsageError
from bartizan.testing.conformance import Case, Driver, Finding, judged, read_cases
from bartizan.testing.conformance.protocol import Broken, Found, Matched, Refused, Unsupported
from bartizan.testing.conformance.serving import serve

CONTAINS = Case(
    id="modifiers/contains",
    chapter="modifiers",
    title="contains",
    cites="modifiers: Generic Modifiers, contains",
    choice="",
    documents=({"title": "contains", "detection": {"sel": {"a|contains": "x"}, "condition": "sel"}},),
    events=({"a": "axb"}, {"a": "b"}),
    expect=(0,),
    placeholders={},
)
PREAMBLE = """
import json, os, sys, time
def tell(asked, **told): print(json.dumps({"id": asked["id"], **told}), flush=True)
requests = map(json.loads, sys.stdin)
"""


def engine(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "engine.py"
    path.write_text(PREAMBLE + dedent(text), encoding="utf-8")
    return [sys.executable, str(path)]


def told(tmp_path: Path, text: str, times: int = 1, **settings: float) -> list[object]:
    with Driver(engine(tmp_path, text), **{"seconds": 5.0, **settings}) as driver:
        return [driver.ask(CONTAINS) for _ in range(times)]


def test_an_engine_that_answers_is_believed(tmp_path: Path) -> None:
    tiny = """
    for asked in requests:
        tell(asked, matches=[number for number, event in enumerate(asked["events"]) if "x" in event["a"]])
    """
    assert told(tmp_path, tiny, 3) == [Matched((0,))] * 3


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("refused='no such modifier'", Refused("no such modifier")),
        ("unsupported='cidr'", Unsupported("cidr")),
        ("error='KeyError'", Broken("KeyError", lost=False)),
        ("matches=[]", Matched(())),
        (
            "findings=[{'rule': 'r', 'group': {'u': 'Bob', 'n': 5}, 'events': [1, 0]}]",
            Found((Finding("r", (("n", "5"), ("u", "bob")), (0, 1)),)),
        ),
        ("findings=[{'rule': 'r'}]", Found((Finding("r", (), None),))),
    ],
)
def test_each_kind_of_answer_is_read(tmp_path: Path, words: str, answer: object) -> None:
    assert told(tmp_path, f"for asked in requests: tell(asked, {words})", 2) == [answer, answer]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("matches=[2]", "answered what is no answer"),
        ("matches=[True]", "answered what is no answer"),
        ("matches='0'", "answered what is no answer"),
        ("findings=[1]", "answered what is no answer"),
        ("findings=[{'rule': 'r', 'events': [7]}]", "answered what is no answer"),
        ("nothing=1", "answered what is no answer"),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_error(tmp_path: Path, words: str, why: str) -> None:
    (answer,) = told(tmp_path, f"for asked in requests: tell(asked, {words})")
    assert isinstance(answer, Broken)
    assert answer.why.startswith(why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("for asked in requests: print('thinking...', flush=True)", "answered what is no JSON: thinking..."),
        ("for asked in requests: print('[' * 100000, flush=True)", "answered what is no JSON: " + "[" * 200 + "…"),
        ("for asked in requests: os.write(1, bytes([255, 10]))", "answered what is no JSON: \\xff"),
        ("for asked in requests: print('[]', flush=True)", "answered something else than was asked: []"),
        (
            "for asked in requests: tell({'id': 'another'}, matches=[])",
            'answered something else than was asked: {"id": "another", "matches": []}',
        ),
        ("for asked in requests: sys.exit('no more')", "it ended with code 1: no more"),
        ("for asked in requests: os._exit(3)", "it ended with code 3"),
        ("for asked in requests:\n    os.close(1)\n    time.sleep(60)", "it closed its output"),
        ("for asked in requests: time.sleep(60)", "no answer within 1 seconds"),
        ("time.sleep(60)", "no answer within 1 seconds"),
        ("while True: os.write(1, b'x' * 65536)", "an answer of more than 4,194,304 bytes"),
        ("while True: os.write(1, b'x\\n' * 4096)", "answered what is no JSON: x"),
    ],
)
def test_an_engine_that_does_not_answer_is_started_anew_for_the_next_case(tmp_path: Path, text: str, why: str) -> None:
    assert told(tmp_path, text, 2, seconds=1.0 if "within" in why else 20.0, start=0.0) == [Broken(why), Broken(why)]


def test_one_death_costs_one_case(tmp_path: Path) -> None:
    text = f"""
    flag = {str(tmp_path / "died")!r}
    for asked in requests:
        if not os.path.exists(flag):
            open(flag, "w").close()
            os._exit(1)
        tell(asked, matches=[0])
    """
    assert told(tmp_path, text, 3) == [Broken("it ended with code 1"), Matched((0,)), Matched((0,))]


def test_an_engine_that_does_not_read_a_large_request_is_not_waited_for(tmp_path: Path) -> None:
    case = Case(**{name: getattr(CONTAINS, name) for name in CONTAINS.__slots__} | {"events": ({"a": "x" * 1_000_000},)})
    with Driver(engine(tmp_path, "time.sleep(60)"), seconds=0.5, start=0.0) as driver:
        begun = monotonic()
        assert driver.ask(case) == Broken("no answer within 0.5 seconds")
    assert monotonic() - begun < 20


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs groups of processes")
def test_what_an_engine_started_ends_with_it(tmp_path: Path) -> None:
    text = f"""
    import subprocess
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdout=subprocess.DEVNULL)
    open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
    for asked in requests: tell(asked, matches=[0])
    """
    assert told(tmp_path, text) == [Matched((0,))]
    child = Path("/proc") / (tmp_path / "pid").read_text()
    waited = monotonic() + 10
    while child.exists() and "\nState:\tZ" not in (child / "status").read_text() and monotonic() < waited:
        sleep(0.05)
    assert not child.exists() or "\nState:\tZ" in (child / "status").read_text()


def test_a_program_that_is_not_there_is_said_at_once() -> None:
    with Driver(["/no/such/engine"]) as driver, pytest.raises(UsageError, match="/no/such/engine: cannot be started: No such file"):
        driver.ask(CONTAINS)


def test_what_an_engine_raises_becomes_its_answer(tmp_path: Path) -> None:
    def judge(_asked: object) -> dict[str, object]:
        message = "oh"
        raise ValueError(message)

    (tmp_path / "in").write_text('{"id": "x"}\n')
    with (tmp_path / "in").open("rb") as requests, (tmp_path / "out").open("wb") as answers:
        serve(judge, requests, answers)
    assert json.loads((tmp_path / "out").read_text()) == {"id": "x", "error": "ValueError: oh"}


def but(**changes: object) -> Case:
    return Case(**{name: getattr(CONTAINS, name) for name in CONTAINS.__slots__} | changes)


FOUND = Finding("r", (("u", "bob"),), (0, 1))


@pytest.mark.parametrize(
    ("case", "answer", "verdict", "why"),
    [
        (CONTAINS, Matched((0,)), "passed", ""),
        (CONTAINS, Matched((0, 1)), "failed", "matched [0, 1], should [0]"),
        (CONTAINS, Found((FOUND,)), "failed", "told findings where the events that match were asked for"),
        (CONTAINS, Refused("no"), "unsupported", "refused: no"),
        (CONTAINS, Unsupported("no"), "unsupported", "no"),
        (CONTAINS, Broken("oh"), "error", "oh"),
        (but(expect="refused"), Refused("no"), "passed", ""),
        (but(expect="refused"), Unsupported("no"), "unsupported", "no"),
        (but(expect="refused"), Matched(()), "failed", "ran a rule that must be refused"),
        (but(expect=(FOUND,)), Found((FOUND,)), "passed", ""),
        (but(expect=(FOUND,)), Found((Finding("r", FOUND.group, None),)), "passed", ""),
        (but(expect=(FOUND,)), Found(()), "failed", "missed r of u=bob in [0, 1]"),
        (but(expect=(FOUND,)), Found((FOUND, FOUND)), "failed", "found besides r of u=bob in [0, 1]"),
        (but(expect=(FOUND,)), Matched((0,)), "failed", "told which events match where findings were asked for"),
        (but(expect=()), Found((FOUND,)), "failed", "found besides r of u=bob in [0, 1]"),
        (but(expect=()), Found(()), "passed", ""),
    ],
)
def test_answers_are_judged(case: Case, answer: object, verdict: str, why: str) -> None:
    outcome = judged(case, answer)
    assert (outcome.verdict, outcome.why) == (verdict, why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: b", ":1: is no list of cases"),
        ("[", ":2: this is no YAML"),
        ("- x", ":1: a case is a mapping"),
        ("- {case: x, cites: y, rule: {}, expect: refused, more: 1}", ":1: more: no such key"),
        ("\n- {case: x, rule: {}, expect: refused}", ":2: cites: missing"),
        ("- {case: x, cites: y, rule: {}, expect: refused, silent: true}", ":1: silent: true and choice"),
        ("- {case: x, cites: y, rule: {}, expect: refused, events: [{a: b}]}", ":1: events: of no use"),
        ("- {case: x, cites: y, rule: {}, expect: [0]}", ":1: events: missing"),
        ("- {case: x, cites: y, rule: {}, expect: 0, events: [{a: b}]}", ":1: expect: is neither 'refused' nor a list"),
        ("- {case: x, cites: y, rule: {}, expect: [1], events: [{a: b}]}", ":1: expect: there is no event 1"),
        ("- &a {case: x, cites: y, rule: {}, expect: refused}\n- *a", "'x' has the name of another case of its chapter"),
    ],
)
def test_what_is_no_case_is_said_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "values").mkdir()
    (tmp_path / "values" / "some.yml").write_text(text)
    with pytest.raises(InputError) as raised:
        read_cases(tmp_path)
    assert why in str(raised.value)
