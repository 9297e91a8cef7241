"""Know the roles that providers define for everyone, of which an export seldom holds what they allow.

Only the most used are here, from the data set and the day that each file names (`tools/roles.py` makes them anew). A role that is not
here is unknown, and so is what a role's ``unsure`` patterns cover: nobody may take either for a no.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.contract import Origin, Statement, Uid
from bartizan.documents import Refused, documents
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Role", "role", "role_named", "roles"]


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a provider defines: its statements as a reader would have made them; ``unsure``: patterns of what else it may allow."""

    uid: Uid
    name: str
    statements: tuple[Statement, ...]
    unsure: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    """Patterns of what it surely does not allow, where ``unsure`` would cover that."""
    compiled: str = ""
    """The day of the data that the table was made of."""


@cache
def roles(provider: str) -> Mapping[Uid, Role]:
    """Return the roles of a provider that are known, by uid."""
    where = f"roles/{provider}.yml"
    (document,) = documents(files(__name__).joinpath(f"{provider}.yml").read_bytes())
    if isinstance(document, Refused):
        message = f"{where}: {document}"
        raise InputError(message)
    held: Any = document.value
    found = [_role(provider, key, told, str(held["compiled"])) for key, told in held["roles"].items()]
    return {one.uid: one for one in found}


def role(provider: str, uid: str) -> Role | None:
    """Return a role by uid, or None where it is not known."""
    return roles(provider).get(Uid(uid))


def role_named(provider: str, name: str) -> Role | None:
    """Return a role by the name that people see, in any case; None where it is not known."""
    return next((one for one in roles(provider).values() if one.name.lower() == name.lower()), None)


def _role(provider: str, key: str, told: Mapping[str, Any], compiled: str) -> Role:
    uid = Uid(f"/providers/microsoft.authorization/roledefinitions/{key}" if provider == "azure" else key)
    origin = Origin("reference", f"roles of {provider}", compiled)
    pairs = [("actions", "not_actions"), ("data_actions", "not_data_actions")]
    planes = [
        ("dataActions" if plane.startswith("data") else "actions", told[plane], told.get(less, ()))
        for plane, less in pairs
        if told.get(plane)
    ]
    statements = tuple(
        Statement(policy=uid, number=number, sid=sid, actions=tuple(actions), not_actions=tuple(less), origin=origin)
        for number, (sid, actions, less) in enumerate(planes)
    )
    return Role(uid, told["name"], statements, tuple(told.get("unsure", ())), tuple(told.get("never", ())), compiled)
