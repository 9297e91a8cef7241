"""Compare values as the operators of Azure's conditions do."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.azure.operations import matches
from bartizan.review.cloud.permission.truth import NO, YES, Truth, depends_on, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["compared"]

_EACH: Final[Mapping[str, tuple[Callable[..., bool], Callable[..., bool]]]] = {
    "foranyofanyvalues": (any, any),
    "forallofanyvalues": (all, any),
    "foranyofallvalues": (any, all),
    "forallofallvalues": (all, all),
    "": (any, any),
}


def compared(operator: str, left: Sequence[str], right: Sequence[str], key: str) -> Truth:
    """Compare an attribute's values with others; ``key`` names the attribute. One that is not there settles nothing for us."""
    each, colon, name = operator.rpartition(":")
    how = _EACH.get(each.lower() if colon else "")
    test, negative = _test(name.lower())
    if how is None or test is None:
        return unread(f"an operator that is not known: {operator}")
    if not left:
        return depends_on(key)
    outer, inner = how
    try:
        held = outer(inner(test(one, other) for other in right) for one in left)
        if negative:
            held = outer(all(not test(one, other) for other in right) for one in left)
    except ValueError:
        return unread(f"values that {operator} cannot compare")
    return YES if held else NO


def _test(name: str) -> tuple[Callable[[str, str], bool] | None, bool]:
    """Return the test of an operator, and whether its opposite is asked."""
    for kind in ("string", "guid", "bool", "numeric", "datetime", "ip", "time"):
        if name.startswith(kind):
            rest = name.removeprefix(kind)
            negative = rest.startswith("not")
            return _TESTS.get((kind, rest.removeprefix("not"))), negative
    return None, False


def _folded(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _when(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _inside(one: str, other: str) -> bool:
    return ip_address(one) in ip_network(other, strict=False)


_TESTS: Final[Mapping[tuple[str, str], Callable[[str, str], bool]]] = {
    ("string", "equals"): lambda one, other: one == other,
    ("string", "equalsignorecase"): _folded,
    ("string", "like"): lambda one, other: matches(other, one),
    ("string", "startswith"): lambda one, other: one.startswith(other),
    ("guid", "equals"): _folded,
    ("bool", "equals"): _folded,
    ("numeric", "equals"): lambda one, other: float(one) == float(other),
    ("numeric", "lessthan"): lambda one, other: float(one) < float(other),
    ("numeric", "lessthanequals"): lambda one, other: float(one) <= float(other),
    ("numeric", "greaterthan"): lambda one, other: float(one) > float(other),
    ("numeric", "greaterthanequals"): lambda one, other: float(one) >= float(other),
    ("datetime", "equals"): lambda one, other: _when(one) == _when(other),
    ("datetime", "lessthan"): lambda one, other: _when(one) < _when(other),
    ("datetime", "lessthanequals"): lambda one, other: _when(one) <= _when(other),
    ("datetime", "greaterthan"): lambda one, other: _when(one) > _when(other),
    ("datetime", "greaterthanequals"): lambda one, other: _when(one) >= _when(other),
    ("ip", "match"): _inside,
}
