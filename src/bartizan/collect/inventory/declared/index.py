"""Find what a declaration refers to: by uid, by id, by name, and where it is not declared itself, by what its uid must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.contract import Resource, Uid
from bartizan.collect.inventory.declared.rendering import PLACEHOLDER, Rendering
from bartizan.collect.inventory.declared.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Origin
    from bartizan.collect.inventory.declared.contract import Account
    from bartizan.collect.inventory.declared.sections import Entry

__all__ = ["Draft", "Index"]


@dataclass(slots=True)
class Draft:
    """A resource that is being put together of several declarations."""

    uid: Uid
    entry: Entry
    name: str
    where: Account
    origin: Origin
    address: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    foreign: bool = False
    """It is declared nowhere here, only referred to."""

    def set(self, name: str, value: Any) -> None:  # noqa: ANN401 - any value of a declaration
        """Set a property, or what is unknown of it."""
        if isinstance(value, Unknown):
            self.unknown[name] = value.why
            self.properties.pop(name, None)
        elif value is not None:
            self.properties[name] = value
            self.unknown.pop(name, None)

    def add(self, name: str, values: Any) -> None:  # noqa: ANN401 - any value of a declaration
        """Add to a property that is a list."""
        if isinstance(values, Unknown):
            self.unknown[name] = values.why
            return
        held = self.properties.setdefault(name, [])
        held.extend(value for value in values or () if value not in held)

    def resource(self) -> Resource:
        """Return the resource."""
        return Resource(
            uid=self.uid,
            provider=self.entry.kind.provider,
            kind=self.entry.kind.name,
            account=self.where.account,
            region="" if self.entry.everywhere else self.where.region,
            name=self.name,
            tags=self.tags,
            properties=self.properties,
            unknown=self.unknown,
            origin=self.origin,
        )


class Index:
    """The drafts of an estate, by kind and by each name they go by."""

    def __init__(self, makers: Mapping[str, tuple[Entry, ...]]) -> None:
        """Begin with nothing; ``makers`` are the entries that make resources, by kind."""
        self.drafts: dict[tuple[str, Uid], Draft] = {}
        self._makers = makers
        self._names: dict[tuple[str, str], list[Draft]] = {}

    def put(self, draft: Draft, names: tuple[str, ...]) -> bool:
        """Add a draft with its names; False where that resource is there already."""
        kind = draft.entry.kind.name
        if (kind, draft.uid) in self.drafts:
            return False
        self.drafts[kind, draft.uid] = draft
        for name in {str(draft.uid), *names} - {""}:
            self._names.setdefault((kind, name), []).append(draft)
        return True

    def put_beside(self, draft: Draft) -> None:
        """Add a draft that goes by the uid of another: each is judged by what it says itself, and whoever names them means the first."""
        self.drafts[draft.entry.kind.name, Uid(f"{draft.uid} {draft.address}")] = draft

    def holds(self, kind: str) -> bool:
        """Say whether anything of a kind is declared or referred to."""
        return any(name == kind for name, _ in self.drafts)

    def find(self, kind: str, name: str, where: Account) -> Draft | None:
        """Return the draft of a name, the one of the same account and region first."""
        found = self._names.get((kind, name), [])
        return min(found, key=lambda one: (one.where.account != where.account, one.where.region != where.region), default=None)

    def reach(self, kind: str, name: str, where: Account, origin: Origin) -> Draft | None:
        """Return the draft of a name, or make one of a resource that is not declared here; None where nobody can say its uid."""
        found = self.find(kind, name, where)
        if found is not None or kind not in self._makers:
            return found
        entry = self._makers[kind][0]
        uid = name if _is_uid(name) else _guess(entry, name, where)
        if uid is None or (kind, Uid(uid)) in self.drafts:
            return None if uid is None else self.drafts[kind, Uid(uid)]
        shown = name.rpartition("/")[2] if _is_uid(name) else name
        draft = Draft(Uid(uid), entry, shown, where, origin, foreign=True, unknown={"*": "it is only referred to, and declared elsewhere"})
        self.put(draft, (name,))
        return draft


def _is_uid(name: str) -> bool:
    return name.startswith(("arn:", "/subscriptions/", "//"))


def _guess(entry: Entry, name: str, where: Account) -> str | None:
    """Return the uid of a resource whose template asks for nothing but its name."""
    asked = {found[1] for found in PLACEHOLDER.finditer(entry.uid) if not found[2]} - {"account", "region", "partition"}
    made = next((one[5:] for one in asked if one.startswith("made:")), "")
    if len(asked) > 1 or "made" in asked or not name.startswith(made):
        return None
    return Rendering(name, where, lambda one: name if one in {"id", *(each.partition(":")[0] for each in asked)} else None).render(
        entry.uid
    )
