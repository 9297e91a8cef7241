"""Lay rows out as columns, with what is unknown of them: what could not be read, and what is not of the type that it should be."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Final

import numpy as np

from bartizan.review.cloud.checks.gaps import hides, reason
from bartizan.rules.cells import time_in
from bartizan.schema.columns import ABSENT, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import numpy.typing as npt

    from bartizan.collect.inventory.contract import Gap, Resource
    from bartizan.collect.inventory.kinds import Property
    from bartizan.review.cloud.checks.contract import Row
    from bartizan.review.cloud.checks.gaps import Gaps

__all__ = ["COMMON", "Layer", "declared"]

COMMON: Final[Mapping[str, Callable[[Resource], str]]] = {
    "uid": lambda one: one.uid,
    "kind": lambda one: one.kind,
    "account": lambda one: one.account,
    "region": lambda one: one.region,
    "name": lambda one: one.name,
}
"""What every resource has."""
_NAMES: Final = {"strings": "list", "string": "text"}
AGE: Final = ".age_days"
COUNT: Final = ".count"
DAY: Final = 86_400
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "time": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "strings": (list, tuple),
}


@dataclass(slots=True)
class Layer:
    """Rows of one kind or join as columns. ``gaps`` hide properties of rows that are resources; ``now`` is what ages are counted to."""

    rows: Sequence[Row]
    properties: Mapping[str, Property]
    now: datetime
    gaps: Gaps | None = None
    _marked: list[int] | None = None
    _places: tuple[npt.NDArray[np.int32], list[Resource]] | None = None
    _columns: dict[str, tuple[Column, npt.NDArray[np.bool_] | None]] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def column(self, name: str) -> tuple[Column, npt.NDArray[np.bool_] | None]:
        """Return a property of all rows, and which rows it is unknown of (None: of none)."""
        known = self._columns.get(name)
        if known is None:
            known = self._columns[name] = self._encoded(name), self._mask(name)
        return known

    def cell(self, row: int, name: str) -> Cell:
        """Return one property of one row."""
        return self.column(name)[0][row]

    def why(self, row: int, name: str) -> str:
        """Say why a property of a row is unknown, "" where it is known."""
        one = self.rows[row]
        asked = _base(name)
        if asked in one.unknown:
            return one.unknown[asked] or "unknown"
        if asked in COMMON and COMMON[asked](one.resource):
            return ""
        if asked.startswith("tags."):
            return reason("tags", {"tags": None} if one.resource.tags else {}, one.unknown, self._near(one.resource))
        why = reason(asked, one.properties, one.unknown, self._near(one.resource))
        return why or _misfit(self.properties[asked].type if asked in self.properties else "", one.properties.get(asked))

    def _encoded(self, name: str) -> Column:
        if name in COMMON:
            take = COMMON[name]
            return Column.encode(take(one.resource) or ABSENT for one in self.rows)
        if name.startswith("tags."):
            key = name.removeprefix("tags.")
            return Column.encode(one.resource.tags.get(key, ABSENT) for one in self.rows)
        if name.endswith(AGE):
            return _column(self.rows, _base(name)).map(self._age)
        if name.endswith(COUNT):
            return _column(self.rows, _base(name)).map(_count)
        return _column(self.rows, name)

    def _near(self, resource: Resource) -> Sequence[Gap]:
        return () if self.gaps is None else self.gaps.near(resource)

    def _mask(self, name: str) -> npt.NDArray[np.bool_] | None:
        """Return the rows of which a property is unknown: by marks of their own, by gaps where they are, by a value of another type."""
        asked = _base(name)
        kind = self.properties[asked].type if asked in self.properties else ""
        column = self._encoded(asked)
        codes = np.frombuffer(column.codes, dtype=np.int32)
        mask = np.isin(codes, [code for code, value in enumerate(column.values) if _misfit(kind, value)])
        absent = [code for code, value in enumerate(column.values) if value is ABSENT]
        if self.gaps is not None and absent:
            places, examples = self._placed()
            hidden = [any(hides(gap, (asked,)) for gap in self.gaps.wide(one)) for one in examples]
            if any(hidden):
                mask |= np.array(hidden)[places] & np.isin(codes, absent)
        if self._marked is None:
            self._marked = [place for place, one in enumerate(self.rows) if one.unknown or (self.gaps and self.gaps.single(one.resource))]
        mask[[place for place in self._marked if self.why(place, name)]] = True
        return mask if mask.any() else None

    def _placed(self) -> tuple[npt.NDArray[np.int32], list[Resource]]:
        """Return for each row the number of the group of which the same is missing, and a resource of each group."""
        if self._places is None:
            groups: dict[tuple[str, ...], int] = {}
            examples: list[Resource] = []
            numbers = np.zeros(len(self.rows), dtype=np.int32)
            for place, row in enumerate(self.rows):
                one = row.resource
                key = (one.kind, one.account, one.region, one.origin.how)
                number = groups.setdefault(key, len(groups))
                if number == len(examples):
                    examples.append(one)
                numbers[place] = number
            self._places = numbers, examples
        return self._places

    def _age(self, cell: Cell) -> Cell:
        """Return how many whole days ago a time is."""
        time = time_in(cell) if isinstance(cell, str) else None
        if time is None:
            return ABSENT
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        return int((self.now - aware).total_seconds() // DAY)


def declared(name: str, properties: Mapping[str, Property]) -> bool:
    """Say whether a check may ask for a name: a property, what every resource has, a tag, the age of a time or the count of a list."""
    if name in properties or name in COMMON or (name.startswith("tags.") and len(name) > len("tags.")):
        return True
    of = properties.get(_base(name))
    return of is not None and ((name.endswith(AGE) and of.type == "time") or (name.endswith(COUNT) and of.type == "strings"))


def _misfit(kind: str, value: object) -> str:
    """Say why a value is none of its type, "" if it is or is not set; what a document is, is not asked."""
    if value is None or value is ABSENT or kind not in _TYPES:
        return ""
    fits = isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
    if fits and kind == "time":
        fits = time_in(str(value)) is not None
    return "" if fits else f"{str(value)[:60]!r} is no {_NAMES.get(kind, kind)}"


def _base(name: str) -> str:
    return name.removesuffix(AGE).removesuffix(COUNT)


def _column(rows: Sequence[Row], name: str) -> Column:
    """Return the column of a property. Most are texts, numbers or booleans, whose codes are looked up without more ado."""
    values: list[Cell] = []
    seen: dict[object, int] = {}
    codes = array("i", bytes(4 * len(rows)))
    for place, row in enumerate(rows):
        value = row.properties.get(name, ABSENT)
        kind = type(value)
        key: object = value if kind is str else (kind, value) if kind in _PLAIN else (kind, repr(value))
        code = seen.get(key)
        if code is None:
            code = seen[key] = len(values)
            values.append(_cell(value))
        codes[place] = code
    return Column(codes, values)


_PLAIN: Final = frozenset({bool, int, float, type(None), type(ABSENT)})


def _cell(value: object) -> Cell:
    if isinstance(value, list | tuple):
        return tuple(_cell(inner) for inner in value)
    if isinstance(value, dict):
        return {str(name): _cell(inner) for name, inner in value.items()}
    return value  # type: ignore[return-value]  # a scalar of JSON, or ABSENT


def _count(cell: Cell) -> Cell:
    return len(cell) if isinstance(cell, tuple) else ABSENT
