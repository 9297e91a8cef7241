"""What expressions of kind files can do beside JMESPath's own functions. Each bears null, and gives nothing for what it is not for."""

from __future__ import annotations

import base64
import csv
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from bartizan.collect.inventory.credentials import MARK

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FUNCTIONS", "Value"]

Value: TypeAlias = Any
"""JSON."""
_MARKED: Final = re.compile(rf"{re.escape(MARK)} ([a-z-]+)")


def _count(value: Value) -> int:
    return len(value) if isinstance(value, list | dict | str) else 0


def _has(values: Value, value: Value) -> bool:
    return isinstance(values, list | str) and value in values


def _parsed(value: Value) -> Value:
    try:
        return json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None


def _names(value: Value) -> list[str]:
    return [name for name, _held in _pairs(value)]


def _credentials(value: Value) -> list[str]:
    return [name for name, held in _pairs(value) if held.startswith(f"{MARK} ")]


def _forms(value: Value) -> list[str]:
    return sorted(set(_MARKED.findall(json.dumps(value)))) if value else []


def _least(value: Value) -> float | None:
    return min((one for one in value if isinstance(one, int | float)), default=None) if isinstance(value, list) else None


def _last_part(value: Value, separator: Value) -> str | None:
    return value.rpartition(separator)[2] if isinstance(value, str) else None


def _part(value: Value, separator: Value, number: Value) -> str | None:
    parts = value.split(separator) if isinstance(value, str) else []
    return parts[number] if -len(parts) <= number < len(parts) else None


def _unfold(rows: Value, key: Value) -> list[Value]:
    """Return what each row holds under a key, in a list or by name, each with its row as ``_row``."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        held = row.get(key) if isinstance(row, dict) else None
        inner = list(held.values()) if isinstance(held, dict) else held if isinstance(held, list) else []
        found += [{**one, "_row": row} for one in inner if isinstance(one, dict)]
    return found


def _unescaped(value: Value) -> str | None:
    return value.replace('\\"', '"').replace("\\/", "/") if isinstance(value, str) and '\\"' in value else value


def _minutes(value: Value, unit: Value) -> int | None:
    seconds = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}.get(unit)
    return value * seconds // 60 if isinstance(value, int) and value and seconds else None


def _distinct(value: Value) -> Value:
    return list({json.dumps(one, sort_keys=True): one for one in value}.values()) if isinstance(value, list) else None


def _lower(value: Value) -> str | None:
    return value.lower() if isinstance(value, str) else None


def _crossing(routes: Value, peerings: Value) -> list[Value]:
    """Return the routes that lead to a peering connection and take in a whole network at its other end."""
    networks = {one.get("VpcPeeringConnectionId"): _networks(one) for one in peerings or () if isinstance(one, dict)}
    held = [one for one in routes or () if isinstance(one, dict) and one.get("VpcPeeringConnectionId")]
    return [one for one in held if one.get("DestinationCidrBlock") in networks.get(one["VpcPeeringConnectionId"], ())]


def _networks(peering: Value) -> set[str]:
    ends = (peering.get("RequesterVpcInfo") or {}, peering.get("AccepterVpcInfo") or {})
    return {str(end["CidrBlock"]) for end in ends if end.get("CidrBlock")}


def _report(value: Value) -> list[dict[str, str]]:
    return _table(value) if isinstance(value, str) else []


@lru_cache(maxsize=4)
def _table(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV that is held in base64: the same list for the same text."""
    try:
        return list(csv.DictReader(base64.b64decode(text).decode("utf-8", "replace").splitlines()))
    except ValueError:
        return []


def _pairs(value: Value) -> list[tuple[str, str]]:
    """Return the names and values of a mapping, of pairs (``name``/``value``), or of lists of either."""
    if isinstance(value, dict):
        lowered = {key.lower(): each for key, each in value.items()}
        for name, held in (("name", "value"), ("parameterkey", "parametervalue"), ("outputkey", "outputvalue")):
            if name in lowered and held in lowered:
                return [(str(lowered[name]), str(lowered[held]))]
        return [(key, str(each)) for key, each in value.items()]
    return [pair for each in value for pair in _pairs(each)] if isinstance(value, list) else []


FUNCTIONS: Final[dict[str, tuple[int, Callable[..., Value]]]] = {
    "count": (1, _count),
    "credentials": (1, _credentials),
    "crossing": (2, _crossing),
    "distinct": (1, _distinct),
    "forms": (1, _forms),
    "has": (2, _has),
    "last_part": (2, _last_part),
    "least": (1, _least),
    "lower": (1, _lower),
    "minutes": (2, _minutes),
    "names": (1, _names),
    "parsed": (1, _parsed),
    "part": (3, _part),
    "report": (1, _report),
    "unescaped": (1, _unescaped),
    "unfold": (2, _unfold),
}
"""By name: how many values it takes, and what it does."""
