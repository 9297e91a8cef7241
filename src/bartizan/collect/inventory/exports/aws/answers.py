"""Answers of AWS that somebody kept in files: whose they are, and facts of them as if they had been asked for now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Gap, Origin
from bartizan.collect.inventory.live.aws.accounts import HOMES
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.aws.iam import CALL, details_facts
from bartizan.collect.inventory.live.aws.reading import Reader
from bartizan.collect.inventory.live.aws.redaction import redacted
from bartizan.collect.inventory.live.aws.sections import sections
from bartizan.collect.inventory.live.calls import Answer, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bartizan.collect.inventory.live.aws.sections import Section, Step

__all__ = ["Kept", "is_bulk"]

_MISSING: Final = Answer(failure=Failure("not-in-origin", "", "the files do not hold this call"))


def is_bulk(step: Step) -> bool:
    """Say whether a call is made once for all things: a file that holds its answer need not say what was asked for."""
    return bool(step.call) and not any(map(_braced, step.parameters.values()))


def _braced(value: Any) -> bool:  # noqa: ANN401 - YAML
    if isinstance(value, dict | list):
        return any(map(_braced, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and "{" in value


@cache
def _bulk() -> frozenset[str]:
    """Return every call that is made once for all things."""
    told = [telling for section in sections() for telling in (section.listing, *section.each)]
    return frozenset(step.call for telling in told for step in telling.steps if is_bulk(step))


@dataclass(slots=True)
class _Account:
    """What files hold of an account."""

    bulk: dict[tuple[Place, str], dict[str, Any]] = field(default_factory=dict)
    single: dict[Call, Answer] = field(default_factory=dict)
    paths: dict[tuple[Place, str], Origin] = field(default_factory=dict)


class Kept:
    """Answers by account, place and call."""

    def __init__(self) -> None:
        """Begin without any."""
        self._accounts: dict[tuple[str, str], _Account] = {}

    def put(self, place: Place, name: str, document: Mapping[str, Any], origin: Origin) -> None:
        """Keep an answer, whose lists are added to those that are there."""
        account = self._accounts.setdefault((place.partition, place.account), _Account())
        service, _, operation = name.partition(":")
        held = account.bulk.setdefault((place, name), {})
        account.paths.setdefault((place, name), origin)
        for key, value in redacted(service, operation, dict(document)).items():
            if isinstance(value, list) and isinstance(held.get(key), list):
                held[key].extend(value)
            else:
                held[key] = value

    def put_one(self, call: Call, document: Mapping[str, Any]) -> None:
        """Keep the answer of a call that was made for one thing."""
        account = self._accounts.setdefault((call.place.partition, call.place.account), _Account())
        account.single[call] = Answer(redacted(call.service, call.operation, dict(document)))

    def facts(self) -> Facts:
        """Return the facts of all accounts, and a gap of the kinds of which the files of an account tell nothing."""
        facts = Facts()
        for (partition, name), account in self._accounts.items():
            facts.add(_facts(name, partition, account))
        return facts


def _facts(name: str, partition: str, account: _Account) -> Facts:
    facts = Facts()
    read: set[str] = set()
    for (place, call), document in account.bulk.items():
        if call == CALL:
            facts.add(details_facts(document, account.paths[place, call], account=name))
    home = Place(name, HOMES.get(partition, ""), partition)
    places = dict.fromkeys(place for place, _call in account.bulk)
    for section in sections():
        for place in [home] if section.once else places:
            origin = _origin(section, place, account, home)
            if origin is not None:
                read.add(section.kind.name)
                facts.add(Reader(_Ask(account, home), how="export", origin=origin).read(section, place))
    kinds = sorted({one.kind.name for one in sections()} - read)
    told = "the files tell nothing of these kinds"
    facts.gaps.append(Gap(provider="aws", call="export", reason="not-in-origin", detail=told, account=name, kinds=tuple(kinds)))
    return facts


def _origin(section: Section, place: Place, account: _Account, home: Place) -> Origin | None:
    """Return from where a section can be read; None where the files do not hold what lists its things."""
    found = None
    single = {call.name for call in account.single}
    for number, step in enumerate(section.listing.steps):
        where = next((one for one in (place, *_same(place, home)) if (one, step.call) in account.bulk), None)
        if where is not None and is_bulk(step):
            found = account.paths[where, step.call]
        elif not number or step.call not in single:
            return None
    return found


def _same(place: Place, home: Place) -> Iterable[Place]:
    """Return where else the answers of a place may be: a file of a global service may not say where it was asked."""
    return [replace(home, region=""), home] if place == home else []


@dataclass(frozen=True, slots=True)
class _Ask:
    """Answers from what is kept."""

    account: _Account
    home: Place

    def __call__(self, call: Call) -> Answer:
        """Return the answer to this very call, or to the call of its name that was made for all."""
        if call in self.account.single:
            return self.account.single[call]
        for place in (call.place, *_same(call.place, self.home)):
            if (place, call.name) in self.account.bulk and call.name in _bulk():
                return Answer(self.account.bulk[place, call.name])
        return _MISSING
