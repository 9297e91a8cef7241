"""Make facts of answers, as a section says. Where the answers come from is no matter here: from AWS, or from what was kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Grant, Origin, Resource, Uid
from bartizan.collect.inventory.expressions import evaluate, placed
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.aws.gaps import Gaps
from bartizan.collect.inventory.live.aws.network import rules_of
from bartizan.collect.inventory.live.aws.values import cast, tags_of
from bartizan.collect.inventory.policies import read_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bartizan.collect.inventory.live.aws.calls import Ask
    from bartizan.collect.inventory.live.aws.sections import EdgeOf, GrantOf, Section, Step, Telling
    from bartizan.collect.inventory.live.calls import Answer, Failure

__all__ = ["Reader"]

_POLICIES: Final = {"policy": ("policy", "resource"), "inline": ("inline/inline", "identity")}
"""By property that is a policy: what its uid has behind that of its resource, and how it is attached to it."""


@dataclass(slots=True)
class _Thing:
    """One thing as it is read: its item, and what was learnt of it so far."""

    resource: Resource
    scope: Mapping[str, Any]
    place: Place
    properties: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


class _Found(NamedTuple):
    """What the last of some steps found: each answer with what was asked for; and which calls gave nothing."""

    answers: list[tuple[Mapping[str, Any], Mapping[str, Any]]]
    failures: list[tuple[Call, Failure]]


class Reader:
    """Reads kinds at one place after another with what answers calls. ``each`` is ``map``, or one that does several at once."""

    def __init__(self, ask: Ask, *, how: str = "live", origin: Origin | None = None, each: Callable[..., Iterable[Any]] = map) -> None:
        """Read with what answers; ``origin`` is that of all facts, where it is not the call and the place that told of a thing."""
        self._ask, self._how, self._origin, self._each = ask, how, origin, each

    def read(self, section: Section, place: Place) -> Facts:
        """Return all facts of the things of a kind at a place."""
        facts, gaps = Facts(), Gaps(section.kind.name)
        found = self._chase(section.listing.steps, _marks(place), place, self._each)
        for call, failure in found.failures:
            gaps.add(call, failure)
        things = [thing for scope, document in found.answers for thing in self._things(section, place, scope, document)]
        for thing in things:
            self._learn(section, section.listing, thing, thing.scope, facts)
        jobs = [(telling, thing) for telling in section.each for thing in things]
        told = self._each(lambda job: self._chase(job[0].steps, job[1].scope, job[1].place, map), jobs)
        for (telling, thing), answered in zip(jobs, told, strict=True):
            for call, failure in answered.failures:
                gaps.add(call, failure, telling.tells, thing.resource.uid)
                thing.unknown.update(dict.fromkeys(telling.tells, f"{failure.reason}: {call.name}"))
            if answered.answers and not answered.failures:
                self._learn(section, telling, thing, _scope(telling, thing, answered.answers), facts)
            elif not answered.failures:
                thing.properties.update(telling.otherwise)
        facts.resources = [replace(one.resource, tags=one.tags, properties=one.properties, unknown=one.unknown) for one in things]
        facts.gaps.extend(gaps.gaps(len(things)))
        return facts

    def _chase(self, steps: Sequence[Step], scope: Mapping[str, Any], place: Place, each: Callable[..., Iterable[Any]]) -> _Found:
        """Ask one step after another, each for all that the one before found."""
        if not steps[0].call:
            return _Found([(scope, {})], [])
        scopes: list[Mapping[str, Any]] = [scope]
        failures: list[tuple[Call, Failure]] = []
        answers: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
        for before, step in zip((None, *steps), steps, strict=False):
            if before is not None:
                scopes = [_item(item, asked, place) for asked, document in answers for item in _items(before, document, asked)]
            answers = []
            asked_for = [(one, call) for one in _batched(step, scopes, place) if (call := _call(step, one, place)) is not None]
            for (one, call), answer in zip(asked_for, each(self._ask, [call for _one, call in asked_for]), strict=True):
                if answer.failure is None or _is_absent(step, answer):
                    answers.append((one, answer.document))
                else:
                    failures.append((call, answer.failure))
        return _Found(answers, failures)

    def _things(self, section: Section, place: Place, scope: Mapping[str, Any], document: Mapping[str, Any]) -> Iterable[_Thing]:
        listing = section.listing
        for item in _items(listing.steps[-1], document, scope):
            held = _item(item, scope, place)
            uid, region = placed(listing.uid, held), evaluate(listing.region, held) if listing.region else None
            if uid is None:
                continue
            resource = Resource(
                uid=Uid(uid),
                provider="aws",
                kind=section.kind.name,
                account=place.account,
                region=region or ("" if section.once else place.region),
                name=str((evaluate(listing.name, held) if listing.name else None) or uid.rpartition("/")[2].rpartition(":")[2]),
                origin=self._origin or Origin(self._how, listing.steps[-1].call, f"{place.account}/{place.region}"),
            )
            yield _Thing(resource, held, Place(place.account, region, place.partition) if region else place)

    def _learn(self, section: Section, telling: Telling, thing: _Thing, scope: Mapping[str, Any], facts: Facts) -> None:
        resource = thing.resource
        for name, text in telling.gives.items():
            value = evaluate(text, scope)
            if value is not None:
                self._set(thing, name, value, section.kind.properties[name].type, facts)
        if telling.tags:
            thing.tags.update(tags_of(evaluate(telling.tags, scope)))
        facts.edges.extend(edge for one in telling.edges for edge in _edges(one, resource, scope))
        facts.grants.extend(grant for one in telling.grants for grant in _grants(one, thing, scope))
        if telling is section.listing:
            facts.network_rules.extend(rules_of(section.kind.name, resource.uid, scope, resource.origin))

    def _set(self, thing: _Thing, name: str, value: Any, type_: str, facts: Facts) -> None:  # noqa: ANN401 - JSON
        if type_ == "policy":
            _policy(thing.resource, name, value, facts)
            return
        try:
            thing.properties[name] = cast(value, type_)
        except (ValueError, TypeError, OverflowError, OSError) as error:
            thing.unknown[name] = f"failed: {json.dumps(value)[:80]} is no {type_}: {error}"


def _policy(resource: Resource, name: str, value: Any, facts: Facts) -> None:  # noqa: ANN401 - JSON
    """Read the policy that a property is; those of principals are read where principals are."""
    if name not in _POLICIES:
        return
    part, kind = _POLICIES[name]
    policy = Uid(f"{resource.uid}#{part}")
    facts.add(read_policy(value, policy, origin=resource.origin, account=resource.account))
    facts.attachments.append(Attachment(policy, resource.uid, kind, origin=resource.origin))


def _marks(place: Place) -> dict[str, Any]:
    return {
        "_account": place.account,
        "_region": place.region,
        "_partition": place.partition,
        "_here": f"{place.region}:{place.account}",
    }


def _item(item: Any, of: Mapping[str, Any], place: Place) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    return {**(item if isinstance(item, dict) else {}), **_marks(place), "_it": item, "_of": of}


def _items(step: Step, document: Mapping[str, Any], asked: Mapping[str, Any]) -> list[Any]:
    found = evaluate(step.items, {**document, "_asked": asked} if "_asked" in step.items else document)
    return found if isinstance(found, list) else []


def _batched(step: Step, scopes: Sequence[Mapping[str, Any]], place: Place) -> Iterable[Mapping[str, Any]]:
    if not step.batch:
        yield from scopes
        return
    groups: dict[int, list[Mapping[str, Any]]] = {}
    for scope in scopes:
        groups.setdefault(id(scope["_of"]), []).append(scope)
    for group in groups.values():
        for first in range(0, len(group), step.batch):
            some = group[first : first + step.batch]
            yield {**_marks(place), "_of": some[0]["_of"], "_batch": [one["_it"] for one in some]}


def _call(step: Step, scope: Mapping[str, Any], place: Place) -> Call | None:
    """Return the call of a step; None where it need not be made, or there is nothing to make it with."""
    if step.when and not evaluate(step.when, scope):
        return None
    parameters = placed(step.parameters, scope)
    return None if any(value is None for value in parameters.values()) else Call.of(place, step.call, parameters)


def _is_absent(step: Step, answer: Answer) -> bool:
    return answer.failure is not None and answer.failure.code in step.absent


def _scope(telling: Telling, thing: _Thing, answers: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Mapping[str, Any]:
    """Return what expressions of an answer see."""
    several: dict[str, Any] = {}
    if len(telling.steps) > 1:
        several["_all"] = [document for _asked, document in answers]
        several["_answers"] = [{"asked": asked, "answer": document} for asked, document in answers]
    marks = {**_marks(thing.place), "_item": thing.scope, "_uid": thing.resource.uid, "_asked": answers[0][0]}
    return {**answers[0][1], **several, **marks}


def _edges(told: EdgeOf, resource: Resource, scope: Mapping[str, Any]) -> Iterator[Edge]:
    value = evaluate(told.found, scope)
    for one in value if isinstance(value, list) else [value]:
        uid = placed(told.uid, {**scope, "_it": one}) if told.uid and one is not None else one
        if isinstance(uid, str) and uid:
            ends = (Uid(uid), resource.uid) if told.inwards else (resource.uid, Uid(uid))
            yield Edge(*ends, told.kind, resource.origin)


def _grants(told: GrantOf, thing: _Thing, scope: Mapping[str, Any]) -> Iterator[Grant]:
    for row in evaluate(told.items, scope) or ():
        held = _item(row, scope, thing.place)
        grantee = evaluate(told.grantee, held)
        if grantee:
            yield Grant(thing.resource.uid, str(grantee), str(evaluate(told.permission, held) or ""), thing.resource.origin)
