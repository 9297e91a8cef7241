"""Say what could not be read of which resources.

There are three ways in which a property can be missing without being "not set": a mark on the resource itself, a ``Gap`` of what was
read, and an origin that carries no such property at all (a template says nothing of when a role was last used).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap
from bartizan.collect.inventory.kinds import SECTIONS, kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Facts, Resource

__all__ = ["Gaps", "hides", "reaches", "reason", "told"]

_SECTION: Final = {**{name: name for name in SECTIONS}, "recording": "live"}
"""By how an origin reads, the section of a kind that says what it can tell."""
_MARKED: Final = ("terraform", "template")
"""Readers of declarations mark by themselves what these do not tell."""
_GIVING: Final = ("gives", "adds", "counts", "defaults", "else")
"""What a section calls the properties that it gives."""
_ANSWERS: Final = ("export", "aws")
"""Exports of AWS are answers of its API that somebody kept: they tell what the same answers tell when they are asked for."""
_ROWS: Final = ("azure", "gcp")
"""Providers of which a running estate gives the same rows as their exports."""
_PARTS: Final = {"policy": ("policy",), "trust": ("trust",), "inline": ("inline", "policies.inline")}
"""By what stands behind the uid of a resource in that of a policy, the properties that are the policy."""


class Gaps:
    """What is missing of an estate, found by what it is about."""

    def __init__(self, facts: Facts, by_kind: Mapping[tuple[str, str], Sequence[Resource]]) -> None:
        """Take facts, and the same resources by provider and kind."""
        self._by_kind = by_kind
        self._wide = [gap for gap in facts.gaps if not gap.uid]
        self._single: dict[str, list[Gap]] = {}
        for gap in facts.gaps:
            if gap.uid:
                self._single.setdefault(gap.uid.partition("#")[0], []).append(gap)
        self._of: dict[tuple[str, str], list[Gap]] = {}
        self._near: dict[tuple[str, str, str, str, str], tuple[Gap, ...]] = {}
        self._silent: dict[tuple[str, str], Mapping[str, Gap]] = {}

    def of(self, provider: str, name: str) -> list[Gap]:
        """Return the gaps about a kind, but for those about a single resource and those that marks on resources tell already."""
        known = self._of.get((provider, name))
        if known is None:
            known = [gap for gap in self._wide if gap.provider == provider and (not gap.kinds or name in gap.kinds)]
            if any(gap.properties for gap in known):
                marked = {why for one in self._by_kind.get((provider, name), ()) for why in one.unknown.values()}
                known = [gap for gap in known if not gap.properties or not any(gap.call in why for why in marked)]
            self._of[provider, name] = known
        return known

    def near(self, resource: Resource) -> tuple[Gap, ...]:
        """Return what is missing of a resource: a gap without account or region is everywhere, as is such a resource."""
        wide = self.wide(resource)
        single = self._single.get(resource.uid)
        return (*(_narrowed(gap) for gap in single), *wide) if single else wide

    def wide(self, resource: Resource) -> tuple[Gap, ...]:
        """Return what is missing of a resource and of those of its kind that are where it is, read as it was."""
        key = resource.provider, resource.kind, resource.account, resource.region, resource.origin.how
        known = self._near.get(key)
        if known is None:
            found = [gap for gap in self.of(*key[:2]) if reaches(gap, resource)]
            silent = self._silences(*key[:2]).get(key[4])
            known = self._near[key] = (*found, silent) if silent else tuple(found)
        return known

    def single(self, resource: Resource) -> bool:
        """Say whether a gap is about one resource alone."""
        return resource.uid in self._single

    def about(self, uid: str) -> Iterator[Gap]:
        """Yield the gaps about one thing, or one policy, by its whole uid."""
        return (gap for gap in self._single.get(uid.partition("#")[0], ()) if gap.uid == uid)

    def unlisted(self, provider: str, name: str) -> Iterator[Gap]:
        """Yield the gaps that may hide whole resources of a kind."""
        return (gap for gap in self.of(provider, name) if not gap.properties)

    def lists(self, where: Resource, name: str) -> bool:
        """Say whether things of a kind would be read by the origin of a resource; of origins that have no sections, all are."""
        how = where.origin.how
        if how not in _SECTION or any(one.origin.how == how for one in self._by_kind.get((where.provider, name), ())):
            return True
        declared = kind(where.provider, name)
        return declared is not None and _section(where.provider, how) in declared.sections

    def unread(self, provider: str, names: Sequence[str]) -> str:
        """Say why there is nothing of some kinds, where none of the origins of a provider's facts would read them, "" where one would."""
        hows = {one.origin.how for (owner, _), some in self._by_kind.items() if owner == provider for one in some[:1]}
        if not hows:
            return f"nothing of {provider} was read"
        sections = [kind(provider, name) for name in names]
        if any(how not in _SECTION or any(one and _section(provider, how) in one.sections for one in sections) for how in hows):
            return ""
        return f"{' and '.join(sorted(hows))}: no {' or '.join(names)} is read there"

    def _silences(self, provider: str, name: str) -> Mapping[str, Gap]:
        """Return, by how an origin reads, a gap of the properties of a kind that it can never tell."""
        known = self._silent.get((provider, name))
        if known is None:
            known = self._silent[provider, name] = dict(self._unsaid(provider, name))
        return known

    def _unsaid(self, provider: str, name: str) -> Iterator[tuple[str, Gap]]:
        declared = kind(provider, name)
        seen: dict[str, set[str]] = {}
        for one in self._by_kind.get((provider, name), ()):
            seen.setdefault(one.origin.how, set()).update(one.properties)
        for how, names in seen.items():
            if declared is not None and how in _SECTION and how not in _MARKED:
                rest = tuple(sorted(declared.properties.keys() - names - _given(provider, name, how)))
                if rest:
                    yield how, Gap(provider=provider, call=how, reason="not-in-origin", kinds=(name,), properties=rest)


@cache
def _given(provider: str, name: str, how: str) -> frozenset[str]:
    """Return the properties that an origin tells of a kind, as the sections of its file say under ``gives`` and the like."""
    declared = kind(provider, name)
    return frozenset() if declared is None else frozenset(_gives(declared.sections.get(_section(provider, how))))


def _section(provider: str, how: str) -> str:
    if provider in _ROWS and _SECTION[how] == "live":
        return "export"
    return "live" if (how, provider) == _ANSWERS else _SECTION[how]


def _gives(section: Any) -> Iterator[str]:  # noqa: ANN401 - YAML
    for key, value in section.items() if isinstance(section, dict) else ():
        if key in _GIVING and isinstance(value, dict):
            yield from value
        else:
            yield from _gives(value)
    for value in section if isinstance(section, list) else ():
        yield from _gives(value)


def _narrowed(gap: Gap) -> Gap:
    """Return a gap of one policy as a gap of the property that it is."""
    part = gap.uid.partition("#")[2].partition("/")[0]
    return gap if gap.properties or part not in _PARTS else Gap(**{**_fields(gap), "properties": _PARTS[part]})


def _fields(gap: Gap) -> dict[str, Any]:
    return {name: getattr(gap, name) for name in gap.__slots__}


def hides(gap: Gap, names: Sequence[str]) -> bool:
    """Say whether a gap is about one of some properties: one that names none is about all."""
    return not gap.properties or any(
        name == hidden or name.startswith(f"{hidden}.") or hidden.startswith(f"{name}.") for hidden in gap.properties for name in names
    )


def reaches(gap: Gap, resource: Resource) -> bool:
    """Say whether a gap is about where a resource is; one without account or region is everywhere, as is such a resource."""
    return _same(gap.account, resource.account) and _same(gap.region, resource.region)


def told(gap: Gap) -> str:
    """Return a gap in words."""
    return f"{gap.call}: {gap.reason}" + (f" ({gap.detail})" if gap.detail else "")


def reason(name: str, properties: Mapping[str, object], unknown: Mapping[str, str], near: Sequence[Gap]) -> str:
    """Say why a property is unknown, "" where it is known: what is said of itself counts always, the rest where it is not set."""
    if name in unknown:
        return unknown[name] or "unknown"
    if name in properties:
        return ""
    for start, why in unknown.items():
        if start == "*" or name.startswith(f"{start}."):
            return why or "unknown"
    return next((told(gap) for gap in near if hides(gap, (name,))), "")


def _same(one: str, other: str) -> bool:
    return not one or not other or one == other or "global" in {one, other}
