"""Read the ``live`` section of a kind of AWS: which calls tell of it, and what of their answers means what.

::

    live:
      global: true                                   # asked once for an account; else once for each region
      list:
        call: ecs:DescribeServices                   # service of botocore : operation of its model
        per:                                         # first those; each of their items asks the call again, as ``_it`` and ``_of``
          - {call: ecs:ListClusters, items: clusterArns}
          - {call: ecs:ListServices, with: {cluster: "{_it}"}, items: serviceArns}
        batch: 10                                    # asks with so many items of the last step at once, as ``_batch``
        with: {cluster: "{_of._it}", services: "{_batch}"}
        absent: [NoSuchEntity]                       # this error means: there is none, which is a fact and no gap
        items: services                              # JMESPath of the things in an answer; ``[@]`` for the answer itself
        uid: "{serviceArn}"
        name: serviceName
        region: BucketRegion                         # of the thing, where it is another than where it was asked
        tags: tags                                   # a list of pairs, or a mapping
        gives: {cluster: clusterArn}                 # property: JMESPath of the item
        edges: [{kind: runs-as, to: roleArn}]        # ``from`` for the other way round; ``uid`` makes one of each, as ``_it``
        grants: {items: ..., grantee: ..., permission: ...}
      each:                                          # asked for each thing
        - {call: ..., with: ..., per: ..., absent: [...], when: JMESPath, gives: ..., tags: ..., edges: ..., grants: ..., else: {...}}

A list without a ``call`` has one thing, which is where it is. ``else`` gives properties where a call need not be made.
What an expression sees: the item (``_it`` where it is no mapping), ``_account``, ``_region``, ``_partition``, ``_here`` (region:account)
and in ``each`` the answer, with the item as ``_item`` and its uid as ``_uid``; with ``per`` the answers as ``_all``, and as
``_answers`` each as ``answer`` with what was ``asked`` for. ``where(list, expression, value)`` finds the
rows of an answer that speak of an item, so that one bulk call tells of all of them. A kind that two calls list has two sections.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.sections import known_only, sections_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.kinds import Kind

__all__ = ["EdgeOf", "GrantOf", "Listing", "Section", "Step", "Telling", "sections"]

_STEP: Final = frozenset({"call", "with", "items", "absent", "batch", "per", "when"})
_TELLS: Final = frozenset({"gives", "tags", "edges", "grants", "else"})
_LIST: Final = _STEP | _TELLS | {"uid", "name", "region"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call that is asked for each item of the steps before it."""

    call: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    items: str = "[@]"
    absent: frozenset[str] = frozenset()
    batch: int = 0
    when: str = ""


@dataclass(frozen=True, slots=True)
class EdgeOf:
    """An edge from a thing to what an expression finds, or the other way round."""

    kind: str
    found: str
    uid: str = ""
    inwards: bool = False


@dataclass(frozen=True, slots=True)
class GrantOf:
    """What a thing grants beside policies."""

    items: str
    grantee: str
    permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What an answer tells of a thing."""

    steps: tuple[Step, ...]
    """The last one tells; those before it find what to ask."""
    gives: Mapping[str, str] = field(default_factory=dict)
    tags: str = ""
    edges: tuple[EdgeOf, ...] = ()
    grants: tuple[GrantOf, ...] = ()
    otherwise: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tells(self) -> tuple[str, ...]:
        """Return what is not known without it: properties, and ``tags``, ``edges`` and ``grants`` where it tells of them."""
        others = (("tags", self.tags), ("edges", self.edges), ("grants", self.grants))
        return (*self.gives, *(name for name, told in others if told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Telling):
    """What finds the things."""

    uid: str
    name: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """How things of a kind are found, and what is asked of each."""

    kind: Kind
    once: bool
    """Whether it is asked once for an account."""
    listing: Listing
    each: tuple[Telling, ...] = ()


@cache
def sections() -> tuple[Section, ...]:
    """Return every live section of AWS, in the order of kinds; InputError where a file is wrong."""
    return tuple(sections_of("aws", _section))


def _section(kind: Kind, told: Mapping[str, Any]) -> Section:
    known_only(told, {"global", "list", "each"})
    listed = told["list"]
    known_only(listed, _LIST)
    base = _telling(kind, listed)
    listing = Listing(
        steps=base.steps,
        gives=base.gives,
        tags=base.tags,
        edges=base.edges,
        grants=base.grants,
        uid=listed["uid"],
        name=listed.get("name", ""),
        region=listed.get("region", ""),
    )
    return Section(kind, bool(told.get("global")), listing, tuple(_each(kind, one) for one in told.get("each", ())))


def _each(kind: Kind, told: Mapping[str, Any]) -> Telling:
    known_only(told, _STEP | _TELLS)
    return _telling(kind, told)


def _telling(kind: Kind, told: Mapping[str, Any]) -> Telling:
    gives = told.get("gives", {})
    strange = (gives.keys() | told.get("else", {}).keys()) - kind.properties.keys()
    if strange:
        message = f"the kind has no property {', '.join(sorted(strange))}"
        raise ValueError(message)
    return Telling(
        steps=(*(_step(one) for one in told.get("per", ())), _step(told)),
        gives=gives,
        tags=told.get("tags", ""),
        edges=tuple(_edge(one) for one in told.get("edges", ())),
        grants=tuple(GrantOf(one["items"], one["grantee"], one["permission"]) for one in told.get("grants", ())),
        otherwise=told.get("else", {}),
    )


def _step(told: Mapping[str, Any]) -> Step:
    known_only(told, _LIST | _TELLS)
    if "call" in told and told["call"].count(":") != 1:
        message = f"'{told['call']}' is no service:Operation"
        raise ValueError(message)
    return Step(
        call=told.get("call", ""),
        parameters=told.get("with", {}),
        items=told.get("items", "[@]"),
        absent=frozenset(told.get("absent", ())),
        batch=told.get("batch", 0),
        when=told.get("when", ""),
    )


def _edge(told: Mapping[str, Any]) -> EdgeOf:
    known_only(told, {"kind", "to", "from", "uid"})
    inwards = "from" in told
    return EdgeOf(told["kind"], told["from"] if inwards else told["to"], told.get("uid", ""), inwards)
