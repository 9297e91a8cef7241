"""Compare as condition operators do: what a policy wants with one value that a request has.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". What cannot be read as what it is compared as equals nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws.patterns import ANY, ONE, glob

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OPERATORS", "Operator", "Test", "parsed"]

_FIELDS: Final = 6
_STARS: Final = str.maketrans({ANY: "*", ONE: "?"})


@dataclass(frozen=True, slots=True)
class Operator:
    """What compares: ``holds(want, have)``, ``want`` with ``ANY`` and ``ONE`` for wildcards where ``like``; ``inverted`` for Not...."""

    holds: Callable[[str, str], bool]
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """An operator as a policy writes it: ``ForAnyValue:StringLikeIfExists``. ``quantifier``: '', any or all."""

    operator: Operator | None
    """None for ``Null``."""
    quantifier: str
    if_exists: bool


def _plain(want: str) -> str:
    return want.translate(_STARS)


def _equals(want: str, have: str) -> bool:
    return _plain(want) == have


def _equals_any_case(want: str, have: str) -> bool:
    return _plain(want).lower() == have.lower()


def _like(want: str, have: str) -> bool:
    return glob(want)(have)


@lru_cache(maxsize=4096)
def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


@lru_cache(maxsize=4096)
def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return math.nan
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _numbers(holds: Callable[[float, float], bool], read: Callable[[str], float]) -> Callable[[str, str], bool]:
    return lambda want, have: holds(read(have), read(_plain(want)))


def _binary(want: str, have: str) -> bool:
    return _plain(want).rstrip("=") == have.rstrip("=")


@lru_cache(maxsize=16_384)
def _within(want: str, have: str) -> bool:
    try:
        return ip_address(have) in ip_network(_plain(want), strict=False)
    except ValueError:
        return False


@lru_cache(maxsize=65_536)
def _arn_like(want: str, have: str) -> bool:
    """Compare field by field; a pattern of fewer fields that ends with a star goes on to the end."""
    wanted, has = want.split(":", _FIELDS - 1), have.split(":", _FIELDS - 1)
    if len(has) != _FIELDS:
        return False
    if len(wanted) != _FIELDS:
        return want.endswith(ANY) and glob(want)(have)
    return all(glob(one)(other) for one, other in zip(wanted, has, strict=True))


def _less(have: float, want: float) -> bool:
    return have < want


def _less_or_equal(have: float, want: float) -> bool:
    return have <= want


def _greater(have: float, want: float) -> bool:
    return have > want


def _greater_or_equal(have: float, want: float) -> bool:
    return have >= want


def _same(have: float, want: float) -> bool:
    return have == want


OPERATORS: Final[dict[str, Operator]] = {
    "stringequals": Operator(_equals),
    "stringnotequals": Operator(_equals, inverted=True),
    "stringequalsignorecase": Operator(_equals_any_case),
    "stringnotequalsignorecase": Operator(_equals_any_case, inverted=True),
    "stringlike": Operator(_like),
    "stringnotlike": Operator(_like, inverted=True),
    "bool": Operator(_equals_any_case),
    "binaryequals": Operator(_binary),
    "ipaddress": Operator(_within),
    "notipaddress": Operator(_within, inverted=True),
    "arnequals": Operator(_arn_like),
    "arnlike": Operator(_arn_like),
    "arnnotequals": Operator(_arn_like, inverted=True),
    "arnnotlike": Operator(_arn_like, inverted=True),
    **{
        f"{kind}{name}": Operator(_numbers(holds, read), inverted)
        for kind, read in (("numeric", _number), ("date", _moment))
        for name, holds, inverted in (
            ("equals", _same, False),
            ("notequals", _same, True),
            ("lessthan", _less, False),
            ("lessthanequals", _less_or_equal, False),
            ("greaterthan", _greater, False),
            ("greaterthanequals", _greater_or_equal, False),
        )
    },
}
"""By name in lower case; ``Null`` is none of them, since it asks of the key and not of its value."""


@lru_cache(maxsize=1024)
def parsed(text: str) -> Test | None:
    """Return what an operator of a policy means; None for one that AWS does not document."""
    name = text.lower()
    quantifier = ""
    for start, meaning in (("forallvalues:", "all"), ("foranyvalue:", "any")):
        if name.startswith(start):
            name, quantifier = name[len(start) :], meaning
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if name == "null":
        return None if if_exists else Test(None, quantifier, if_exists)
    operator = OPERATORS.get(name)
    return None if operator is None else Test(operator, quantifier, if_exists)
