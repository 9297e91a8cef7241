"""Read detection rules of Elastic (TOML of its repository, NDJSON of its export), and carry over what their queries say plainly.

Rules of one query in KQL or in Lucene's syntax are translated where the query says which log it is about and asks for fields
that this log has; every other rule is refused with the reason: EQL and ES|QL are languages of their own, and a rule
that counts, compares with the past or asks a model is no query.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from bartizan.rules.imports.asked import ANY, NOTHING, Asked, detection_of
from bartizan.rules.imports.contract import Imported, Translated, refused
from bartizan.rules.imports.elastic.kql import NotTranslated, read_kql
from bartizan.rules.imports.elastic.lucene import read_lucene
from bartizan.rules.imports.elastic.translating import Carried, translated
from bartizan.rules.imports.files import files_of
from bartizan.rules.imports.naming import file_of, id_of, name_of, title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["read_elastic"]

_ELASTIC: Final = "elastic"
_LANGUAGES: Final = {"kuery": "KQL", "lucene": "Lucene", "eql": "EQL", "esql": "ES|QL"}
_TYPES: Final = {
    "machine_learning": "it asks a job of Elastic's machine learning",
    "new_terms": "it asks for what was not there before: bartizan_new_value says so, once the query is a rule",
    "threshold": "it counts: event_count says so, once the query is a rule",
    "threat_match": "it compares records with an index of indicators: give the list to --indicators",
}
_NO_LIBRARY: Final = "no maintained library with a fitting licence makes Sigma of it"
_READERS: Final[Mapping[str, Callable[[str], Asked]]] = {"kuery": read_kql, "lucene": read_lucene}
_LEVELS: Final = ("low", "medium", "high", "critical")
_TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?", re.ASCII)


def read_elastic(path: Path) -> Imported:
    """Read a file of rules, or every ``.toml``, ``.ndjson`` and ``.json`` file of a folder; InputError where there is none."""
    problems: list[str] = []
    rules: list[Translated] = []
    for file, shown in files_of(path, (".toml", ".ndjson", ".json")):
        try:
            rules += [_translated(rule, shown, line) for line, rule in _rules_in(file)]
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


def _translated(rule: dict[str, Any], path: str, line: int) -> Translated:
    kind, language = str(rule.get("type", "")), str(rule.get("language", ""))
    about: dict[str, Any] = {
        "id": str(rule.get("rule_id") or rule.get("id") or "-"),
        "title": title_of(str(rule.get("name", "")), "-"),
        "path": path,
        "line": line,
    }
    try:
        found = _carried(rule, kind, language)
    except NotTranslated as no:
        return Translated(**about, pieces=[refused(f"{kind or 'rule'} {language}".strip(), str(no))])
    name = name_of(_ELASTIC, about["id"])
    document = {**_head(rule, about), "name": name, "logsource": dict(found.logsource), "detection": detection_of(found.asked)}
    origin = {"x-origin": {"language": language, "rule": about["id"], "file": path, "line": line}}
    return Translated(**about, pieces=found.pieces, documents=[{**document, **origin}], place=file_of(_ELASTIC, about["id"]))


def _carried(rule: dict[str, Any], kind: str, language: str) -> Carried:
    """Carry the query of a rule over; raises NotTranslated with the reason."""
    if kind in _TYPES:
        raise NotTranslated(_TYPES[kind])
    if kind not in {"query", "saved_query"} or language not in _READERS:
        shown = _LANGUAGES.get(language, language or "no language that is named")
        message = f"it is written in {shown}: {_NO_LIBRARY}"
        raise NotTranslated(message)
    if rule.get("filters"):
        message = "filters: queries of Elasticsearch's own form beside the query"
        raise NotTranslated(message)
    query = rule.get("query")
    if not isinstance(query, str) or not query.strip():
        message = "query: is not there"
        raise NotTranslated(message)
    found = translated(_READERS[language](query))
    if found.asked in (ANY, NOTHING):
        message = "query: it asks nothing of a record beside which log it is of"
        raise NotTranslated(message)
    return found


def _head(rule: dict[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule says of itself."""
    severity = str(rule.get("severity", "medium")).lower()
    techniques = dict.fromkeys(f"attack.{found.lower()}" for found in _TECHNIQUE.findall(json.dumps(rule.get("threat", []), default=str)))
    return {
        "title": about["title"],
        "id": id_of(_ELASTIC, about["id"]),
        "status": "experimental",
        "description": f"Imported from rule {about['id']} of Elastic. {' '.join(str(rule.get('description', '')).split())}".strip(),
        "level": severity if severity in _LEVELS else "medium",
        **({"tags": list(techniques)} if techniques else {}),
    }
