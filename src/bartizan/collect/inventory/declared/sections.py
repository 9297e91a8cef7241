"""Read what kinds say of declarations: the sections ``terraform`` and ``template`` of their files.

A section is a list of entries. An entry either makes a resource of the kind (it has ``uid``) or tells more of one (it has ``of``):

``type``      the type of what is declared (``aws_s3_bucket``, ``AWS::S3::Bucket``)
``uid``       a template of the resource's uid (see ``rendering``); ``id``: one of what else names it (``.id``, ``!Ref``)
``name``      a template of its name; without one it is ``{name}``, else ``id``, else the label
``global``    true where it has no region
``partial``   true where others that are declared nowhere here may say more of it, as of a whole account: what is not said is unknown
``account``   JMESPath of whose it is, where a provider or account of its own says so
``made``      templates of attributes that exist once the resource does, which others refer to: ``{invoke_arn: "..."}``
``principal`` the kind of principal that the resource is as well
``of``        JMESPath of what names the resource (or several): a uid, an ``id``, a name
``only``      JMESPath that must yield something true, or the entry says nothing
``gives``     JMESPath for each property, or several of which the first that yields something counts, or ``{at, is, absent}``: ``at`` is
              JMESPath, ``is`` the kind of resource that it names and of which the uid is wanted, ``absent`` what it is where not set,
              ``untold`` why it is unknown where not set, ``as`` what it is where it is true (false is not set), and ``otherwise: {at,
              is, property, absent}`` of which resource it is that property where ``at`` yields nothing
              (``provider_version`` is the major version of Terraform's provider, where it can be told)
``counts``    JMESPath for each property that counts declarations: whether this one counts
``adds``      JMESPath (or several) for what is added to properties that are lists
``defaults``  what a property is where neither ``gives`` nor another entry gives it and nothing of it is unknown
``gone``      what a property is once the declaration is taken away; one of ``gives`` that is not here is unknown then
``policies``  a list of ``{attach, document | managed, uid, each, build}``: ``document`` is JMESPath of a policy document, ``build`` names
              what makes one of the values (see ``documents``), ``managed`` is JMESPath of ARNs; ``each`` is JMESPath of the items
              that the others look at
``attaches``  a list of ``{to, is, attach}``: whom a managed policy names itself; ``{target, attach}`` where they are of several
              kinds; ``{target, attach, by}``: ``attach`` by what the property ``by`` of the policy says
``edges``     a list of ``{kind, to, is, back}``: ``to`` is JMESPath of what names resources of the kind ``is``; ``back``: from them to this
``rules``     a list of network rules (see ``networks``)
``grants``    a list of ``{each, to, permission}``, all JMESPath
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.kinds import kinds
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.kinds import Kind

__all__ = ["Entry", "attribute_template", "block_names", "entries", "maker", "makers", "told_properties"]

_BLOCK: Final = re.compile(r"(\w+)\[(?!\?)")
_KEYS: Final = frozenset(
    {
        *(
            "type",
            "uid",
            "id",
            "name",
            "global",
            "partial",
            "account",
            "made",
            "principal",
            "of",
            "only",
            "gives",
            "adds",
            "counts",
            "defaults",
            "gone",
        ),
        *("policies", "attaches", "edges", "rules", "grants"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entry:
    """One entry of a section, of a kind."""

    kind: Kind
    type: str
    uid: str = ""
    id: str = ""
    name: str = ""
    everywhere: bool = False
    partial: bool = False
    account: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    principal: str = ""
    of: str = ""
    only: str = ""
    gives: Mapping[str, Any] = field(default_factory=dict)
    adds: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    gone: Mapping[str, Any] = field(default_factory=dict)
    policies: tuple[Mapping[str, Any], ...] = ()
    attaches: tuple[Mapping[str, Any], ...] = ()
    edges: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    grants: tuple[Mapping[str, Any], ...] = ()


@cache
def entries(section: str) -> Mapping[str, tuple[Entry, ...]]:
    """Return the entries of a section of all kinds by the type of what is declared; InputError where one is none."""
    found: dict[str, list[Entry]] = {}
    for kind in kinds().values():
        for number, told in enumerate(kind.sections.get(section, ())):
            try:
                entry = _entry(kind, told)
            except (ValueError, TypeError, AttributeError) as error:
                message = f"kinds/{kind.provider}/{kind.name}.yml: {section}: entry {number}: {error}"
                raise InputError(message) from error
            found.setdefault(entry.type, []).append(entry)
    return {name: tuple(some) for name, some in found.items()}


def maker(section: str, declared: str) -> Entry | None:
    """Return the entry that makes a resource of what is declared, if one does."""
    return next((entry for entry in entries(section).get(declared, ()) if entry.uid), None)


@cache
def makers(section: str) -> Mapping[str, tuple[Entry, ...]]:
    """Return the entries that make resources, by kind."""
    found: dict[str, list[Entry]] = {}
    for some in entries(section).values():
        for entry in some:
            if entry.uid:
                found.setdefault(entry.kind.name, []).append(entry)
    return {name: tuple(some) for name, some in found.items()}


@cache
def told_properties(section: str, provider: str, name: str) -> frozenset[str]:
    """Return the properties of a kind that a section says anything of: of the others it can tell nothing."""
    found = [entry for some in entries(section).values() for entry in some if (entry.kind.provider, entry.kind.name) == (provider, name)]
    named = {name for entry in found for name in (*entry.gives, *entry.adds, *entry.counts, *entry.defaults)}
    named |= {one["adds"] for entry in found for one in entry.policies if "adds" in one}
    if any(entry.policies for entry in found):
        named |= {name for name, one in found[0].kind.properties.items() if one.type == "policy"} | {"policies.attached"}
    return frozenset(named)


@cache
def block_names(declared: str) -> frozenset[str]:
    """Return the attributes of a type that expressions of ``terraform`` look into as lists of objects, at whatever depth."""
    texts = repr(
        [
            (one.of, one.only, one.gives, one.adds, one.policies, one.edges, one.rules, one.grants)
            for one in entries("terraform").get(declared, ())
        ]
    )
    each = [
        str(told["each"])
        for one in entries("terraform").get(declared, ())
        for told in (*one.policies, *one.rules, *one.grants)
        if "each" in told
    ]
    return frozenset(_BLOCK.findall(texts)) | frozenset(path for path in each if path.isidentifier())


def attribute_template(entry: Entry, name: str) -> str | None:
    """Return the template of an attribute that the provider makes; None where nobody says how."""
    made = {"arn": "{uid}", "id": entry.id or "{uid}", **entry.made}
    if name in made:
        return made[name]
    return f"{{{name}}}" if f"{{{name}}}" in f"{entry.uid}{entry.id}" else None


def _entry(kind: Kind, told: Mapping[str, Any]) -> Entry:
    if strange := sorted(told.keys() - _KEYS):
        message = f"there is no {', '.join(strange)}"
        raise ValueError(message)
    if ("uid" in told) is ("of" in told):
        message = "it needs either uid or of"
        raise ValueError(message)
    given = {*told.get("gives", {}), *told.get("adds", {}), *told.get("counts", {}), *told.get("defaults", {})}
    if strange := sorted(given - kind.properties.keys()):
        message = f"the kind has no property {', '.join(strange)}"
        raise ValueError(message)
    if "global" in told and not isinstance(told["global"], bool):
        message = "global is true or false"
        raise ValueError(message)
    lists: dict[str, Any] = {name: tuple(told.get(name, ())) for name in ("policies", "attaches", "edges", "rules", "grants")}
    plain: dict[str, Any] = {name: told[name] for name in _KEYS - lists.keys() - {"global"} if name in told}
    return Entry(kind=kind, everywhere=bool(told.get("global")), **plain, **lists)
