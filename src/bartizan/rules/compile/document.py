"""Turn one document of a pack into a rule, a correlation, a filter, or the reason why it is none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bartizan.documents import Document, Map, documents
from bartizan.rules.compile.conditions import condition
from bartizan.rules.compile.correlations import correlation
from bartizan.rules.compile.detections import detection
from bartizan.rules.compile.metadata import answered_for, logsource_of, meta_of
from bartizan.rules.plan import AnyOf, Compiled, Correlation, Filter, Node, Refuse
from bartizan.rules.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.rules.compile.values import Placeholders

__all__ = ["Outcome", "compiled"]

Outcome: TypeAlias = Compiled | Correlation | Filter | Refuse


def compiled(content: bytes, placeholders: Placeholders) -> list[Outcome]:
    """Compile every document of a file, in order; a file without any yields one refusal."""
    outcomes: list[Outcome] = []
    for number, document in enumerate(documents(content)):
        if isinstance(document, Refused):
            outcomes.append(Refuse(document.line, document.why))
        elif document.value is not None or number:
            outcomes.append(_outcome(number, document, placeholders))
    return outcomes or [Refuse(0, "the file holds no document")]


def _outcome(number: int, document: Document, placeholders: Placeholders) -> Outcome:
    rule = document.value
    if not isinstance(rule, Map):
        return Refuse(document.line, "this is no Sigma rule: the document is no mapping")
    try:
        if "filter" in rule:
            return _filter(number, rule, placeholders)
        if "correlation" in rule:
            return correlation(number, rule)
        _check_kind(rule)
        meta = meta_of(rule)
        return Compiled(number, rule.line, meta, _asked(rule, "detection", placeholders))
    except Refused as refused:
        return Refuse(refused.line, refused.why, _shown_id(rule))


def _check_kind(rule: Map) -> None:
    if "action" in rule:
        message = "documents with 'action' are not read: write each rule out"
        raise Refused(message, rule.lines["action"])
    if "detection" not in rule:
        message = "this is no Sigma rule: it has no 'detection'"
        raise Refused(message, rule.line)


def _filter(number: int, rule: Map, placeholders: Placeholders) -> Filter:
    body = rule["filter"]
    if not isinstance(body, Map):
        message = "filter: is no mapping of rules, selections and a condition"
        raise Refused(message, rule.lines["filter"])
    named = body.get("rules")
    rules = [one for one in (named if isinstance(named, list) else [named]) if isinstance(one, str)]
    if named is None or (isinstance(named, list) and len(rules) < len(named)) or (not rules and named != []):
        message = "filter.rules: name rules by id or name, or write any"
        raise Refused(message, body.lines.get("rules", rule.lines["filter"]))
    title = rule.get("title")
    if not isinstance(title, str):
        message = "title: missing"
        raise Refused(message, rule.line)
    named_or_any = tuple(one.lower() if one.lower() == "any" else one for one in rules) or ("any",)
    asked = _asked(rule, "filter", placeholders)
    return Filter(number, rule.line, title, logsource_of(rule), named_or_any, asked, _shown_id(rule), *answered_for(rule))


def _asked(rule: Map, key: str, placeholders: Placeholders) -> Node:
    """Return what the selections and the condition under ``key`` ask."""
    body = rule[key]
    if not isinstance(body, Map):
        message = f"{key}: is no mapping of selections and a condition"
        raise Refused(message, rule.lines[key])
    if body.get("condition") in (None, []):
        message = f"{key}: has no condition"
        raise Refused(message, rule.lines[key])
    reserved = ("condition", "timeframe") if key == "detection" else ("condition", "rules")
    selections = {str(name): _selection(str(name), body, name, placeholders) for name in body if name not in reserved}
    if "timeframe" in body and key == "detection":
        message = "detection.timeframe: aggregations over time are no longer Sigma: write a correlation rule"
        raise Refused(message, body.lines["timeframe"])
    conditions = body["condition"] if isinstance(body["condition"], list) else [body["condition"]]
    return _conditions(conditions, selections, body.lines["condition"])


def _selection(name: str, body: Map, key: object, placeholders: Placeholders) -> Node:
    return detection(name, body[key], body.lines.get(key, body.line), placeholders)


def _conditions(texts: list[object], selections: Mapping[str, Node], line: int) -> Node:
    """Join the conditions of a rule with OR."""
    try:
        nodes = tuple(condition(text, selections) for text in texts)
    except Refused as refused:
        raise Refused(refused.why, line) from refused
    return nodes[0] if len(nodes) == 1 else AnyOf(nodes)


def _shown_id(rule: Map) -> str:
    value = rule.get("id")
    return value if isinstance(value, str) else ""
