"""Fill in the numbers that OCSF requires of every object and a log does not tell: 0, Unknown."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bartizan.schema import ocsf
from bartizan.schema.columns import ABSENT, Cell, Column, Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["fill_required", "required_names"]

_UNKNOWN = "0"


@dataclass(frozen=True, slots=True)
class _Gap:
    """An attribute that is required wherever one of the columns of its object has a value."""

    name: str
    witnesses: tuple[str, ...]


def fill_required(frame: Frame, class_uid: int) -> dict[str, Column]:
    """Return the columns that are missing, ``device.type_id`` and the like, 0 in every row that has the object at all."""
    return {gap.name: _filled(frame, gap.witnesses) for gap in _gaps(class_uid, tuple(frame.columns))}


def required_names(class_uid: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the columns that ``fill_required`` would add to columns of these names."""
    return tuple(gap.name for gap in _gaps(class_uid, names))


@lru_cache(maxsize=4096)
def _gaps(class_uid: int, names: tuple[str, ...]) -> tuple[_Gap, ...]:
    known = frozenset(names)
    objects: dict[str, list[str]] = {}
    for name in names:
        *parents, _ = name.split(".")
        for end in range(1, len(parents) + 1):
            objects.setdefault(".".join(parents[:end]), []).append(name)
    gaps: list[_Gap] = []
    for path, witnesses in objects.items():
        attribute = ocsf.attribute_at(class_uid, path)
        if attribute is not None and attribute.is_object and not attribute.is_array:
            wanted = (item for item in ocsf.shape_of_object(attribute.kind).attributes.values() if item.requirement == "required")
            missing = (item.name for item in wanted if _UNKNOWN in item.enum and not item.profiles)
            gaps.extend(_Gap(f"{path}.{name}", tuple(witnesses)) for name in missing if f"{path}.{name}" not in known)
    return tuple(gaps)


def _filled(frame: Frame, witnesses: Sequence[str]) -> Column:
    columns = [frame.columns[name] for name in witnesses]
    here = [[value is not ABSENT and value is not None for value in column.values] for column in columns]
    if any(all(values) for values in here):
        return Column.constant(0, frame.height)
    cells = [[values[code] for code in column.codes] for values, column in zip(here, columns, strict=True)]
    unknown: tuple[Cell, ...] = (ABSENT, 0)
    return Column(array("i", map(any, zip(*cells, strict=True))), unknown)
