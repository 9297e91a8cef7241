"""Say what could not be read of which resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Gap, Resource

__all__ = ["Gaps", "hides", "reason", "told"]


class Gaps:
    """The gaps of an estate, found by what they are about."""

    def __init__(self, gaps: Iterable[Gap]) -> None:
        """Sort gaps by kind."""
        self._gaps = list(gaps)
        self._of: dict[tuple[str, str], list[Gap]] = {}
        self._near: dict[tuple[str, str, str, str], tuple[Gap, ...]] = {}

    def of(self, provider: str, kind: str) -> list[Gap]:
        """Return the gaps that are about a kind."""
        known = self._of.get((provider, kind))
        if known is None:
            known = [gap for gap in self._gaps if gap.provider == provider and (not gap.kinds or kind in gap.kinds)]
            self._of[provider, kind] = known
        return known

    def near(self, resource: Resource, kind: str) -> tuple[Gap, ...]:
        """Return the gaps about a kind where a resource is; one without account or region is everywhere, as is such a resource."""
        key = resource.provider, kind, resource.account, resource.region
        known = self._near.get(key)
        if known is None:
            found = (gap for gap in self.of(resource.provider, kind) if _same(gap.account, key[2]) and _same(gap.region, key[3]))
            known = self._near[key] = tuple(found)
        return known


def hides(gap: Gap, names: Sequence[str]) -> bool:
    """Say whether a gap is about one of some properties: one that names none is about all."""
    return not gap.properties or any(
        name == hidden or name.startswith(f"{hidden}.") or hidden.startswith(f"{name}.") for hidden in gap.properties for name in names
    )


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
