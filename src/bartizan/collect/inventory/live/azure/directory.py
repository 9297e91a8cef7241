"""Ask Microsoft Graph who they are that rights are given to: by their ids, a thousand at once; who is in a group; who owns what.

Nobody else of the directory is read, but for all applications, which are judged themselves.
Source: Microsoft Graph v1.0, "directoryObject: getByIds", "List group members", "List owners", "List applications".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Origin, Uid
from bartizan.collect.inventory.live.azure.asking import Listed, listed
from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.rest.calls import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bartizan.collect.inventory.live.azure.asking import Asks
    from bartizan.collect.inventory.live.azure.contract import Reading

__all__ = ["PERMISSION", "read_directory"]

PERMISSION: Final = "Directory.Read.All"
"""What a principal must be given in Microsoft Graph."""
_SERVICE: Final = "graph"
_LINK: Final = "@odata.nextLink"
_AT_ONCE: Final = 1000
_STROKES: Final = 4
"""In an id of an object."""
_TYPES: Final = ("user", "group", "servicePrincipal")
_GLOBAL: Final = "62e90394-69f5-4237-9190-012177145e10"
"""The template of the role of global administrators, the same in every tenant."""
_APPLICATIONS: Final = (
    "v1.0/applications?$top=999&$select=id,appId,displayName,signInAudience,passwordCredentials,keyCredentials,requiredResourceAccess,web"
)


_KINDS: Final = {
    "#microsoft.graph.user": "users",
    "#microsoft.graph.group": "groups",
    "#microsoft.graph.servicePrincipal": "servicePrincipals",
}


def read_directory(asks: Asks, reading: Reading, who: Iterable[str], *, how: str, each: Callable[..., Iterable[Any]] = map) -> list[Gap]:
    """Take into a reading those that rights are given to, and who is in groups of theirs; return what could not be read.

    ``each`` is ``map``, or one that does several at once.
    """
    work = _Directory(asks, reading, how, each)
    work.ids(sorted(set(who)))
    work.administrators()
    fringe = list(work.held["groups"])
    while fringe:
        before = set(work.held["groups"])
        work.joined("groups", fringe, "members")
        for uid in fringe:
            if uid not in work.refused:
                reading.answered(uid, ["members"])
        fringe = [uid for uid in work.held["groups"] if uid not in before]
    work.joined("groups", list(work.held["groups"]), "owners")
    own = [uid for uid, one in work.held["servicePrincipals"].items() if one.get("servicePrincipalType") != "ManagedIdentity"]
    work.joined("servicePrincipals", own, "owners")
    work.applications({str(work.held["servicePrincipals"][uid].get("appId")).lower() for uid in own})
    return work.gaps


@dataclass(slots=True)
class _Directory:
    """What was read of a directory: objects by where they are listed and by id."""

    asks: Asks
    reading: Reading
    how: str
    each: Callable[..., Iterable[Any]]
    held: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=lambda: {name: {} for name in _KINDS.values()})
    refused: set[str] = field(default_factory=set)
    gaps: list[Gap] = field(default_factory=list)

    def ids(self, who: list[str]) -> None:
        """Find out who they are that ids name; who is not in the directory any more is not among them."""
        path = "v1.0/directoryObjects/getByIds"
        for first in range(0, len(who), _AT_ONCE):
            asked = {"ids": who[first : first + _AT_ONCE], "types": list(_TYPES)}
            call = Call.post(_name(path), f"{self.asks.cloud.graph}/{path}", asked, service=_SERVICE)
            found = _list(listed(self.asks, call, following=_LINK))
            if found.failure is not None:
                self.gap(path, found.failure, "group")
            self.take(found.rows, path)

    def administrators(self) -> None:
        """Read who is global administrator, who may give themselves every right in Azure."""
        path = f"v1.0/directoryRoles(roleTemplateId='{_GLOBAL}')/members?$top=999"
        found = self.get(path)
        if found.failure is not None:
            self.gap(path, found.failure, "directory_role")
        self.take(found.rows, path)
        if found.rows:
            told = {"id": _GLOBAL, "roleTemplateId": _GLOBAL, "members": [{"id": one["id"]} for one in found.rows]}
            self.reading.take(told, Origin(self.how, _name(path)))

    def joined(self, name: str, uids: list[str], what: str) -> None:
        """Read the members or owners of objects, and who those are."""
        paths = [f"v1.0/{name}/{uid}/{what}?$top=999" for uid in uids]
        for uid, path, found in zip(uids, paths, self.each(self.get, paths), strict=True):
            if found.failure is not None:
                self.gap(path, found.failure, "group" if name == "groups" else "application", uid if what == "members" else "")
                self.refused |= {uid} if what == "members" else set()
                continue
            self.take(found.rows, path)
            if found.rows:
                told = {**self.held[name][uid], what: [{"id": one["id"]} for one in found.rows]}
                self.reading.take(told, Origin(self.how, _name(path)))

    def applications(self, with_rights: set[str]) -> None:
        """Read all applications, and who owns those that act with rights."""
        found = self.get(_APPLICATIONS)
        if found.failure is not None:
            self.gap(_APPLICATIONS, found.failure, "application")
        own = [one for one in found.rows if str(one.get("appId")).lower() in with_rights]
        paths = [f"v1.0/applications/{one['id']}/owners?$top=999" for one in own]
        owners: dict[str, list[dict[str, Any]]] = {}
        for one, path, told in zip(own, paths, self.each(self.get, paths), strict=True):
            if told.failure is not None:
                self.gap(path, told.failure, "application")
            self.take(told.rows, path)
            owners[one["id"]] = [{"id": owner["id"]} for owner in told.rows]
        for one in found.rows:
            record = {"requiredResourceAccess": [], **one, "owners": owners.get(one["id"], [])}
            self.reading.take(record, Origin(self.how, _name(_APPLICATIONS)))

    def take(self, objects: Iterable[Mapping[str, Any]], path: str) -> None:
        """Take users, groups and service principals that are not known yet."""
        for one in objects:
            name = _KINDS.get(str(one.get("@odata.type")))
            uid = str(one["id"]).lower()
            if name is not None and uid not in self.held[name]:
                self.held[name][uid] = one
                self.reading.take(one, Origin(self.how, _name(path)))

    def get(self, path: str) -> Listed:
        """Ask for a list."""
        return _list(listed(self.asks, Call(_name(path), f"{self.asks.cloud.graph}/{path}", service=_SERVICE), following=_LINK))

    def gap(self, path: str, failure: Failure, kind: str, uid: str = "") -> None:
        """Note what could not be read."""
        self.gaps.append(
            Gap(provider="azure", call=_name(path), reason=failure.reason, detail=failure.told, kinds=(kind,), uid=Uid(uid)),
        )


def _list(found: Listed) -> Listed:
    """Return what was listed; a failure where what came is no list."""
    return Listed((), Failure("failed", "NoList", "what came is no list")) if found.alone else found


def _name(path: str) -> str:
    """Return how a call of Microsoft Graph is named: without whom it is of."""
    parts = path.partition("?")[0].split("/")
    return f"Microsoft Graph {'/'.join(part.partition('(')[0] for part in parts[1:] if '(' in part or part.count('-') < _STROKES)}"
