"""Know operations of Azure: how patterns match them, and whether one is of the control plane or of data.

A role allows operations on resources (``actions``) and on what is in them (``dataActions``); ``*`` in the one says nothing of the other. Of
which plane an operation is, the reference data say. A provider of which no role that Azure defines has an operation on data has none, since
nobody could do it; of any other operation that is not there it is not known.
Source: Azure RBAC documentation, "Understand role definitions", "Control and data actions".
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.roles import Roles, roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.collect.inventory.contract import Statement

__all__ = ["CONTROL", "DATA", "matches", "planes"]

CONTROL: Final = "actions"
DATA: Final = "dataActions"
_VERBS: Final = ("read", "write", "delete", "action")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"/\*(?=/)", pattern.lower())
    return re.compile("(?:/.*)?".join(".*".join(map(re.escape, part.split("*"))) for part in parts), re.DOTALL)


def matches(pattern: str, action: str) -> bool:
    """Say whether a pattern, in which ``*`` stands for anything, covers an operation; letter case is no matter.

    Between strokes it stands for nothing as well: ``userAssignedIdentities/*/assign/action`` is how Azure's own role Managed Identity
    Operator gives ``userAssignedIdentities/assign/action``.
    """
    return pattern == "*" or _compiled(pattern).fullmatch(action.lower()) is not None


def planes(action: str, named: Iterable[str] = (), reference: Roles | None = None) -> tuple[str, ...] | None:
    """Return the planes that an operation is of; () for what is none, None where it is not known.

    ``named``: operations that roles name to the letter in ``dataActions``, in lower case.
    """
    asked = action.lower()
    reference = reference or roles("azure")
    found = reference.known.get(asked)
    if found is not None:
        return found
    provider, stroke, rest = asked.partition("/")
    if not stroke or "*" in asked or rest.rpartition("/")[2] not in _VERBS:
        return ()
    if asked in named:
        return (DATA,)
    return None if provider not in _without_data(reference) else (CONTROL,)


@cache
def _without_data(reference: Roles) -> frozenset[str]:
    """Return the providers of which no role has operations on data."""
    every = [name.partition("/")[0] for name in reference.known]
    patterns = (text for uid in reference.uids for said in _statements(reference, uid) for text in (*said.actions, *said.not_actions))
    listed = (name for name, found in reference.known.items() if DATA in found)
    return frozenset(every).difference(name.lower().partition("/")[0] for name in (*patterns, *listed))


def _statements(reference: Roles, uid: str) -> Iterator[Statement]:
    role = reference.role(uid)
    return (one for one in (role.statements if role else ()) if one.sid == DATA)
