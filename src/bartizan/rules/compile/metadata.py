"""Check what a rule says of itself, each mistake with its line."""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from uuid import UUID

from bartizan.documents import Map
from bartizan.rules.plan import Meta
from bartizan.rules.refusals import Refused, suggestion

__all__ = ["LEVELS", "STATUSES", "answered_for", "logsource_of", "meta_of"]

LEVELS: Final = ("informational", "low", "medium", "high", "critical")
STATUSES: Final = ("unsupported", "deprecated", "experimental", "test", "stable")
MAX_TITLE: Final = 256
"""Characters of a title (Sigma specification, "Title")."""
_DATE: Final = re.compile(r"[1-3]\d{3}-[01]\d-[0-3]\d|[1-3]\d{3}/[01]?\d/[0-3]?\d", re.ASCII)
_WORDS: Final = ("description", "author", "license", "name", "taxonomy")
_LISTS: Final = ("references", "tags", "falsepositives", "fields", "scope", "related")


def meta_of(rule: Map, *, sourced: bool = True) -> Meta:
    """Return what a rule says of itself; an attribute that is not what the specification says is a refusal.

    ``sourced``: whether it must name a log source; a correlation has none of its own.
    """
    for key in _WORDS:
        _check(rule, key, isinstance(rule.get(key, ""), str | None), "is no text")
    for key in _LISTS:
        _check(rule, key, isinstance(rule.get(key, []), list | None), "is no list")
    for key in ("date", "modified"):
        value = rule.get(key)
        _check(rule, key, value is None or isinstance(value, date) or bool(_DATE.fullmatch(str(value))), "is no date (write 2024-12-31)")
    return Meta(
        id=_id(rule),
        title=_title(rule),
        logsource=logsource_of(rule) if sourced else ("", "", ""),
        level=_choice(rule, "level", LEVELS) or "informational",
        status=_choice(rule, "status", STATUSES),
        description=rule.get("description") or "",
        author=rule.get("author") or "",
        license=rule.get("license") or "",
        tags=_tags(rule),
        references=_texts(rule, "references"),
        falsepositives=_texts(rule, "falsepositives"),
        name=rule.get("name") or "",
        dedup=_dedup(rule),
    )


def answered_for(rule: Map) -> tuple[str, str, str]:
    """Return owner, reason and last day (ISO 8601) of a filter that is an exception, "" for what is not given."""
    for key in ("owner", "reason"):
        _check(rule, key, isinstance(rule.get(key, ""), str | None), "is no text")
    return rule.get("owner") or "", rule.get("reason") or "", _day(rule, "expires")


def logsource_of(rule: Map) -> tuple[str, str, str]:
    """Return product, category and service of a rule's log source, "" for a part not given."""
    source = rule.get("logsource")
    if source is None:
        message = "logsource: missing; say product, category or service"
        raise Refused(message, rule.line)
    if not isinstance(source, Map):
        message = "logsource: is no mapping of product, category, service"
        raise Refused(message, rule.lines["logsource"])
    parts = []
    for key in ("product", "category", "service"):
        value = source.get(key)
        _check(source, key, value is None or isinstance(value, str), "is no text", "logsource.")
        parts.append(value or "")
    if not any(parts):
        message = "logsource: names neither product, category nor service"
        raise Refused(message, rule.lines["logsource"])
    return parts[0], parts[1], parts[2]


def _check(mapping: Map, key: str, good: object, complaint: str, prefix: str = "") -> None:
    if not good:
        message = f"{prefix}{key}: '{_shown(mapping[key])}' {complaint}"
        raise Refused(message, mapping.lines[key])


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - fits a line of a terminal beside path and key


def _id(rule: Map) -> str:
    value = rule.get("id")
    if value is None:
        return ""
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError) as error:
        message = f"id: '{_shown(value)}' is no UUID"
        raise Refused(message, rule.lines["id"]) from error


def _title(rule: Map) -> str:
    title = rule.get("title")
    if title is None:
        message = "title: missing"
        raise Refused(message, rule.line)
    _check(rule, "title", isinstance(title, str), "is no text")
    _check(rule, "title", len(title) <= MAX_TITLE, f"is longer than {MAX_TITLE} characters")
    return str(title)


def _day(rule: Map, key: str) -> str:
    value = rule.get(key)
    if value is None:
        return ""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        message = f"{key}: '{_shown(value)}' is no date (write 2024-12-31)"
        raise Refused(message, rule.lines[key]) from error


def _choice(rule: Map, key: str, known: tuple[str, ...]) -> str:
    value = rule.get(key)
    if value is None:
        return ""
    _check(rule, key, isinstance(value, str), f"is no {key}")
    _check(rule, key, value.lower() in known, f"is no {key}{suggestion(value, known) or ': write ' + ', '.join(known)}")
    return str(value).lower()


def _tags(rule: Map) -> tuple[str, ...]:
    tags = _texts(rule, "tags")
    for tag in tags:
        if "." not in tag:
            message = f"tags: '{_shown(tag)}' has no namespace (write attack.t1059)"
            raise Refused(message, rule.lines["tags"])
    return tags


def _dedup(rule: Map) -> tuple[str, ...]:
    """Return ``bartizan.alert.dedup``, a key of our own: other Sigma tools pass it over."""
    outer = rule.get("bartizan")
    if outer is None:
        return ()
    _check(rule, "bartizan", isinstance(outer, Map), "is no mapping (write bartizan: {alert: {dedup: [process.file.path]}})")
    alert = outer.get("alert")
    if alert is None:
        return ()
    _check(outer, "alert", isinstance(alert, Map), "is no mapping (write alert: {dedup: [process.file.path]})", "bartizan.")
    if unknown := next((key for key in alert if key != "dedup"), None):
        message = f"bartizan.alert.{unknown}: is no key of an alert; there is dedup"
        raise Refused(message, alert.lines[unknown])
    named = alert.get("dedup") or []
    good = isinstance(named, list) and all(isinstance(name, str) and name for name in named)
    if "dedup" in alert:
        _check(alert, "dedup", good, "is no list of attributes", "bartizan.alert.")
    return tuple(dict.fromkeys(named))


def _texts(rule: Map, key: str) -> tuple[str, ...]:
    return tuple(str(one) for one in rule.get(key) or ())
