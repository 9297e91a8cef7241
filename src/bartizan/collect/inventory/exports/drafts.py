"""Turn records of exports into resources by what the kinds say, each record of a part of a resource joined to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from bartizan.collect.inventory.contract import Edge, Gap, Resource, Uid
from bartizan.collect.inventory.exports.sections import sections

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bartizan.collect.inventory.contract import Facts, Origin, Value
    from bartizan.collect.inventory.exports.sections import Section

__all__ = ["Draft", "Drafts", "Told", "unread_groups"]

_BARE: Final = "the list that it is from shows nothing of its type: export it with its properties"


class Told(Protocol):
    """One record, brought into the form that the kinds of its provider ask."""

    @property
    def uid(self) -> Uid:
        """What it is of."""
        ...

    @property
    def type(self) -> str:
        """Its type as the provider says, in lower case."""
        ...

    @property
    def name(self) -> str:
        """The resource's name."""
        ...

    @property
    def value(self) -> dict[str, Value]:
        """What expressions of kinds are asked of."""
        ...

    @property
    def origin(self) -> Origin:
        """Where it was read."""
        ...

    @property
    def bare(self) -> bool:
        """Whether it is from a list that shows nothing of its type."""
        ...

    @property
    def account(self) -> str:
        """Whose it is."""
        ...

    @property
    def region(self) -> str:
        """Where it is."""
        ...

    @property
    def tags(self) -> dict[str, str]:
        """Its tags or labels."""
        ...

    def above(self, of: str) -> tuple[Uid, ...]:
        """Return the uids of what it is a part of; ``of`` as a section says it."""
        ...


@dataclass(slots=True)
class Draft:
    """A resource that is being put together."""

    uid: Uid
    provider: str
    kind: str
    name: str
    account: str
    region: str
    tags: Mapping[str, str]
    origin: Origin
    properties: dict[str, Value] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def finished(self) -> Resource:
        """Return the resource."""
        return Resource(
            uid=self.uid,
            provider=self.provider,
            kind=self.kind,
            account=self.account,
            region=self.region,
            name=self.name,
            tags=self.tags,
            properties=self.properties,
            unknown={name: why for name, why in self.unknown.items() if name not in self.properties},
            origin=self.origin,
        )


class Drafts:
    """All resources of an estate while its rows come in."""

    def __init__(self, provider: str) -> None:
        """Begin with none."""
        self._provider = provider
        self._sections = sections(provider)
        self._parts: dict[str, list[tuple[Section, dict[str, Value]]]] = {}
        self.held: dict[Uid, Draft] = {}
        self.edges: list[Edge] = []
        self.answers: dict[Uid, dict[str, str]] = {}
        """Of what was asked of a running cloud: by property, "" where what tells it was read to its end, else why it was not."""

    def take(self, row: Told) -> None:
        """Take a row: as a resource, as a part of another, or both; one of a type that no kind knows is a resource of no kind."""
        entries = [entry for entry in self._sections.get(row.type, ()) if entry.fits(row.value)]
        for entry in entries:
            if entry.of:
                for above in row.above(entry.of):
                    self._parts.setdefault(above, []).append((entry, row.value))
        own = [entry for entry in entries if not entry.of]
        if own:
            self._own(row, own[0])
        elif not entries and not self._part(row.type):
            self._put(self._draft(row, ""))

    def _part(self, type_: str) -> bool:
        """Say whether records of a type only ever tell of other resources."""
        known = self._sections.get(type_, ())
        return bool(known) and all(entry.of for entry in known)

    def _own(self, row: Told, section: Section) -> None:
        draft = self._draft(row, section.kind.name)
        if row.bare:
            draft.unknown["*"] = _BARE
        else:
            given = section.given(row.value)
            draft.properties.update(given.properties)
            draft.unknown.update(given.unknown)
            self.edges += [Edge(row.uid, Uid(to), kind, row.origin) for kind, to in section.joined(row.value)]
        self._put(draft)

    def _put(self, draft: Draft) -> None:
        """Keep a resource; of one that comes twice what is known counts, and what came first."""
        known = self.held.get(draft.uid)
        if known is None:
            self.held[draft.uid] = draft
            return
        if "*" in known.unknown and "*" not in draft.unknown:
            del known.unknown["*"]
        elif "*" in draft.unknown:
            del draft.unknown["*"]
        known.properties = {**draft.properties, **known.properties}
        known.unknown = {**draft.unknown, **known.unknown}
        known.kind = known.kind or draft.kind

    def _draft(self, row: Told, kind: str) -> Draft:
        return Draft(row.uid, self._provider, kind, row.name, row.account, row.region, row.tags, row.origin)

    def rename(self, known: Callable[[Uid], Uid]) -> None:
        """Call what parts were told of by the name that it has in the end."""
        parts = list(self._parts.items())
        self._parts = {}
        for above, told in parts:
            self._parts.setdefault(known(Uid(above)), []).extend(told)

    def finish(self) -> None:
        """Join the parts to their resources, and say what could not be told because no part came."""
        for above, parts in self._parts.items():
            draft = self.held.get(Uid(above))
            for section, value in parts:
                if draft is not None and draft.kind == section.kind.name:
                    _join(draft, section, value)
        given = self._given_by_parts()
        for draft in self.held.values():
            for name, kind in given.get(draft.kind, ()):
                if name not in draft.properties and (why := self.untold(draft.uid, name, f"no {kind} of it is in the export")):
                    draft.unknown.setdefault(name, why)

    def untold(self, uid: Uid, name: str, why: str = "") -> str:
        """Say why a property that is told by parts is not told, "" where it was read that it is not set; ``why`` where nobody asked."""
        return self.answers.get(uid, {}).get(name, why)

    def _given_by_parts(self) -> dict[str, list[tuple[str, str]]]:
        """Return the properties that only parts give, and the type of the part, by kind."""
        given: dict[str, list[tuple[str, str]]] = {}
        for entry in (entry for entries in self._sections.values() for entry in entries if entry.of):
            given.setdefault(entry.kind.name, []).extend((name, entry.type) for name in entry.names())
        return given

    def orphans(self) -> list[Gap]:
        """Return a gap for each resource of which only a part was read."""
        lone = [above for above in self._parts if Uid(above) not in self.held]
        return [
            Gap(provider=self._provider, call=above, reason="not-in-origin", detail="only parts of it are in the export") for above in lone
        ]

    def parts(self, uid: Uid, kind: str) -> list[dict[str, Value]]:
        """Return the parts of one type that came for a resource."""
        return [value for section, value in self._parts.get(uid, ()) if section.type == kind]


def unread_groups(facts: Facts, provider: str, read: Collection[Uid] = ()) -> list[Gap]:
    """Return a gap for each group that is given something and of which no member was read: who can do what hangs on it.

    ``read`` are groups that were asked for their members, who may be none.
    """
    members = {edge.dst for edge in facts.edges if edge.kind == "member-of"}
    given = {one.target for one in facts.attachments}
    groups = [one for one in facts.principals if one.kind == "group" and (provider != "gcp" or one.uid.startswith("group:"))]
    lone = [one for one in groups if one.uid in given and one.uid not in members and one.uid not in read]
    detail = "it is given roles, and who is in it is not in the export"
    return [
        Gap(
            provider=provider,
            call=f"members of {one.name or one.uid}",
            reason="not-in-origin",
            detail=detail,
            kinds=("group",),
            uid=one.uid,
        )
        for one in lone
    ]


def _join(draft: Draft, section: Section, value: dict[str, Value]) -> None:
    given = section.given(value)
    for name, new in given.properties.items():
        held = draft.properties.get(name)
        if isinstance(held, list) and isinstance(new, list):
            draft.properties[name] = [*held, *(one for one in new if one not in held)]
        elif isinstance(held, bool) and isinstance(new, bool):
            draft.properties[name] = held or new
        else:
            draft.properties[name] = new
    for name, why in given.unknown.items():
        if name not in draft.properties:
            draft.unknown[name] = why
