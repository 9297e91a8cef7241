"""Say where a fact holds, and read the two identities of a tie out of one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.detect.identities.contract import IdentityKind, Scope, Side
from bartizan.detect.identities.forms import identities
from bartizan.schema.columns import ABSENT, Cell

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SCOPES", "SOURCE", "paths_at", "scope_of", "told"]

SOURCE: Final = "metadata.log_provider"
"""Which source read the record."""
_MACHINE: Final = (
    ("host", Side(IdentityKind.HOST, ("device.hostname",))),
    ("host", Side(IdentityKind.HOST, ("device.name",))),
    ("agent", Side(IdentityKind.AGENT, ("device.uid",))),
    ("ip", Side(IdentityKind.IP, ("device.ip",))),
)
_ACCOUNT: Final = (
    ("account", Side(IdentityKind.UID, ("cloud.account.uid",))),
    ("project", Side(IdentityKind.UID, ("cloud.project_uid",))),
    ("tenant", Side(IdentityKind.UID, ("cloud.org.uid",))),
    ("tenant", Side(IdentityKind.UID, ("metadata.tenant_uid",))),
)
_LOGS: Final = (("source", Side(IdentityKind.AGENT, (SOURCE,))),)
SCOPES: Final[Mapping[Scope, tuple[tuple[str, Side], ...]]] = {
    Scope.EVERYWHERE: (),
    Scope.HOST: _MACHINE,
    Scope.PLACE: (*_MACHINE, *_ACCOUNT, *_LOGS),
    Scope.REALM: (*_ACCOUNT, *_MACHINE, *_LOGS),
    Scope.TENANT: (*_ACCOUNT, *_LOGS),
}
"""What tells where: the first that the record has, with the word before its value."""


def scope_of(scope: Scope, record: Mapping[str, Cell]) -> str | None:
    """Return where a fact of a record holds, "" for everywhere; None where the record does not tell and must."""
    choices = SCOPES[scope]
    if not choices:
        return ""
    return next((f"{word}:{value}" for word, side in choices for value in told(side, record)[:1]), None)


def told(side: Side, record: Mapping[str, Cell], place: str = "") -> tuple[str, ...]:
    """Return the identities that one side of a tie finds in a record."""
    return identities(side.kind, tuple(record.get(path, ABSENT) for path in paths_at(side, place)))


def paths_at(side: Side, place: str) -> tuple[str, ...]:
    """Return the attributes of a side in a place."""
    return tuple(place + path if path.startswith(".") else path for path in side.paths)
