"""Say what follows from a predicate of one value, and which predicates no single value satisfies together.

Both answers are sound, not complete: True is a proof, False says that none was found.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from bartizan.rules.cells import address_in, number_in
from bartizan.rules.match.globs import glob_matcher
from bartizan.rules.plan import AnyText, Compare, Exists, Glob, Network, Null, Number, Predicate, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["excludes", "implies"]

_VALUES: Final = (Text, Glob, AnyText, Number, Compare, Network)
_WITHIN: Final[Mapping[tuple[str, str], Callable[[str, str], bool]]] = {
    ("is", "is"): str.__eq__,
    ("is", "in"): str.__contains__,
    ("is", "start"): str.startswith,
    ("is", "end"): str.endswith,
    ("start", "start"): str.startswith,
    ("start", "in"): str.__contains__,
    ("end", "end"): str.endswith,
    ("end", "in"): str.__contains__,
    ("in", "in"): str.__contains__,
}
"""What a text that is, begins or ends with, or contains ``t`` must do with ``u``, for which ``t`` and ``u`` that is so."""


def implies(one: Predicate, other: Predicate) -> bool:
    """Say whether a value of which ``one`` holds is sure to satisfy ``other``: the same value, so this is so in lists too."""
    if one == other:
        return True
    if isinstance(one, Exists | Null):
        return one == Exists(wanted=False) and isinstance(other, Null)
    if isinstance(other, Exists | AnyText):
        return other != Exists(wanted=False)
    if isinstance(one, Text):
        return _text_implies(one, other)
    if isinstance(one, Glob):
        return isinstance(other, Text) and _comparable(one.cased, other, "".join(map(str, one.parts))) and _glob_implies(one, other)
    return _number_implies(one, other)


def excludes(one: Predicate, other: Predicate) -> bool:
    """Say whether no single value can satisfy both; a list may, with two of its elements."""
    return _excludes(one, other) or _excludes(other, one)


def _excludes(one: Predicate, other: Predicate) -> bool:
    if isinstance(one, Null | Exists):
        there = isinstance(other, _VALUES) or (other == Exists(wanted=True) and isinstance(one, Exists))
        return there and one != Exists(wanted=True)
    if isinstance(one, Text):
        return _no_match(one, other) if one.how == "is" else isinstance(other, Text) and _ends_differ(one, other)
    if isinstance(one, Number):
        return isinstance(other, Number | Compare) and not _number_implies(one, other)
    if isinstance(one, Compare):
        return isinstance(other, Compare) and _apart(one, other)
    return isinstance(one, Network) and isinstance(other, Network) and _networks_apart(one, other)


def _comparable(cased: bool, other: Text | Glob, text: str) -> bool:  # noqa: FBT001 - passed on as it is
    """Say whether two texts may be compared as they stand in the plan; ``_folded`` has lowered the one that has to be."""
    return cased == other.cased or (cased and text.isascii())


def _folded(text: str, *, cased: bool, other: Text | Glob) -> str:
    return text.lower() if cased and not other.cased else text


def _text_implies(one: Text, other: Predicate) -> bool:
    if isinstance(other, Text):
        test = _WITHIN.get((one.how, other.how))
        return (
            test is not None
            and _comparable(one.cased, other, one.text)
            and test(_folded(one.text, cased=one.cased, other=other), other.text)
        )
    if one.how != "is":
        return False
    if isinstance(other, Glob):
        return _comparable(one.cased, other, one.text) and glob_matcher(other)(_folded(one.text, cased=one.cased, other=other))
    if isinstance(other, Number | Compare):
        return _number_holds(one.text, other)
    return False


def _glob_implies(one: Glob, other: Text) -> bool:
    parts = [_folded(part, cased=one.cased, other=other) if isinstance(part, str) else part for part in one.parts]
    if other.how == "in":
        return any(isinstance(part, str) and other.text in part for part in parts)
    edge = parts[0] if other.how == "start" else parts[-1]
    if other.how == "is" or not isinstance(edge, str):
        return False
    return edge.startswith(other.text) if other.how == "start" else edge.endswith(other.text)


def _number_holds(text: str, other: Number | Compare) -> bool:
    number = number_in(text)
    if isinstance(other, Number):
        return text == str(other.value) or number == other.value
    return number is not None and _compared(number, other)


def _number_implies(one: Predicate, other: Predicate) -> bool:
    if isinstance(one, Number):
        if isinstance(other, Number):
            return one.value == other.value
        return isinstance(other, Compare) and _compared(one.value, other)
    if isinstance(one, Compare) and isinstance(other, Compare) and one.how[0] == other.how[0]:
        if one.value == other.value:
            return one.how == other.how or other.how.endswith("e")
        return one.value < other.value if one.how[0] == "l" else one.value > other.value
    return isinstance(one, Network) and isinstance(other, Network) and _subnet(one, other)


def _compared(number: float, other: Compare) -> bool:
    tests = {"lt": number < other.value, "lte": number <= other.value, "gt": number > other.value, "gte": number >= other.value}
    return tests[other.how]


def _no_match(one: Text, other: Predicate) -> bool:
    """Say whether a whole text is known not to satisfy a predicate."""
    if isinstance(other, Text | Glob):
        if one.cased != other.cased and not (one.cased and one.text.isascii()):
            return False
        return not _text_implies(one, other)
    if isinstance(other, Number | Compare):
        # A number is read from ASCII digits: lowering changes none of them, but for the E of an exponent, which reads the same.
        return not _number_holds(one.text, other)
    return isinstance(other, Network) and address_in(one.text) is None


def _ends_differ(one: Text, other: Text) -> bool:
    first, second = one.text, other.text
    if one.cased != other.cased or one.how != other.how:
        return False
    if one.how == "start":
        return not first.startswith(second) and not second.startswith(first)
    return one.how == "end" and not first.endswith(second) and not second.endswith(first)


def _apart(one: Compare, other: Compare) -> bool:
    low, high = (one, other) if one.how[0] == "g" else (other, one)
    if low.how[0] != "g" or high.how[0] != "l":
        return False
    return low.value > high.value or (low.value == high.value and not (low.how == "gte" and high.how == "lte"))


def _subnet(one: Network, other: Network) -> bool:
    first, second = ip_network(one.cidr), ip_network(other.cidr)
    return first.version == second.version and first.subnet_of(second)  # type: ignore[arg-type]  # both of one version


def _networks_apart(one: Network, other: Network) -> bool:
    first, second = ip_network(one.cidr), ip_network(other.cidr)
    return first.version == second.version and not first.overlaps(second)
