"""Speak with an engine: one JSON object per line asks, one answers.

A request: ``{"id", "rules", "placeholders", "events", "time"}``; ``rules`` is the text of a YAML file, ``events`` a list of
objects (JSON records) and texts (lines of a text log) in the order of their arrival, ``time`` the field that holds the time
of an event. An answer repeats ``id`` and says one of

- ``matches``: the numbers of the events that match, from 0;
- ``findings``: a list of ``{"rule", "group", "events"}`` where there are several rules or a correlation; an engine that
  cannot say which events are part of a finding leaves ``events`` out;
- ``refused``: why this is no rule that may be run;
- ``unsupported``: what this engine cannot do, though the rule is one;
- ``error``: what went wrong inside the engine, which goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bartizan.testing.conformance.case import Finding, finding_of

if TYPE_CHECKING:
    from bartizan.testing.conformance.case import Case

__all__ = ["Answer", "Broken", "Found", "Matched", "Refused", "Unsupported", "answered", "request"]

TIME_FIELD: Final = "time"
_SHOWN: Final = 200
"""Characters of a strange answer that are shown."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The events that match."""

    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What rules and correlations found, in no order."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine says that this is no rule that may be run."""

    why: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The engine says that it cannot do this."""

    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """There is no answer, or none that can be read. ``lost``: the engine must be started anew before it is asked again."""

    why: str
    lost: bool = True


Answer: TypeAlias = Matched | Found | Refused | Unsupported | Broken


def request(case: Case) -> bytes:
    """Return the line that asks an engine for a case."""
    asked = {
        "id": case.id,
        "rules": case.rules,
        "placeholders": {name: list(values) for name, values in case.placeholders.items()},
        "events": list(case.events),
        "time": TIME_FIELD,
    }
    return json.dumps(asked, ensure_ascii=False).encode() + b"\n"


def answered(line: bytes, case: Case) -> Answer:
    """Read the line with which an engine answers; what cannot be read comes as ``Broken`` with the reason."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return Broken(f"answered what is no JSON: {_shown(line)}")
    if not isinstance(told, Mapping) or told.get("id") != case.id:
        return Broken(f"answered something else than was asked: {_shown(line)}")
    try:
        return _answer(told, case)
    except (KeyError, TypeError, AttributeError, ValueError):
        return Broken(f"answered what is no answer: {_shown(line)}")


def _answer(told: Mapping[str, Any], case: Case) -> Answer:
    if "error" in told:
        return Broken(str(told["error"]), lost=False)
    if "refused" in told:
        return Refused(str(told["refused"]))
    if "unsupported" in told:
        return Unsupported(str(told["unsupported"]))
    if "findings" in told:
        return Found(tuple(_finding(one, case) for one in told["findings"]))
    return Matched(_numbers(told["matches"], case))


def _finding(told: Mapping[str, Any], case: Case) -> Finding:
    if told.get("events") is not None:
        _numbers(told["events"], case)
    return finding_of(told)


def _numbers(told: Any, case: Case) -> tuple[int, ...]:  # noqa: ANN401 - JSON holds anything
    if not isinstance(told, list) or not all(type(number) is int and 0 <= number < len(case.events) for number in told):
        message = "no list of numbers of events"
        raise TypeError(message)
    return tuple(sorted(set(told)))


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "backslashreplace").rstrip("\n")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
