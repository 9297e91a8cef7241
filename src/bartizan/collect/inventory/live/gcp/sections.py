"""Read the ``live`` section of a kind of Google Cloud: by which types the inventory tells of it, and which lists of services do.

::

    live:
      types: [cloudkms.googleapis.com/CryptoKey]       # as the Cloud Asset Inventory writes them
      lists:                                           # asked where the inventory is refused; none: nothing else tells of the kind
        - call: cloudkms.cryptoKeys.list               # the permission that it needs
          per:                                         # first those; each of their items asks the list again, as ``_of``
            - {call: cloudkms.keyRings.list, get: "...", items: keyRings}
          get: cloudkms.googleapis.com/v1/{_of.name}/cryptoKeys
          items: cryptoKeys                            # JMESPath of the things on a page; ``[@]`` for the page itself
          absent: [NOT_FOUND]                          # this error means: there is none, which is a fact and no gap
          type: cloudkms.googleapis.com/CryptoKey      # where it is not the first of ``types``
          name: "//cloudkms.googleapis.com/{name}"     # the name of the asset that a thing is
          policy: {call: ..., get: ...}                # the IAM policy of each; ``post`` and ``body`` where that is no GET
          beside: [acl.public]                         # asked always: properties that the inventory does not show

What a text in braces sees: the item, ``_of``, ``project`` (the id), ``number``, and ``_path`` (the item's ``selfLink`` from
``projects/`` on).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.sections import known_only, sections_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.kinds import Kind

__all__ = ["Listing", "Section", "Step", "sections", "shared", "types"]

_RIGHTS: Final = ("iam.googleapis.com/PolicyBinding", "iam.googleapis.com/PrincipalAccessBoundaryPolicy")
_STEP: Final = frozenset({"call", "get", "post", "body", "items", "absent"})
_LIST: Final = _STEP | {"per", "type", "name", "policy", "beside"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A question that is asked for each item of the one before it."""

    call: str
    address: str
    body: Mapping[str, Any] | None = None
    """None where it is a GET."""
    items: str = "[@]"
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What finds things of one type in a project."""

    kind: str
    type: str
    name: str
    steps: tuple[Step, ...]
    """The last one finds them; those before it find what to ask."""
    policy: Step | None = None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """How a kind is read."""

    kind: Kind
    types: tuple[str, ...]
    lists: tuple[Listing, ...] = field(default=())


def types() -> tuple[str, ...]:
    """Return every type of asset that tells of a kind, or of rights beside kinds, in order."""
    return tuple(sorted({*_RIGHTS, *(one for section in sections() for one in section.types)}))


@cache
def shared() -> frozenset[str]:
    """Return the addresses that several lists ask: what they are answered is worth to be remembered."""
    asked = Counter(step.address for section in sections() for one in section.lists for step in one.steps)
    return frozenset(address for address, count in asked.items() if count > 1)


@cache
def sections() -> tuple[Section, ...]:
    """Return every live section of Google Cloud, in the order of kinds; InputError where a file is wrong."""
    return tuple(sections_of("gcp", _section))


def _section(kind: Kind, told: Mapping[str, Any]) -> Section:
    known_only(told, frozenset({"types", "lists"}))
    return Section(kind=kind, types=tuple(told["types"]), lists=tuple(_listing(kind, told, one) for one in told.get("lists", ())))


def _listing(kind: Kind, section: Mapping[str, Any], told: Mapping[str, Any]) -> Listing:
    known_only(told, _LIST)
    type_ = told.get("type", section["types"][0])
    if type_ not in section["types"]:
        message = f"'{type_}' is none of its types"
        raise ValueError(message)
    policy, beside = told.get("policy"), tuple(told.get("beside", ()))
    if not set(beside) <= kind.properties.keys():
        message = f"the kind has no property {', '.join(sorted(set(beside) - kind.properties.keys()))}"
        raise ValueError(message)
    if policy is not None:
        known_only(policy, _STEP)
    return Listing(
        kind=kind.name,
        type=type_,
        name=told["name"],
        steps=(*(_step(one) for one in told.get("per", ())), _step({name: told[name] for name in _STEP & told.keys()})),
        policy=_step(policy) if policy is not None else None,
        beside=beside,
    )


def _step(told: Mapping[str, Any]) -> Step:
    known_only(told, _STEP)
    if ("get" in told) == ("post" in told):
        message = f"{told['call']}: it needs either get or post"
        raise ValueError(message)
    return Step(
        call=told["call"],
        address=told.get("get") or told["post"],
        body=told.get("body", {}) if "post" in told else None,
        items=told.get("items", "[@]"),
        absent=frozenset(told.get("absent", ())),
    )
