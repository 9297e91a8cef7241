"""Read the cases of the conformance suite: events, rule documents, and what must come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from bartizan.documents import Document, documents
from bartizan.errors import InputError

__all__ = ["REFUSED", "Case", "Expected", "Finding", "cases_folder", "read_cases"]

REFUSED: Final = "refused"
"""What is expected of an engine where running the rule would give a silent wrong answer."""
_KEYS: Final = frozenset({"case", "cites", "silent", "choice", "placeholders", "rule", "events", "expect"})
_NEEDED: Final = ("case", "cites", "rule", "expect")
_LOGSOURCE: Final = {"category": "conformance"}
"""The log source of a document that names none: which one it is says nothing here."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a rule found: its title, the group's values by field, the numbers of the events that are part of it.

    ``events`` is None where an engine does not say which they are.
    """

    rule: str
    group: tuple[tuple[str, str], ...] = ()
    events: tuple[int, ...] | None = ()


Expected: TypeAlias = str | tuple[int, ...] | tuple[Finding, ...]
"""``REFUSED``, the numbers of the events that match (from 0), or findings where there are several rules or a correlation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. An event that is a text is a line of a text log; a mapping is a JSON record. They arrive in the order given.

    ``cites`` names the section of the specification, or the discussion, that the case follows; ``choice`` is what was
    decided where that is silent, and "" where it is not. The time of an event is its field ``time``.
    """

    id: str
    chapter: str
    title: str
    cites: str
    choice: str
    documents: tuple[Mapping[Any, Any], ...]
    events: tuple[Any, ...]
    expect: Expected
    placeholders: Mapping[str, Sequence[str]]

    @property
    def rules(self) -> str:
        """Return the rule documents as the text of one YAML file."""
        return yaml.safe_dump_all(self.documents, sort_keys=False, allow_unicode=True)


def cases_folder() -> Path:
    """Return the folder of the cases: in the package when installed, under ``tests/`` of the repository when not."""
    inside = Path(str(files("bartizan"))) / "testing" / "conformance" / "cases"
    beside = Path(__file__).resolve().parents[4] / "tests" / "conformance"
    for folder in (inside, beside):
        if folder.is_dir():
            return folder
    message = f"{inside}: the cases that belong to bartizan are missing; install it anew"
    raise InputError(message)


def read_cases(folder: Path | None = None) -> list[Case]:
    """Read every case below a folder, chapter by chapter; raises InputError for a file that holds what is no case."""
    root = cases_folder() if folder is None else folder
    found: dict[str, Case] = {}
    for path in sorted(root.rglob("*.yml")):
        for case in _read(path, path.relative_to(root).parts[0]):
            if case.id in found:
                message = f"{path}: '{case.title}' has the name of another case of its chapter; give it one of its own"
                raise InputError(message)
            found[case.id] = case
    return list(found.values())


def _read(path: Path, chapter: str) -> Iterator[Case]:
    for document in documents(path.read_bytes()):
        if not isinstance(document, Document) or not isinstance(document.value, list):
            why = "is no list of cases" if isinstance(document, Document) else document.why
            message = f"{path}:{document.line}: {why}"
            raise InputError(message)
        for entry in document.value:
            wrong = _wrong(entry)
            if wrong:
                message = f"{path}:{getattr(entry, 'line', document.line)}: {wrong}"
                raise InputError(message)
            yield _case(entry, chapter)


def _wrong(entry: object) -> str:
    """Say what keeps an entry from being a case, "" if nothing does."""
    if not isinstance(entry, Mapping):
        return "a case is a mapping"
    unknown = sorted(str(key) for key in entry if key not in _KEYS)
    missing = [key for key in _NEEDED if key not in entry]
    if unknown or missing:
        return f"{', '.join(unknown)}: no such key" if unknown else f"{', '.join(missing)}: missing"
    if (entry.get("silent") is True) != bool(entry.get("choice")):
        return "silent: true and choice: (what was decided) stand together"
    expect = entry["expect"]
    if expect == REFUSED:
        return "events: of no use where the rule is refused" if "events" in entry else ""
    if not isinstance(expect, list) or not entry.get("events"):
        return f"expect: is neither '{REFUSED}' nor a list" if entry.get("events") else "events: missing"
    numbers = [number for item in expect for number in (item.get("events", ()) if isinstance(item, Mapping) else [item])]
    beyond = [number for number in numbers if type(number) is not int or not 0 <= number < len(entry["events"])]
    return f"expect: there is no event {beyond[0]}" if beyond else ""


def _case(entry: Mapping[str, Any], chapter: str) -> Case:
    title = str(entry["case"])
    rule = entry["rule"]
    return Case(
        id=f"{chapter}/{_slug(title)}",
        chapter=chapter,
        title=title,
        cites=entry["cites"],
        choice=entry.get("choice", ""),
        documents=tuple(_completed(_plain(one), title) for one in (rule if isinstance(rule, list) else [rule])),
        events=tuple(_plain(event) for event in entry.get("events", ())),
        expect=_expected(entry["expect"]),
        placeholders=_plain(entry.get("placeholders", {})),
    )


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _completed(document: Any, title: str) -> Mapping[Any, Any]:  # noqa: ANN401 - YAML holds anything
    """Give a document the title and the log source that a case may leave out."""
    given = {"title": title} if "title" not in document else {}
    named = "correlation" not in document and "logsource" not in document
    return {**given, **({"logsource": dict(_LOGSOURCE)} if named else {}), **document}


def _expected(expect: Any) -> Expected:  # noqa: ANN401 - checked before
    if isinstance(expect, str) or all(isinstance(one, int) for one in expect):
        return expect if isinstance(expect, str) else tuple(sorted(expect))
    return tuple(finding_of(one) for one in expect)


def finding_of(told: Mapping[str, Any]) -> Finding:
    """Read a finding as data gives it: ``{rule, group: {field: value}, events: [numbers]}``; values are texts, letter case aside."""
    group = told.get("group") or {}
    events = told.get("events")
    named = tuple(sorted((str(field), "" if value is None else str(value).lower()) for field, value in group.items()))
    return Finding(str(told["rule"]), named, None if events is None else tuple(sorted(events)))


def _plain(value: Any) -> Any:  # noqa: ANN401 - YAML holds anything
    """Forget the lines of what was read."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
