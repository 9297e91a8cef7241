"""Turn rows into resources by what the kinds say, each record of a part of a resource joined to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Edge, Facts, Gap, Resource, Uid
from bartizan.collect.inventory.exports.azure.rows import SUBSCRIPTION, mapping, parent_of, resource_group_of, text
from bartizan.collect.inventory.exports.sections import sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Origin, Value
    from bartizan.collect.inventory.exports.azure.rows import Row
    from bartizan.collect.inventory.exports.sections import Section

__all__ = ["Draft", "Drafts"]

_BARE: Final = "the list that it is from shows nothing of its type: export it with its properties"


@dataclass(slots=True)
class Draft:
    """A resource that is being put together."""

    uid: Uid
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
            provider="azure",
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

    def __init__(self) -> None:
        """Begin with none."""
        self._sections = sections("azure")
        self._parts: dict[str, list[tuple[Section, dict[str, Value]]]] = {}
        self.held: dict[Uid, Draft] = {}
        self.edges: list[Edge] = []

    def take(self, row: Row) -> None:
        """Take a row: as a resource, as a part of another, or both; one of a type that no kind knows is a resource of no kind."""
        entries = [entry for entry in self._sections.get(row.type, ()) if entry.fits(row.value)]
        for entry in entries:
            if entry.of:
                above = parent_of(row.uid) if entry.of == "parent" else f"/subscriptions/{row.subscription}"
                self._parts.setdefault(above, []).append((entry, row.value))
        own = [entry for entry in entries if not entry.of]
        if own:
            self._own(row, own[0])
        elif not entries:
            self._put(self._draft(row, ""))

    def _own(self, row: Row, section: Section) -> None:
        draft = self._draft(row, section.kind.name)
        if row.bare:
            draft.unknown["*"] = _BARE
        else:
            given = section.given(row.value)
            draft.properties.update(given.properties)
            draft.unknown.update(given.unknown)
            self.edges += [Edge(row.uid, Uid(to.lower()), kind, row.origin) for kind, to in section.joined(row.value)]
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

    def _draft(self, row: Row, kind: str) -> Draft:
        tags = {name: value for name, value in mapping(row.value.get("tags")).items() if isinstance(value, str)}
        return Draft(row.uid, kind, row.name, row.subscription, text(row.value.get("location")), tags, row.origin)

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
                if name not in draft.properties:
                    draft.unknown.setdefault(name, f"no {kind} of it is in the export")

    def _given_by_parts(self) -> dict[str, list[tuple[str, str]]]:
        """Return the properties that only parts give, and the type of the part, by kind."""
        given: dict[str, list[tuple[str, str]]] = {}
        for entry in (entry for entries in self._sections.values() for entry in entries if entry.of):
            given.setdefault(entry.kind.name, []).extend((name, entry.type) for name in entry.names())
        return given

    def orphans(self) -> list[Gap]:
        """Return a gap for each resource of which only a part was read."""
        lone = [above for above in self._parts if Uid(above) not in self.held]
        return [Gap(provider="azure", call=above, reason="not-in-origin", detail="only parts of it are in the export") for above in lone]

    def parts(self, uid: Uid, kind: str) -> list[dict[str, Value]]:
        """Return the parts of one type that came for a resource."""
        return [value for section, value in self._parts.get(uid, ()) if section.type == kind]

    def contained(self, facts: Facts) -> None:
        """Add the tree: what is in a resource group, and what group is in a subscription."""
        for draft in self.held.values():
            above = resource_group_of(draft.uid) or (f"/subscriptions/{draft.account}" if draft.account else "")
            if above == draft.uid:
                above = f"/subscriptions/{draft.account}" if "/resourcegroups/" in draft.uid else ""
            if above and above != draft.uid and draft.uid.startswith(f"{above}/") and draft.kind != SUBSCRIPTION:
                facts.edges.append(Edge(Uid(above), draft.uid, "contains", draft.origin))


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
