"""Run Panther's tests: those in its rule files (``Tests:``), and test files that drive rules of ours.

A test file has a ``{"rule": …, "test": …, "expected": true, "event": {…}}`` on each line; ``rule`` names one of ours by id,
title or file name. Its event is a raw record, taken for whatever source knows it.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bartizan import rules
from bartizan.detect.explaining import explain_records
from bartizan.rules.contract import Records
from bartizan.rules.match import FastBound, Memory
from bartizan.rules.naive import reference_rules
from bartizan.rules.refusals import Refused
from bartizan.schema.columns import Frame
from bartizan.schema.logsource import Logsource, View
from bartizan.testing.suites.panther_rule import plan_of
from bartizan.testing.suites.tested import FAILED, NOT_RUNNABLE, PASSED, Tested, files_under

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.rules.ruleset import LoadedRules
    from bartizan.schema.columns import Cell
    from bartizan.testing.suites.tested import Setting

__all__ = ["panther_tests"]

_LINES = (".ndjson", ".jsonl")
_RULES = (".yml", ".yaml")


def panther_tests(paths: Sequence[Path], setting: Setting) -> Iterator[Tested]:
    """Run the tests of Panther rules and test files; what cannot be run says why."""
    files = [file for path in paths for file in files_under(path, (*_LINES, *_RULES))]
    lines = [file for file in files if file.suffix.lower() in _LINES]
    if lines:
        loaded = rules.load(setting.packs, placeholders=setting.placeholders)
        for file in lines:
            yield from _of_lines(file, loaded)
    for file in files:
        if file.suffix.lower() in _RULES:
            yield from _of_rule_file(file)


def _of_rule_file(file: Path) -> Iterator[Tested]:
    try:
        document = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        yield Tested(str(file), "", "", NOT_RUNNABLE, f"is no YAML: {' '.join(str(error).split())}")
        return
    tests = document.get("Tests") if isinstance(document, Mapping) else None
    if not isinstance(tests, list):
        # Sigma rules stand beside Panther's: they have no Tests and are no business of this suite.
        return
    rule = str(document.get("RuleID") or document.get("DisplayName") or file.stem)
    try:
        plan = plan_of(document)
    except Refused as refused:
        for number, test in enumerate(tests, 1):
            yield Tested(str(file), rule, _name(test, number), NOT_RUNNABLE, refused.why)
        return
    anything = View(Logsource("panther"))
    bound = FastBound([(0, plan, anything)], Memory())
    for number, test in enumerate(tests, 1):
        log, expected = (test.get("Log"), test.get("ExpectedResult")) if isinstance(test, Mapping) else (None, None)
        if not isinstance(log, Mapping) or not isinstance(expected, bool):
            yield Tested(str(file), rule, _name(test, number), NOT_RUNNABLE, "the test has no Log, or no ExpectedResult of true or false")
            continue
        flat = dict(_flat("", log))
        lists = sorted(set(bound.fields) & {name for name, cell in flat.items() if isinstance(cell, tuple)})
        if lists:
            yield Tested(str(file), rule, _name(test, number), NOT_RUNNABLE, f"{lists[0]} is a list, which is looked at otherwise there")
            continue
        records = Records(Frame.of([flat]), [json.dumps(log, default=str).encode()], structured=True)
        yield _judged((str(file), rule, _name(test, number)), fired=bool(bound.match(records)), expected=expected)


def _of_lines(file: Path, loaded: LoadedRules) -> Iterator[Tested]:
    by_rule: defaultdict[str, list[tuple[str, bool, bytes]]] = defaultdict(list)
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            told = json.loads(line)
            test = (str(told["test"]), bool(told["expected"]), json.dumps(told["event"]).encode())
            by_rule[str(told["rule"])].append(test)
        except (ValueError, KeyError, TypeError) as error:
            yield Tested(f"{file}:{number}", "", "", NOT_RUNNABLE, f"is no test ({{rule, test, expected, event}}): {error}")
    for rule, tests in by_rule.items():
        place = _place(rule, loaded)
        if isinstance(place, str):
            yield from (Tested(str(file), rule, name, NOT_RUNNABLE, place) for name, _, _ in tests)
        else:
            yield from _driven(file, rule, tests, loaded, place)


def _driven(file: Path, rule: str, tests: Sequence[tuple[str, bool, bytes]], loaded: LoadedRules, place: int) -> Iterator[Tested]:
    """Judge the events of one rule's tests, in one file of raw records."""
    reference = reference_rules(loaded, [place])[place]
    with tempfile.TemporaryDirectory(prefix="bartizan-") as folder:
        events = Path(folder, "events.json")
        events.write_bytes(b"".join(event + b"\n" for _, _, event in tests))
        told = list(explain_records(reference, [str(events)]))
    for (name, expected, _), one in zip(tests, told, strict=True):
        if one.explanation is None:
            yield Tested(str(file), rule, name, NOT_RUNNABLE, one.why_not)
        else:
            yield _judged((str(file), rule, name), fired=one.explanation.fires, expected=expected, why="; ".join(one.explanation.why[:3]))


def _judged(where: tuple[str, str, str], *, fired: bool, expected: bool, why: str = "") -> Tested:
    if fired is expected:
        return Tested(*where, PASSED)
    what = "should fire, did not" if expected else "should not fire, did"
    return Tested(*where, FAILED, f"{what}: {why}" if why else what)


def _place(name: str, loaded: LoadedRules) -> int | str:
    """Return the place of the one rule of this id, title or file name, or why there is none."""
    asked = name.lower()
    found = [
        place
        for place, rule in enumerate(loaded.rules)
        if asked in {rule.id.lower(), rule.title.lower(), Path(rule.path.rsplit("!", 1)[-1]).stem.lower()}
    ]
    if len(found) == 1:
        return found[0]
    return f"{len(found)} rules are called so" if found else "no rule of the packs has this id, title or file name"


def _name(test: object, number: int) -> str:
    return str(test["Name"]) if isinstance(test, Mapping) and test.get("Name") else f"test {number}"


def _flat(prefix: str, log: Mapping[Any, Any]) -> Iterator[tuple[str, Cell]]:
    for name, value in log.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}{name}.", value)
        elif isinstance(value, list):
            yield f"{prefix}{name}", tuple(str(item) for item in value)
        else:
            yield f"{prefix}{name}", value if isinstance(value, str | int | float | bool | None) else str(value)
