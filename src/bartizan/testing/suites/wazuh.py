"""Run the test lines of a Wazuh rule set with the rules that were made of it.

The files are those of Wazuh's ``runtests``: ``.ini`` with sections of ``log 1 pass = LINE``, ``rule = ID``, ``alert = LEVEL``
and ``decoder = NAME``. Each line is read and judged as a hunt would, alone: a rule that counts others cannot fire on it.
"""

from __future__ import annotations

import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import catalogue
from bartizan.collect.units import read, units
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.setup import judge_for
from bartizan.errors import UsageError
from bartizan.rules.imports import MAPPINGS, REFUSED, RULES, write
from bartizan.testing.suites.tested import FAILED, NOT_RUNNABLE, PASSED, Tested, files_under

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.hunt.judge import Judge
    from bartizan.rules.imports import Imported, Translated

__all__ = ["wazuh_tests"]

_SECTION: Final = re.compile(r"\[(.*)\]\s*$")
_SETTING: Final = re.compile(r"([\w ]+?)\s*=\s?(.*)$")
_LOG: Final = re.compile(r"log \d+ (pass|fail)$")
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that a rule must report, or, where not ``passes``, must not."""

    path: str
    name: str
    rule: str
    text: str
    passes: bool


def wazuh_tests(paths: Sequence[Path], imported: Imported) -> Iterator[Tested]:
    """Judge every line of some files with imported rules, and say whether the rule that it is for fired."""
    lines = [line for path in paths for file in files_under(path, (".ini",)) for line in _lines_of(file)]
    if not lines:
        message = f"{paths[0]}: holds no test lines: sections with 'log 1 pass = LINE' and 'rule = ID'"
        raise UsageError(message)
    rules = {rule.id: rule for rule in imported.rules}
    with tempfile.TemporaryDirectory(prefix="bartizan-") as name:
        folder = Path(name)
        write(imported, folder / "imported")
        mappings = (folder / "imported" / MAPPINGS,) if imported.mappings else ()
        some = any(rule.documents for rule in imported.rules)
        request = Request(rules=(folder / "imported" / RULES,), now=time.time_ns(), mappings=mappings)
        judge = judge_for(request) if some else None
        owners = {str(document["id"]): rule.id for rule in imported.rules for document in rule.documents}
        for line in lines:
            why = _not_runnable(rules.get(line.rule)) or _not_loaded(rules[line.rule], judge)
            if why or judge is None:
                yield Tested(line.path, line.rule, line.name, NOT_RUNNABLE, why or "no rule could be carried")
            else:
                yield _run(line, judge, owners, folder / "line.log", mappings)


def _lines_of(file: Path) -> Iterator[_Line]:
    section, rule = "", ""
    logs: list[tuple[str, bool, str]] = []
    for text in [*file.read_text(encoding="utf-8", errors="backslashreplace").splitlines(), "[]"]:
        met = _SECTION.match(text)
        if met is not None:
            yield from (_Line(str(file), f"{section}: {key}", rule, log, passes) for key, passes, log in logs)
            section, rule, logs = met[1], "", []
            continue
        setting = _SETTING.match(text)
        if setting is None or text.startswith(("#", ";")):
            continue
        key, value = " ".join(setting[1].split()), setting[2]
        log = _LOG.match(key)
        if log is not None:
            logs.append((key, log[1] == "pass", value))
        elif key == "rule":
            rule = value.strip().lstrip("0") or "0"


def _not_runnable(rule: Translated | None) -> str:
    if rule is None:
        return "no rule of the files has this id"
    if rule.fate == REFUSED:
        return "the rule is refused: " + next(f"{piece.part}: {piece.why}" for piece in rule.pieces if piece.fate == REFUSED)
    if rule.note:
        return rule.note
    counts = any("correlation" in document for document in rule.documents)
    return "it counts other rules, which one line cannot show" if counts else ""


def _not_loaded(rule: Translated, judge: Judge | None) -> str:
    """Say why a rule that was written does not run: it asks for a list that only the user has."""
    ids = {str(document["id"]) for document in rule.documents}
    return next((one.why for one in judge.rules.refused if one.id in ids), "") if judge is not None else ""


def _run(line: _Line, judge: Judge, owners: dict[str, str], file: Path, mappings: tuple[Path, ...]) -> Tested:
    file.write_text(line.text + "\n", encoding="utf-8", errors="backslashreplace")
    known = catalogue(mappings)
    fired: list[str] = []
    source = ""
    for unit in units([str(file)], sources=known):
        for chunk in read(unit, sources=known):
            judged = judge.judge(chunk)
            source = source or next((name for name, rows in judged.rows if rows), "")
            fired += [owners.get(judge.rules.rules[found.rule].id, "") for found in judged.found]
    if (line.rule in fired) == line.passes:
        return Tested(line.path, line.rule, line.name, PASSED)
    others = ", ".join(list(dict.fromkeys(fired))[:_SHOWN]) or "none"
    if not line.passes:
        return Tested(line.path, line.rule, line.name, FAILED, f"it fired, and must not; rules that fired: {others}")
    read_by = f"read by {source}" if source else "no source reads the line"
    return Tested(line.path, line.rule, line.name, FAILED, f"it did not fire: {read_by}; rules that fired: {others}")
