"""Read the table of what every source must agree on, and the exceptions from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from bartizan.testing.meaning.looks import LOOKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Excepted", "Role", "Table", "ValueKind", "table"]

_FILE: Final = Path(__file__).with_name("meaning.yml")
_ALWAYS: Final = "always"


@dataclass(frozen=True, slots=True)
class ValueKind:
    """A value that looks so is of one of ``types``, or in an attribute that ends like one of ``also``; 0: no observable."""

    what: str
    looks: Callable[[str], bool]
    types: frozenset[str]
    also: tuple[str, ...]
    observable: int


@dataclass(frozen=True, slots=True)
class Role:
    """A field of a record that is called so comes out at one of ``places``, those of its class where the class has its own."""

    what: str
    fields: re.Pattern[str]
    looks: Callable[[str], bool]
    places: Mapping[int, tuple[str, ...]]

    def at(self, class_uid: int) -> tuple[str, ...]:
        """Return where the value may come out in a record of a class."""
        return self.places.get(class_uid, self.places[0])


@dataclass(frozen=True, slots=True)
class Excepted:
    """A source that says something elsewhere, what of it (a text that the problem has), and why it must."""

    source: str
    about: str
    why: str


@dataclass(frozen=True, slots=True)
class Table:
    """What every source must agree on. ``places``: kind of object -> class (0: any) -> where it may stand."""

    values: Sequence[ValueKind]
    places: Mapping[str, Mapping[int, tuple[str, ...]]]
    needs: Mapping[int, tuple[str, ...]]
    roles: Sequence[Role]
    exceptions: Sequence[Excepted]


@cache
def table() -> Table:
    """Return the table that stands beside this file."""
    said: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Table(
        values=tuple(map(_value, said["values"])),
        places={kind: {_class(uid): tuple(paths) for uid, paths in own.items()} for kind, own in said["places"].items()},
        needs={_class(uid): tuple(paths) for uid, paths in said["needs"].items()},
        roles=tuple(map(_role, said["roles"])),
        exceptions=tuple(Excepted(one["source"], one["about"], one["why"]) for one in said["exceptions"]),
    )


def _value(said: dict[str, Any]) -> ValueKind:
    return ValueKind(
        said["what"], LOOKS[said["looks"]], frozenset(said["types"]), tuple(said.get("also", ())), int(said.get("observable", 0))
    )


def _role(said: dict[str, Any]) -> Role:
    own = {_class(key): tuple(paths) for key, paths in said.items() if key.isdecimal()}
    pattern = re.compile(rf"(?:.*\.)?(?:{said['fields']})")
    return Role(said["what"], pattern, LOOKS[said["looks"]], {0: tuple(said["at"]), **own})


def _class(key: str) -> int:
    return 0 if key == _ALWAYS else int(key)
