"""Compare as condition operators do: what a policy wants with one value that a request has.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "IAM policy elements: Variables and tags"; W3C NOTE-datetime.
What comes of a value that cannot be read as what it is compared as is documented nowhere: that is None, and not known.
"""

from __future__ import annotations

import base64
import re
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
_DECIMAL: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")
_EPOCH: Final = re.compile(r"\d{5,}(?:\.\d+)?|\d{1,3}")
"""Four digits are a year as well."""
_DATE: Final = re.compile(r"\d{4}-\d\d(-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?)?")
_NETWORK: Final = re.compile(r"[0-9A-Fa-f:.]+(?:/\d{1,3})?")
_STARS: Final = str.maketrans({ANY: "*", ONE: "?"})


@dataclass(frozen=True, slots=True)
class Operator:
    """What compares: ``holds(want, have)``, ``want`` with ``ANY`` and ``ONE`` for its wildcards, or None; ``inverted`` for Not...."""

    holds: Callable[[str, str], bool | None]
    inverted: bool = False
    variables: bool = True
    """Whether policy variables are put into what is wanted."""


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
def _number(text: str) -> float | None:
    return float(text) if _DECIMAL.fullmatch(text) else None


@lru_cache(maxsize=4096)
def _moment(text: str) -> float | None:
    if _EPOCH.fullmatch(text):
        return float(text)
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        read = datetime.fromisoformat(text if found[1] else f"{text}-01")
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _numbers(holds: Callable[[float, float], bool], read: Callable[[str], float | None]) -> Callable[[str, str], bool | None]:
    def compare(want: str, have: str) -> bool | None:
        wanted, has = read(_plain(want)), read(have)
        return None if wanted is None or has is None else holds(has, wanted)

    return compare


def _octets(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except ValueError:
        return None


def _binary(want: str, have: str) -> bool | None:
    wanted, has = _octets(_plain(want)), _octets(have)
    return None if wanted is None or has is None else wanted == has


@lru_cache(maxsize=16_384)
def _within(want: str, have: str) -> bool | None:
    if not _NETWORK.fullmatch(want):
        return None
    try:
        return ip_address(have) in ip_network(want, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def _arn_like(want: str, have: str) -> bool | None:
    """Compare field by field; whether a last star can stand for fields that a pattern lacks is not known."""
    wanted, has = want.split(":", _FIELDS - 1), have.split(":", _FIELDS - 1)
    if len(has) != _FIELDS:
        return None
    if len(wanted) == _FIELDS:
        return all(glob(one)(other) for one, other in zip(wanted, has, strict=True))
    return None if want.endswith(ANY) and glob(want)(have) else False


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
    "binaryequals": Operator(_binary, variables=False),
    "ipaddress": Operator(_within, variables=False),
    "notipaddress": Operator(_within, inverted=True, variables=False),
    "arnequals": Operator(_arn_like),
    "arnlike": Operator(_arn_like),
    "arnnotequals": Operator(_arn_like, inverted=True),
    "arnnotlike": Operator(_arn_like, inverted=True),
    **{
        f"{kind}{name}": Operator(_numbers(holds, read), inverted, variables=False)
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
