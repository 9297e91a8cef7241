"""Write a case as a timeline for Timesketch, as CSV and as JSON lines.

Columns: the required ``message``, ``datetime`` and ``timestamp_desc``, and ``timestamp`` in microseconds (Timesketch's guide "Create
timeline from JSON/JSONL/CSV file"); what else there is becomes attributes of the event. A cell that a spreadsheet would take for a
formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.explain.cases.moments import detail_of, moment_of
from bartizan.explain.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.explain.cases.moments import Moment
    from bartizan.explain.cases.page import CasePage

__all__ = ["timesketch_csv", "timesketch_jsonl"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def timesketch_jsonl(page: CasePage) -> str:
    """Return one event per line, by time: the findings of every signal of a case."""
    return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in _events(page))


def timesketch_csv(page: CasePage) -> str:
    """Return the same events as CSV; lists are joined by spaces."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    events = list(_events(page))
    if events:
        writer.writerow(list(events[0]))
        writer.writerows([_cell(value) for value in event.values()] for event in events)
    return out.getvalue()


def _events(page: CasePage) -> Iterator[dict[str, object]]:
    for signal in page.case.signals:
        told = moment_of(page.case, signal)
        if not signal.findings:
            yield _event(page, told, signal.first)
        for finding in signal.findings:
            told_of = {
                "finding_uid": finding.uid,
                "record_uids": list(finding.records),
                "origin": visible(f"{finding.origin}:{finding.record}"),
            }
            yield _event(page, told, finding.time, detail_of(finding)) | told_of


def _event(page: CasePage, told: Moment, time: int, detail: str = "") -> dict[str, object]:
    who = f" by {told.who}" if told.who else ""
    return {
        "message": visible(f"{told.title} {told.where}{who}{f': {detail}' if detail else ''}"),
        "datetime": _stamp(time),
        "timestamp": time // 1_000,
        "timestamp_desc": "Finding",
        "case_id": page.case.id,
        "ring": "core" if told.core else "suspected",
        "severity": NAMES[told.severity_id],
        "tactics": list(told.tactics),
        "techniques": list(told.techniques),
        "finding_uid": "",
        "record_uids": [],
        "origin": "",
        "tag": ["bartizan", "core" if told.core else "suspected"],
    }


def _stamp(time: int) -> str:
    try:
        return datetime.fromtimestamp(time / 1e9, UTC).isoformat(timespec="microseconds")
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00.000000+00:00"


def _cell(value: object) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
