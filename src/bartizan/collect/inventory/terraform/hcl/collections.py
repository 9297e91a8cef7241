"""The functions of Terraform's language over lists, sets and maps. A set is a list without doubles, sorted where it holds texts."""

from __future__ import annotations

import ipaddress
from itertools import chain, product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.values import Unknown, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["COLLECTIONS", "SHALLOW"]

SHALLOW: Final = frozenset(
    {
        *("chunklist", "concat", "element", "flatten", "keys", "length", "lookup", "map", "merge", "list", "one", "reverse", "slice"),
        *("tolist", "toset", "tomap", "values", "zipmap", "transpose", "sensitive", "nonsensitive", "setproduct"),
    }
)
"""Functions that move items about without looking at them: an unknown item stays that item."""
_MOST: Final = 100_000
_FEW: Final = 2_000
"""Items that are compared each with each."""


def _among(items: Iterable[Any]) -> Callable[[Any], bool]:
    """Return what says whether a value is one of some: fast for texts and numbers, for others only where they are few."""
    held = list(items)
    if all(isinstance(item, str | int | float) for item in held):
        plain = {(type(item) is bool, item) for item in held}
        return lambda value: isinstance(value, str | int | float) and (type(value) is bool, value) in plain
    if len(held) > _FEW:
        message = f"more than {_FEW} items"
        raise ValueError(message)
    return lambda value: value in held


def distinct(items: Iterable[Any]) -> list[Any]:
    """Return items without those that are there already."""
    held = list(items)
    if all(isinstance(item, str) for item in held):
        return list(dict.fromkeys(held))
    if len(held) > _FEW:
        message = f"more than {_FEW} items"
        raise ValueError(message)
    return [item for at, item in enumerate(held) if item not in held[:at]]


def _set(items: Iterable[Any]) -> list[Any]:
    held = list(items)
    return sorted(set(held)) if all(isinstance(item, str) for item in held) else distinct(held)


def _merge(*maps: Any) -> dict[str, Any]:  # noqa: ANN401 - any value of the language
    made: dict[str, Any] = {}
    for one in maps:
        made.update(one or {})
    return made


def _flatten(items: list[Any]) -> list[Any]:
    made: list[Any] = []
    stack = list(reversed(items))
    steps = 0
    while stack:
        item = stack.pop()
        steps += 1
        if steps > _MOST:
            message = f"more than {_MOST} items"
            raise ValueError(message)
        if isinstance(item, list):
            stack.extend(reversed(item))
        else:
            made.append(item)
    return made


def _intersection(first: list[Any], *others: list[Any]) -> list[Any]:
    tests = [_among(other) for other in others]
    return _set(item for item in first if all(test(item) for test in tests))


def _subtract(first: list[Any], second: list[Any]) -> list[Any]:
    test = _among(second)
    return _set(item for item in first if not test(item))


def _match_keys(values: list[Any], keys: list[Any], wanted: list[Any]) -> list[Any]:
    test = _among(wanted)
    return [value for value, key in zip(values, keys, strict=True) if test(key)]


def _lookup(held: dict[str, Any], key: str, *otherwise: Any) -> Any:  # noqa: ANN401 - any value of the language
    return held[key] if key in held else otherwise[0]


def _element(items: list[Any], at: int) -> Any:  # noqa: ANN401 - any value of the language
    return items[int(at) % len(items)]


def _coalesce(*values: Any) -> Any:  # noqa: ANN401 - any value of the language
    for value in values:
        if value is not None and value != "":
            return value
    message = "coalesce() of nothing"
    raise ValueError(message)


def _one(items: list[Any]) -> Any:  # noqa: ANN401 - any value of the language
    if len(items) > 1:
        return Unknown("one() of several items")
    return items[0] if items else None


def _range(*limits: int) -> list[int]:
    made = range(*map(int, limits))
    if len(made) > _MOST:
        message = f"more than {_MOST} items"
        raise ValueError(message)
    return list(made)


def _set_product(*sets: list[Any]) -> list[list[Any]]:
    if prod(map(len, sets)) > _MOST:
        message = f"more than {_MOST} items"
        raise ValueError(message)
    return [list(one) for one in product(*sets)]


def _transpose(held: dict[str, list[str]]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for key, values in held.items():
        for value in values:
            made.setdefault(value, []).append(key)
    return dict(sorted(made.items()))


def _sum(values: list[Any]) -> Any:  # noqa: ANN401 - a number
    return sum(values)


def _network(prefix: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(prefix, strict=False)


def _subnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + int(bits)
    size = 1 << (network.max_prefixlen - length)
    if not 0 <= int(number) < (1 << int(bits)):
        message = f"there is no subnet {number}"
        raise ValueError(message)
    return f"{network.network_address + int(number) * size}/{length}"


def _subnets(prefix: str, *bits: int) -> list[str]:
    network, made = _network(prefix), []
    at = int(network.network_address)
    for more in bits:
        length = network.prefixlen + int(more)
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        made.append(f"{ipaddress.ip_address(at)}/{length}")
        at += size
    return made


COLLECTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "alltrue": lambda items: all(item in (True, "true") for item in items),
    "anytrue": lambda items: any(item in (True, "true") for item in items),
    "chunklist": lambda items, size: [items[at : at + int(size)] for at in range(0, len(items), int(size))],
    "coalesce": _coalesce,
    "coalescelist": lambda *lists: next((one for one in lists if one), []),
    "compact": lambda items: [item for item in items if item not in (None, "")],
    "concat": lambda *lists: list(chain(*lists)),
    "contains": lambda items, item: item in items,
    "distinct": distinct,
    "element": _element,
    "flatten": _flatten,
    "index": lambda items, item: items.index(item),
    "keys": sorted,
    "length": len,
    "list": lambda *items: list(items),
    "lookup": _lookup,
    "map": lambda *pairs: dict(zip(pairs[::2], pairs[1::2], strict=True)),
    "matchkeys": _match_keys,
    "merge": _merge,
    "one": _one,
    "range": _range,
    "reverse": lambda items: items[::-1],
    "setintersection": _intersection,
    "setproduct": _set_product,
    "setsubtract": _subtract,
    "setunion": lambda *sets: _set(chain(*sets)),
    "slice": lambda items, start, end: items[int(start) : int(end)],
    "sort": lambda items: sorted(map(text_of, items)),
    "sum": _sum,
    "tolist": list,
    "tomap": dict,
    "toset": lambda items: _set(items) if all(isinstance(item, str) for item in items) else list(items),
    "transpose": _transpose,
    "values": lambda held: [held[key] for key in sorted(held)],
    "zipmap": lambda keys, values: dict(zip(keys, values, strict=True)),
    "sensitive": lambda value: value,
    "nonsensitive": lambda value: value,
    "cidrhost": lambda prefix, number: str(_network(prefix)[int(number)]),
    "cidrnetmask": lambda prefix: str(_network(prefix).netmask),
    "cidrsubnet": _subnet,
    "cidrsubnets": _subnets,
    "type": lambda _value: Unknown("type() is for the console"),
    "issensitive": lambda _value: Unknown("what is sensitive is not followed"),
}
