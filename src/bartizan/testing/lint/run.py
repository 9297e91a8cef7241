"""Read rules for the lints and run every lint."""

from __future__ import annotations

import importlib
import pkgutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.documents import Document, Map, Refused, documents
from bartizan.rules.compile.conditions import condition
from bartizan.rules.compile.detections import detection
from bartizan.rules.compile.document import compiled
from bartizan.rules.compile.metadata import meta_of
from bartizan.rules.packs import files
from bartizan.rules.plan import AnyOf, Correlation, Refuse
from bartizan.schema.logsource import Logsource
from bartizan.testing.lint import checks
from bartizan.testing.lint.contract import Lint, LintRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.rules.compile import Outcome
    from bartizan.rules.packs import PackFile
    from bartizan.rules.plan import Node
    from bartizan.testing.lint.contract import Check

__all__ = ["Linted", "lint"]


@dataclass(frozen=True, slots=True)
class Linted:
    """What lints found in how many rules of how many files, sorted by place."""

    files: int
    rules: int
    found: Sequence[Lint]


def lint(paths: Sequence[Path], placeholders: Mapping[str, Sequence[str]] | None = None) -> Linted:
    """Look over every rule of files, folders and zip archives. RulesError where a path is not there or holds none."""
    packed = [(file, [] if file.problem else compiled(file.content, placeholders or {})) for file in files(paths)]
    correlations = [one for _, outcomes in packed for one in outcomes if isinstance(one, Correlation) and not one.generate]
    parts = frozenset(name.lower() for one in correlations for name, _ in one.rules)
    rules: list[LintRule] = []
    found: list[Lint] = []
    for file, outcomes in packed:
        found.extend(_refusals(file, outcomes))
        rules.extend(_rules(file, placeholders or {}, parts))
    for module in sorted(module.name for module in pkgutil.iter_modules(checks.__path__)):
        check: Check = importlib.import_module(f"{checks.__name__}.{module}")
        found.extend(check.check(rules))
    return Linted(len(packed), len(rules), sorted(set(found)))


def _refusals(file: PackFile, outcomes: Sequence[Outcome]) -> Iterator[Lint]:
    fix = "mend the document: as it is nothing runs it"
    refused = [Refuse(0, file.problem)] if file.problem else [one for one in outcomes if isinstance(one, Refuse)]
    return (Lint(file.path, one.line, "refused-rule", "error", one.why, fix) for one in refused)


def _rules(file: PackFile, placeholders: Mapping[str, Sequence[str]], parts: frozenset[str]) -> Iterator[LintRule]:
    """Give the rules of a file that can be read; filters and correlations are left to the compiler."""
    for document in documents(file.content):
        if isinstance(document, Document) and isinstance(document.value, Map) and "detection" in document.value:
            # What is refused was told with the other refusals.
            with suppress(Refused):
                yield _rule(file.path, document.value, placeholders, parts)


def _rule(path: str, document: Map, placeholders: Mapping[str, Sequence[str]], parts: frozenset[str]) -> LintRule:
    meta = meta_of(document)
    body = document["detection"]
    if not isinstance(body, Map):
        message = "detection: is no mapping"
        raise Refused(message, document.line)
    selections: dict[str, Node] = {
        str(name): detection(str(name), value, body.lines.get(name, body.line), placeholders)
        for name, value in body.items()
        if name not in {"condition", "timeframe"}
    }
    texts = body.get("condition")
    nodes = tuple(condition(text, selections) for text in (texts if isinstance(texts, list) else [texts]))
    whole = nodes[0] if len(nodes) == 1 else AnyOf(nodes)
    return LintRule(
        path=path,
        document=document,
        meta=meta,
        logsource=Logsource(*meta.logsource),
        condition=whole,
        selections=selections,
        part=not parts.isdisjoint({meta.id.lower(), meta.name.lower()} - {""}),
    )
