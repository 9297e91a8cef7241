"""Read the conformance cases of ``semantics/``: a rule, rows, and the numbers of the rows on which it must fire."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bartizan.rules.contract import Records
from bartizan.schema.columns import Cell, Frame
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER = Path(__file__).with_name("semantics")


@dataclass(frozen=True)
class Case:
    """One case. A row that is a string is a line of a text log, a mapping is a JSON record of these fields."""

    file: str
    number: int
    title: str
    spec: str
    detection: Mapping[str, Any]
    rows: Sequence[Any] = ()
    fires: Sequence[int] = ()
    refused: bool = False
    placeholders: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"semantics/{self.file}/{self.title}"))

    @property
    def product(self) -> str:
        """A log source of its own, so that one loaded set can be bound case by case."""
        return f"case-{self.file}-{self.number}"

    @property
    def views(self) -> tuple[View, ...]:
        return (View(Logsource(self.product)),)

    def document(self) -> dict[str, Any]:
        return {"title": self.title, "id": self.id, "logsource": {"product": self.product}, "detection": self.detection}

    def batches(self) -> list[tuple[list[int], Records]]:
        """Give the rows of JSON and those of text apart, each with the numbers of its rows."""
        found = []
        for structured in (True, False):
            numbers = [number for number, row in enumerate(self.rows) if isinstance(row, dict) is structured]
            rows = [self.rows[number] for number in numbers]
            raw = [(json.dumps(row) if structured else row).encode() for row in rows]
            frame = Frame.of([{name: cell_of(value) for name, value in row.items()} if structured else {} for row in rows])
            found.append((numbers, Records(frame, raw, structured)))
        return found


def cell_of(value: Any) -> Cell:  # noqa: ANN401 - YAML holds anything
    if isinstance(value, list):
        return tuple(cell_of(item) for item in value)
    return {name: cell_of(item) for name, item in value.items()} if isinstance(value, dict) else value


def read_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.yml")) for case in _read(path)]


def _read(path: Path) -> list[Case]:
    cases = []
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
        detection = entry["detection"] if "detection" in entry else {"sel": entry["ask"], "condition": "sel"}
        rest = {key: entry[key] for key in ("rows", "fires", "refused", "placeholders", "spec") if key in entry}
        cases.append(Case(path.stem, number, entry["case"], detection=detection, **rest))
    return cases
