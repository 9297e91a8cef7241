"""Run SigmaHQ's regression data: ``info.yml`` beside an event log (and the same events as JSON) names the rule that must fire.

Layout of the repository SigmaHQ/sigma, ``regression_data/``: a test passes where its rule fires at least ``match_count``
times (once where that is not given) on its file.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from bartizan.collect.units import read, units
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.setup import judge_for
from bartizan.errors import UsageError
from bartizan.testing.suites.tested import FAILED, NOT_RUNNABLE, PASSED, Tested, files_under

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.detect.hunt.judge import Judge
    from bartizan.testing.suites.tested import Setting

__all__ = ["sigmahq_tests"]

_INFO = "info.yml"
_NO_TESTS = "it names no test"


def sigmahq_tests(paths: Sequence[Path], setting: Setting) -> Iterator[Tested]:
    """Run every test that an ``info.yml`` under some folders names, on its file and on the JSON twin beside it."""
    infos = [file for path in paths for file in files_under(path, (".yml",)) if file.name == _INFO]
    if not infos:
        message = f"{paths[0]}: holds no {_INFO}: is it a folder of SigmaHQ's regression_data?"
        raise UsageError(message)
    request = Request(rules=tuple(setting.packs), now=time.time_ns(), placeholders=setting.placeholders)
    judge = judge_for(request)
    known = {rule.id for rule in judge.rules.rules}
    refused = {one.id: f"{one.path}:{one.line}: {one.why}" for one in judge.rules.refused if one.id}
    for info in infos:
        for test in _tests_of(info):
            if isinstance(test, Tested):
                yield test
            elif test.rule in known:
                yield from _run(test, judge)
            else:
                why = f"the rule is refused: {refused[test.rule]}" if test.rule in refused else "no rule of the packs has this id"
                yield Tested(str(info), test.rule, test.name, NOT_RUNNABLE, why)


class _Test:
    """A test of an info file: the rule's id, how often it must fire at least, and the file."""

    def __init__(self, info: Path, rule: str, name: str, told: dict[str, Any]) -> None:
        count = told.get("match_count")
        self.info, self.rule, self.name = info, rule, name
        self.count = count if isinstance(count, int) and count > 0 else 1
        # Paths are those of the repository; the files stand beside the info file.
        self.file = info.parent / PurePosixPath(str(told.get("path"))).name


def _tests_of(info: Path) -> Iterator[_Test | Tested]:
    try:
        told = yaml.load(info.read_bytes(), Loader=yaml.CSafeLoader)
        rules = [str(rule["id"]).lower() for rule in told["rule_metadata"]]
        tests = [one for one in told.get("regression_tests_info") or () if isinstance(one, dict)]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        yield Tested(str(info), "", "", NOT_RUNNABLE, f"is no info file of regression data: {' '.join(str(error).split())}")
        return
    if not tests:
        yield Tested(str(info), ", ".join(rules), "", NOT_RUNNABLE, _NO_TESTS)
    for number, test in enumerate(tests, 1):
        for rule in rules:
            yield _Test(info, rule, str(test.get("name") or f"test {number}"), test)


def _run(test: _Test, judge: Judge) -> Iterator[Tested]:
    if not test.file.is_file():
        yield Tested(str(test.info), test.rule, test.name, NOT_RUNNABLE, f"{test.file.name}: is not there")
        return
    twin = test.file.with_suffix(".json")
    for file in dict.fromkeys((test.file, twin) if twin.is_file() else (test.file,)):
        counts, read_ = _fired(file, judge)
        name = f"{test.name} ({file.suffix.lstrip('.')})"
        if counts[test.rule] >= test.count:
            yield Tested(str(file), test.rule, name, PASSED)
        elif not read_:
            yield Tested(str(file), test.rule, name, NOT_RUNNABLE, "no source reads a record of this file")
        else:
            others = ", ".join(sorted(set(counts) - {test.rule})[:5]) or "none"
            why = f"fired {counts[test.rule]} of {test.count} times on {read_} records; other rules that fired: {others}"
            yield Tested(str(file), test.rule, name, FAILED, why)


def _fired(file: Path, judge: Judge) -> tuple[Counter[str], int]:
    """Return how often each rule fires on a file, every record judged, and how many records were read."""
    counts: Counter[str] = Counter()
    read_ = 0
    for unit in units([str(file)]):
        for chunk in read(unit):
            judged = judge.judge(chunk)
            counts.update(judge.rules.rules[found.rule].id for found in judged.found)
            read_ += judged.count - len(judged.unparsed)
    return counts, read_
