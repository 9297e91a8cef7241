"""Read detection rules of Elastic (TOML of its repository, NDJSON of its export), and refuse each with the reason.

There is no maintained library that makes Sigma of KQL, Lucene, EQL or ES|QL; what a rule is, and what keeps it from being
taken over, is told rule by rule.
"""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any, Final

from bartizan.rules.imports.contract import Imported, Translated, refused
from bartizan.rules.imports.files import files_of
from bartizan.rules.imports.naming import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["read_elastic"]

_LANGUAGES: Final = {"kuery": "KQL", "lucene": "Lucene", "eql": "EQL", "esql": "ES|QL"}
_TYPES: Final = {
    "machine_learning": "it asks a job of Elastic's machine learning",
    "threat_match": "it compares records with an index of indicators: give the list to --indicators",
}
_NO_LIBRARY: Final = "no maintained library makes Sigma of it"


def read_elastic(path: Path) -> Imported:
    """Read a file of rules, or every ``.toml``, ``.ndjson`` and ``.json`` file of a folder; InputError where there is none."""
    problems: list[str] = []
    rules: list[Translated] = []
    for file, shown in files_of(path, (".toml", ".ndjson", ".json")):
        try:
            rules += [_refused(rule, shown, line) for line, rule in _rules_in(file)]
        except (OSError, ValueError, RecursionError) as error:
            problems.append(f"{shown}: cannot be read: {' '.join(str(error).split())[:200]}")
    return Imported(language="elastic", rules=rules, problems=problems)


def _rules_in(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rules of a file with the line that each begins on."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix.lower() == ".toml":
        rule = tomllib.loads(text).get("rule")
        if not isinstance(rule, dict):
            message = "has no [rule]"
            raise ValueError(message)
        yield 1, rule
        return
    for number, line in enumerate(text.splitlines(), 1):
        rule = json.loads(line) if line.strip() else None
        # The last line of an export counts the rules before it.
        if isinstance(rule, dict) and "type" in rule and "name" in rule:
            yield number, rule


def _refused(rule: dict[str, Any], path: str, line: int) -> Translated:
    kind, language = str(rule.get("type", "")), str(rule.get("language", ""))
    shown = _LANGUAGES.get(language, language or "no language that is named")
    why = _TYPES.get(kind) or f"it is written in {shown}: {_NO_LIBRARY}"
    pieces = [refused(f"{kind or 'rule'} {language}".strip(), why)]
    return Translated(
        id=str(rule.get("rule_id") or rule.get("id") or "-"),
        title=title_of(str(rule.get("name", "")), "-"),
        path=path,
        line=line,
        pieces=pieces,
    )
