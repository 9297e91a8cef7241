"""Read the tree that XML of a Windows event becomes in JSON: ``Event``, ``System``, ``EventData`` or ``UserData``.

Converters differ in what they make of attributes (``Provider.#attributes.Name``, ``Provider_attributes.Name``,
``Provider.@Name``, ``Provider.Name``) and of data: an object by name, or a list of elements with name and text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.sources.windows.events import Flavour, Path
from bartizan.collect.sources.windows.guess import Marks
from bartizan.collect.sources.windows.values import braced, keywords, unwrapped
from bartizan.schema.cells import integer
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import field, first

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

__all__ = ["FLAVOUR", "user_data"]

_ROOTS: Final[tuple[Path, ...]] = (("Event",), ())
_ATTRIBUTES: Final = {
    "Provider_Name": ("Provider", "Name"),
    "Provider_Guid": ("Provider", "Guid"),
    "TimeCreated": ("TimeCreated", "SystemTime"),
    "Security_UserID": ("Security", "UserID"),
    "Execution_ProcessID": ("Execution", "ProcessID"),
    "Execution_ThreadID": ("Execution", "ThreadID"),
    "Correlation_ActivityID": ("Correlation", "ActivityID"),
}
_ELEMENTS: Final = ("EventID", "Channel", "Computer", "EventRecordID", "Level", "Task", "Opcode", "Keywords", "Version")
_OWN: Final = frozenset(("EventID", "Channel", "Computer", "Level", "Keywords"))
"""Fields of the system part that data of the same name must not hide; such data is found under ``UserData.`` and its name."""
_NAME: Final = ("@Name", "Name", "#attributes", "@attributes", "$")


def _places() -> dict[str, tuple[Path, ...]]:
    places: dict[str, tuple[Path, ...]] = {name: tuple((*root, "System", name) for root in _ROOTS) for name in _ELEMENTS}
    for name, (element, attribute) in _ATTRIBUTES.items():
        shapes = (
            (element, "#attributes", attribute),
            (f"{element}_attributes", attribute),
            (element, f"@{attribute}"),
            (element, attribute),
        )
        places[name] = tuple((*root, "System", *shape) for root in _ROOTS for shape in shapes)
    places["EventIDText"] = tuple((*root, "System", "EventID", key) for root in _ROOTS for key in ("#text", "$text", "_"))
    for part in ("UserData", "Data"):
        above = () if part == "UserData" else ("EventData",)
        places[part] = tuple((*root, *above, part) for root in _ROOTS)
    places["Message"] = tuple((*root, part, "Message") for root in _ROOTS for part in ("RenderingInfo", "EventData"))
    return places


def _named(item: Cell) -> tuple[str, Cell]:
    """Take name and text out of one data element of a converter that keeps elements as they are."""
    if not isinstance(item, dict):
        return "", item
    for key in _NAME:
        name = item.get(key)
        if isinstance(name, dict):
            name = name.get("Name")
        if isinstance(name, str):
            return name, unwrapped({key: value for key, value in item.items() if not isinstance(value, dict)})
    return "", unwrapped(item)


def _data(cell: Cell) -> Mapping[str, Cell]:
    """Read the elements under ``EventData``: those with names are fields, those without are the list ``Data``."""
    items = cell if isinstance(cell, tuple) else (cell,)
    pairs = [_named(item) for item in items]
    unnamed = [
        part for name, value in pairs if not name and value is not ABSENT for part in (value if isinstance(value, tuple) else (value,))
    ]
    fields = {name: value for name, value in pairs if name}
    return {**fields, "Data": tuple(unnamed) if len(unnamed) > 1 else unnamed[0]} if unnamed else fields


def user_data(cell: Cell) -> Mapping[str, Cell]:
    """Read what stands under the one element that ``UserData`` holds, at any depth; what it calls as ``System`` does stays apart."""
    fields: dict[str, Cell] = {}
    todo = [cell]
    while todo:
        item = todo.pop()
        if not isinstance(item, dict):
            continue
        for key, value in item.items():
            inner = unwrapped(value)
            if isinstance(inner, dict):
                todo.append(inner)
            elif not key.startswith(("#", "@", "xmlns")) and inner is not ABSENT:
                fields.setdefault(f"UserData.{key}" if key in _OWN else key, inner)
    return fields


def _mended(name: str, cell: Cell) -> Cell:
    return braced(name, unwrapped(cell))


def _dialect(record: bytes) -> Hashable:
    """Tell whether there is an ``Event`` around, and what became of attributes."""
    shape = "#attributes" if b'"#attributes"' in record else "_attributes" if b'_attributes"' in record else "@" if b'"@' in record else ""
    return b'"Event"' in record, shape


def _keeps(dialect: Hashable, path: Path) -> bool:
    """Say whether a path begins and goes on as the dialect does; of paths to no attribute only the beginning counts."""
    if not isinstance(dialect, tuple):
        return True
    rooted, shape = dialect
    if (path[0] == "Event") is not rooted:
        return False
    return bool(_SHAPES.get(path[-3:], shape) == shape)


_SHAPES: Final[Mapping[Path, str]] = {
    way[-3:]: shape
    for element, attribute in _ATTRIBUTES.values()
    for shape, way in (
        ("#attributes", (element, "#attributes", attribute)),
        ("_attributes", ("System", f"{element}_attributes", attribute)),
        ("@", ("System", element, f"@{attribute}")),
        ("", ("System", element, attribute)),
    )
}
"""The end of a path to an attribute -> the shape that it is of."""

FLAVOUR: Final = Flavour(
    marks=Marks(b'"EventID"', b'"Channel"', 64),
    places=_places(),
    system={
        "EventID": first(field("EventID", integer), field("EventIDText", integer)),
        **{name: field(name) for name in (*_ATTRIBUTES, *_ELEMENTS) if name not in {"EventID", "Keywords", "Execution_ProcessID"}},
        "Execution_ProcessID": field("Execution_ProcessID", integer),
        "Keywords": field("Keywords", keywords),
        "Message": field("Message"),
    },
    data=tuple((*root, "EventData") for root in _ROOTS),
    spread={"UserData": user_data, "Data": _data},
    mend=_mended,
    dialect=_dialect,
    keeps=_keeps,
)
