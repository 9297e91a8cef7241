"""Ask services for what is in a project, list by list: what the inventory does not show, or all of it where the inventory is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.expressions import evaluate, placed
from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.gcp.addresses import following
from bartizan.collect.inventory.live.gcp.gaps import POLICY, gap_of, own_off
from bartizan.collect.inventory.live.gcp.records import of_policy, of_thing
from bartizan.collect.inventory.live.gcp.sections import shared
from bartizan.collect.inventory.live.rest.calls import pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Gap, Value
    from bartizan.collect.inventory.live.calls import Ask
    from bartizan.collect.inventory.live.gcp.addresses import Addresses
    from bartizan.collect.inventory.live.gcp.records import Node
    from bartizan.collect.inventory.live.gcp.sections import Listing, Step
    from bartizan.collect.inventory.live.rest.calls import Call

__all__ = ["Found", "Services"]

_PATH: Final = re.compile(r"projects/.*")
_PARTS: Final = {
    "serviceusage.googleapis.com/Service": ("services",),
    "compute.googleapis.com/Project": ("metadata", "default_service_account"),
    "logging.googleapis.com/LogMetric": ("metric_filters",),
    "dns.googleapis.com/Policy": ("dns_logging",),
}
"""Types that only tell of something else: which of its properties are missing without them."""
_UNREACHED: Final = ("unreachable", "missingZones")


@dataclass(slots=True)
class Found:
    """What a list gave: records with the call that gave each, and what it did not."""

    records: list[tuple[str, dict[str, Value]]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def narrowed(self, properties: tuple[str, ...]) -> Found:
        """Return the same where all but some properties is known from elsewhere."""
        return Found(self.records, [one if one.properties else replace(one, properties=properties) for one in self.gaps])


@dataclass(frozen=True, slots=True)
class Services:
    """Asks the lists of services. ``anew`` asks without looking at what was kept; what several lists ask is remembered."""

    ask: Ask[Call]
    addresses: Addresses
    anew: Ask[Call] | None = None
    remembered: Ask[Call] | None = None

    def read(self, listing: Listing, project: Node, *, policies: bool) -> Found:
        """Return the things of a list in a project, with the IAM policy of each where ``policies`` are wanted."""
        return _Reading(self, listing, project).read(policies=policies)


class _Reading:
    """One list of one project."""

    def __init__(self, services: Services, listing: Listing, project: Node) -> None:
        self._services, self._listing, self._project = services, listing, project
        self._marks = {"project": project.id, "number": project.number}
        self._found = Found()

    def read(self, *, policies: bool) -> Found:
        listing, project, found = self._listing, self._project, self._found
        scopes: list[dict[str, Any]] = [dict(self._marks)]
        for step in listing.steps:
            of = [{**self._marks, "_of": scope["_item"]} if "_item" in scope else scope for scope in scopes]
            scopes = [item for scope in of for item in self._items(step, scope)]
        named = [(placed(listing.name, scope), scope) for scope in scopes]
        things = [(str(name), scope) for name, scope in named if name is not None]
        call = listing.steps[-1].call
        found.records += [(call, of_thing(name, listing.type, scope["_item"], project)) for name, scope in things]
        if policies and listing.policy is not None:
            gaps = [gap for name, scope in things for gap in self._policy(listing.policy, name, scope)]
            alike = len(gaps) == len(things) > 1 and len({(gap.reason, gap.detail) for gap in gaps}) == 1
            found.gaps += [replace(gaps[0], uid=Uid(""), account=project.id)] if alike else gaps
        return found

    def _items(self, step: Step, scope: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        call = self._call(step, scope)
        if call is None:
            return
        ask = self._services.remembered if step.address in shared() else None
        for _page, answer in pages(ask or self._services.ask, call, following, anew=self._services.anew):
            if answer.failure is not None:
                if answer.failure.code not in step.absent:
                    self._missed(step, answer.failure)
                return
            for failure in _unreached(answer.document):
                self._missed(step, failure)
            items = evaluate(str(placed(step.items, scope)), dict(answer.document))
            for item in items if isinstance(items, list) else ():
                if isinstance(item, dict):
                    yield {**item, **scope, "_item": item, "_path": _path(item)}

    def _missed(self, step: Step, failure: Failure) -> None:
        if own_off(failure, self._project.id, self._project.number):
            failure = replace(failure, reason="not-in-origin")
        kinds, parts = (self._listing.kind,), _PARTS.get(self._listing.type, ())
        self._found.gaps.append(gap_of(step.call, failure, self._project.id, kinds=kinds, properties=parts))

    def _policy(self, step: Step, name: str, scope: Mapping[str, Any]) -> list[Gap]:
        """Keep the IAM policy of a thing; return a gap where it was refused."""
        call = self._call(step, scope)
        if call is None:
            return []
        answer = self._services.ask(call)
        if answer.failure is not None:
            return [gap_of(call.name, answer.failure, name, kinds=(self._listing.kind,), properties=POLICY)]
        self._found.records.append((call.name, of_policy(name, self._listing.type, answer.document, self._project)))
        return []

    def _call(self, step: Step, scope: Mapping[str, Any]) -> Call | None:
        address = placed(step.address, scope)
        called = self._services.addresses.call
        return None if address is None else called(step.call, str(address), body=step.body, account=self._project.id)


def _unreached(document: Mapping[str, Any]) -> Iterator[Failure]:
    """Yield what a page says that it lacks: places that did not answer."""
    for name in _UNREACHED:
        places = document.get(name)
        if isinstance(places, list) and places:
            yield Failure("failed", "UNREACHABLE", f"no answer from {', '.join(map(str, places[:10]))}")
    held = document.get("items")
    scopes = held.values() if isinstance(held, dict) else ()
    told = [one.get(name) for one in (document, *scopes) if isinstance(one, dict) for name in ("warning", "warnings")]
    warned = [one for each in told for one in (each if isinstance(each, list) else [each]) if isinstance(one, dict)]
    for warning in warned:
        if warning.get("code") != "NO_RESULTS_ON_PAGE":
            yield Failure("failed", str(warning.get("code", "WARNING")), str(warning.get("message", ""))[:300])


def _path(item: Mapping[str, Any]) -> str | None:
    found = _PATH.search(str(item.get("selfLink", "")))
    return found[0] if found else None
