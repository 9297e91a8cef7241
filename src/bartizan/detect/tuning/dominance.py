"""Find the values that dominate a rule's findings, and the narrow filter that would hold them back."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bartizan.detect.tuning.observed import Observed

__all__ = ["Dominant", "Proposal", "dominant", "escaped", "propose"]

_PASSING: Final = re.compile(
    r"time|date|duration|rtt$|bytes|guid|uuid|hash|md5|sha1|sha256|sequence|offset|requestid|eventid$|keywords|version"
    r"|(?:process|thread|logon|record|event|session|request|correlation|subject\w*)_?(?:id|number)$|pid$|port$|(?:^|[._])(?:ts|uid|id)$",
    re.IGNORECASE,
)
"""Fields whose values pass: of one process, session or moment. A filter by them holds nothing back tomorrow."""
_SHARE: Final = 0.3
"""Share of the findings that a value must have to dominate them."""
_FIELDS: Final = 4
"""Fields of a proposed filter: enough to be narrow, few enough that the next version of a program still matches."""
_ALIKE: Final = 0.999
_NAME: Final = 6
_SIGNS: Final = "\\/.:@-_ "
"""Paths, addresses, accounts and command lines have some of these and six characters; ``NOERROR``, ``POST`` and ``0`` do not."""


@dataclass(frozen=True, slots=True)
class Dominant:
    """A field of a rule's findings: its commonest value, how many findings have it, and how concentrated the field is.

    ``entropy`` is in bits, of all findings; one without the field counts as a value of its own. ``distinct`` values.
    """

    field: str
    value: str
    count: int
    share: float
    distinct: int
    entropy: float
    hosts: int
    users: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a filter should ask, and the share of the findings that have it."""

    where: Mapping[str, tuple[str, ...]]
    count: int
    share: float


def dominant(found: Sequence[Observed], asked: Sequence[str] = ()) -> list[Dominant]:
    """Return the fields whose values last: those that name something first, the most concentrated first.

    Of fields that hold the same in every finding (one by two names) one is told: the one that the rule reads (``asked``), else
    the one with the shorter name.
    """
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        for name, text in one.fields.items():
            values[name][text] += 1
    alike: dict[tuple[str | None, ...], str] = {}
    for name in sorted(values, key=lambda name: (name not in asked, len(name), name)):
        if not _PASSING.search(name):
            alike.setdefault(tuple(one.fields.get(name) for one in found), name)
    told = [_of_field(name, values[name], found) for name in alike.values()]
    return sorted(told, key=lambda one: (not _naming(one.value), one.entropy, -one.share, len(one.field), one.field))


def propose(found: Sequence[Observed], asked: Sequence[str], table: Sequence[Dominant]) -> Proposal | None:
    """Return a narrow filter for the largest cluster, None where nothing dominates. ``asked``: the fields that the rule reads.

    The cluster is that of the most concentrated field whose value names something and tells findings apart; where there is
    none, all findings are one cluster. All that is constant in it may be asked: first what tells it from the other findings,
    then what the rule reads.
    """
    naming = [one for one in table if _naming(one.value) and one.share >= _SHARE]
    first = next((one for one in naming if one.share < _ALIKE), None)
    if not naming:
        return None
    cluster = [one for one in found if first is None or one.fields.get(first.field) == first.value]
    constant = _constant(cluster, {one.field for one in table})
    outside = {name: sum(one.fields.get(name) == text for one in found) - len(cluster) for name, text in constant.items()}
    rest = len(found) - len(cluster)
    telling = [name for name in outside if _naming(constant[name]) and (name in asked or outside[name] < rest or not rest)]
    chosen = sorted(telling, key=lambda name: (first is None or name != first.field, outside[name], name not in asked, len(name), name))
    where = {name: (escaped(constant[name]),) for name in chosen[:_FIELDS]}
    return Proposal(where, len(cluster), len(cluster) / len(found))


def _naming(text: str) -> bool:
    """Say whether a value is like the name of something (a program, an account, an address) and not like a code or a word of a protocol."""
    return len(text) >= _NAME and any(sign in text for sign in _SIGNS)


def _constant(cluster: Sequence[Observed], known: AbstractSet[str]) -> dict[str, str]:
    constant = {name: text for name, text in cluster[0].fields.items() if name in known}
    for one in cluster[1:]:
        for name in [name for name, text in constant.items() if one.fields.get(name) != text]:
            del constant[name]
    return constant


def escaped(text: str) -> str:
    r"""Write a text as a Sigma value that matches it and nothing else: ``*``, ``?`` and the backslashes before them are escaped."""
    return re.sub(r"\\(?=[\\*?])|[*?]", lambda found: f"\\{found[0]}", text)


def _of_field(name: str, counts: Counter[str], found: Sequence[Observed]) -> Dominant:
    value, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    whole = len(found)
    sizes = [*counts.values(), *([whole - counts.total()] if whole > counts.total() else [])]
    having = [one for one in found if one.fields.get(name) == value]
    return Dominant(
        field=name,
        value=value,
        count=count,
        share=count / whole,
        distinct=len(counts),
        entropy=sum(-size / whole * math.log2(size / whole) for size in sizes) + 0.0,
        hosts=len({host for one in having for host in one.hosts}),
        users=len({user for one in having for user in one.users}),
    )
