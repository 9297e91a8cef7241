"""Know the roles that providers define for everyone, of which an export seldom holds what they allow, and all that they can allow.

Every role of Azure and of Google Cloud is here as it was on the day of ``Roles.date`` (``tools/roles.py`` makes the files anew). A role
that is not here is unknown, and so is whether one allows what ``known`` does not have: nobody may take either for a no.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Condition, Origin, Statement, Uid
from bartizan.collect.inventory.roles.packed import packed, places_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Role", "Roles", "role", "role_named", "roles"]

_AZURE: Final = "/providers/microsoft.authorization/roledefinitions/"
_PLANES: Final = ("actions", "dataActions")


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a provider defines: its statements as a reader would have made them."""

    uid: Uid
    name: str
    statements: tuple[Statement, ...]
    permissions: frozenset[str] = frozenset()
    """Of Google Cloud: what it allows, which are no patterns; of Azure nothing."""


class Roles:
    """All roles of one provider; each is unpacked when somebody asks for it."""

    def __init__(self, provider: str, held: Mapping[str, Any]) -> None:
        """Take a packed file."""
        self.provider = provider
        self.date = str(held["date"])
        """The day of which they are."""
        self._held = held
        self._made: dict[str, Role | None] = {}

    @property
    def uids(self) -> Sequence[Uid]:
        """Return the uids of all roles, sorted."""
        return [self._uid(key) for key in self._held["roles"]]

    @cached_property
    def known(self) -> Mapping[str, tuple[str, ...]]:
        """Return all operations or permissions that are known, each with the planes that it is of.

        Those of Azure are in lower case, of ``actions``, ``dataActions`` or both, and not all there are; those of Google Cloud have one.
        """
        if self.provider == "gcp":
            return dict.fromkeys(self._held["permissions"], ("permissions",))
        found: dict[str, tuple[str, ...]] = {}
        for plane in _PLANES:
            for name in self._held["operations"][plane]:
                found[name] = (*found.get(name, ()), plane)
        return found

    def role(self, uid: str) -> Role | None:
        """Return a role by uid, or None where it is not known."""
        if uid not in self._made:
            told = self._held["roles"].get(uid.removeprefix(_AZURE))
            made = self._of_azure if self.provider == "azure" else self._of_google
            self._made[uid] = None if told is None else made(Uid(uid), *told)
        return self._made[uid]

    def named(self, name: str) -> Role | None:
        """Return a role by the name that people see, in any case; None where it is not known."""
        key = self._names.get(name.lower())
        return None if key is None else self.role(self._uid(key))

    def without(self, *gone: str) -> Roles:
        """Return the same without roles, and without permissions or operations: to prove that nobody takes what is not here for a no."""
        held = dict(self._held)
        held["roles"] = {key: told for key, told in held["roles"].items() if self._uid(key) not in gone}
        if self.provider == "azure":
            operations = held["operations"]
            held["operations"] = {key: [one for one in operations[key] if one not in gone] for key in _PLANES}
        else:
            # The places of the others stay.
            held["permissions"] = ["" if one in gone else one for one in held["permissions"]]
        return Roles(self.provider, held)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {told[0].lower(): key for key, told in reversed(self._held["roles"].items())}

    def _uid(self, key: str) -> Uid:
        return Uid(_AZURE + key if self.provider == "azure" else key)

    def _of_azure(self, uid: Uid, name: str, parts: Sequence[Sequence[str]]) -> Role:
        patterns: Sequence[str] = self._held["patterns"]
        statements = tuple(
            Statement(
                policy=uid,
                number=number,
                sid=_PLANES[int(plane)],
                actions=tuple(patterns[at] for at in places_of(spans)),
                not_actions=tuple(patterns[at] for at in places_of(less)),
                conditions=tuple(Condition("ABAC", "2.0", (one,)) for one in condition),
                origin=self._origin,
            )
            for number, (plane, spans, less, *condition) in enumerate(parts)
        )
        return Role(uid, name, statements)

    def _of_google(self, uid: Uid, title: str, spans: str) -> Role:
        permissions: Sequence[str] = self._held["permissions"]
        held = tuple(permissions[at] for at in places_of(spans))
        statement = Statement(policy=uid, number=0, sid="permissions", actions=held, origin=self._origin)
        return Role(uid, title, (statement,), frozenset(held))

    @cached_property
    def _origin(self) -> Origin:
        return Origin("reference", f"roles of {self.provider}", self.date)


@cache
def roles(provider: str) -> Roles:
    """Return the roles of a provider, ``azure`` or ``gcp``."""
    return Roles(provider, packed(provider))


def role(provider: str, uid: str) -> Role | None:
    """Return a role by uid, or None where it is not known."""
    return roles(provider).role(uid)


def role_named(provider: str, name: str) -> Role | None:
    """Return a role by the name that people see, in any case; None where it is not known."""
    return roles(provider).named(name)
