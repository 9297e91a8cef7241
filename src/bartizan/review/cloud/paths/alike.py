"""Find out which places are alike to a principal, so that one question answers for all of them.

Places are alike where every pattern of the principal's statements matches all of them or none, nothing but the patterns tells them
apart (no variables, no conditions on the resource), and nothing is attached to any of them. Only for AWS, whose patterns are these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.asking import ANY_NAME, NEW, fill, names_in, new_name
from bartizan.review.cloud.paths.patterns import glob
from bartizan.review.cloud.permission.contract import Decision, Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Statement, Uid
    from bartizan.review.cloud.paths.contract import Binding, Need, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["Alike", "Retelling", "flat"]

_SAFE: Final = (
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauth",
    "aws:principal",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "iam:awsservicename",
    "iam:passedtoservice",
    "iam:permissionsboundary",
    "iam:policyarn",
)
"""Starts of condition keys that say nothing of the resource."""
_TELLING: Final = frozenset({"service", "region"})
"""What a place may say of a request by which places are told apart."""
_OF_POLICIES: Final = ("sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml")
"""Actions that the policy of the resource itself has to allow."""


def flat(needs: Iterable[Need]) -> list[Need]:
    """Return needs with those inside of them."""
    return [one for need in needs for one in (need, *(inner for way in need.either for inner in flat(way)))]


class Alike:
    """What is alike in one estate."""

    def __init__(self, world: World, rules: Iterable[PathRule]) -> None:
        """Look at what tells resources apart, and at the actions of the rules that will be asked about."""
        self._world = world
        self._apart = frozenset(
            [one.target for one in world.facts.attachments if one.kind in ("resource", "trust") and one.target not in world.principals]
            + [one.resource for one in world.facts.grants]
            + [one.uid for one in world.facts.gaps if one.uid]
        )
        organisation = [one for to in world.facts.attachments if to.kind in ("scp", "rcp") for one in world.statements.get(to.policy, ())]
        self._organisation = organisation
        actions = sorted({action.lower() for rule in rules for need in flat(rule.needs) for action in need.actions})
        self._actions = {action: bit for bit, action in enumerate(actions)}
        self._bits: dict[str, int] = {}
        self._rules: dict[str, int] = {}
        self._spoken: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
        self._held: dict[Uid, list[tuple[Statement, int]]] = {}
        self._seen: dict[tuple[str, str], Sequence[str]] = {}
        self._names: dict[tuple[str, str], Mapping[int, Sequence[str]]] = {}
        self._grouped: dict[tuple[str, str, tuple[str, ...]], Sequence[Sequence[Binding]]] = {}
        self._policies: dict[int, int] = {}
        self._sayings: dict[object, int] = {}
        self._shareable: dict[str, bool] = {}
        self._marks: dict[tuple[str, str, str], tuple[bool, ...] | None] = {}

    def groups(self, rule: PathRule, account: str, places: Sequence[Binding], principal: Uid) -> Sequence[Sequence[Binding]] | None:
        """Return places in groups of those that are alike to a principal; None where each has to be asked for itself."""
        patterns = self._patterns_of(principal, rule) if self._shares(rule) else None
        if patterns is None:
            return None
        telling = tuple(pattern for pattern in patterns if self._marked(rule, account, places, pattern) is not None)
        key = (rule.id, account, telling)
        if key not in self._grouped:
            self._grouped[key] = self._parted(rule, account, places, telling)
        return self._grouped[key]

    def _parted(self, rule: PathRule, account: str, places: Sequence[Binding], patterns: Sequence[str]) -> Sequence[Sequence[Binding]]:
        marks = [found for pattern in patterns if (found := self._marked(rule, account, places, pattern)) is not None]
        width = len(self._texts(rule, account, places)) // len(places)
        groups: dict[tuple[object, ...], list[Binding]] = {}
        asked = [need.when for need in flat(rule.needs) if need.when]
        telling = {name for need in flat(rule.needs) for given in need.context.values() for value in given for name in names_in(value)}
        for number, binding in enumerate(places):
            alone = None if self._apart.isdisjoint(binding.values.values()) else number
            key = [mark for found in marks for mark in found[number * width : number * width + width]]
            there = tuple(name in binding.values for name in asked)
            told = tuple(binding.values.get(name) for name in telling)
            groups.setdefault((alone, binding.values.get("service"), told, there, *key), []).append(binding)
        return list(groups.values())

    def groups_by_policy(
        self, rule: PathRule, account: str, places: Sequence[Binding], principal: Uid
    ) -> Sequence[Sequence[Binding]] | None:
        """Return places in groups of those that are alike but for their own policies, which say the same."""
        (template,) = rule.needs[0].to if len(rule.needs) == 1 else ("",)
        names = names_in(template)
        patterns = self._patterns_of(principal, rule) if template == f"{{{names[0] if names else ''}}}" else None
        if patterns is None:
            return None
        fits = [glob(pattern) for pattern in patterns if pattern != "*"]
        groups: dict[object, list[Binding]] = {}
        for number, one in enumerate(places):
            text = one.values[names[0]]
            key: object = number
            if one.policies is not None:
                key = (
                    one.account if self._organisation else one.account == account,
                    self._said(one.policies),
                    tuple(fit(text) for fit in fits),
                )
            groups.setdefault(key, []).append(one)
        return list(groups.values())

    def _said(self, policies: tuple[Statement, ...]) -> int:
        """Return a number for what statements say, whatever policy they are of."""
        if id(policies) not in self._policies:
            said = tuple((one.number, one.actions, one.not_actions, one.principals) for one in policies)
            self._policies[id(policies)] = self._sayings.setdefault(said, len(self._sayings))
        return self._policies[id(policies)]

    def names(self, rule: PathRule, account: str, places: Sequence[Binding]) -> Mapping[int, Sequence[str]]:
        """Return what each place (by ``id``) is called in decisions."""
        if (rule.id, account) not in self._names:
            texts = self._texts(rule, account, places)
            width = len(texts) // max(1, len(places))
            self._names[rule.id, account] = {id(one): texts[at * width : at * width + width : 2] for at, one in enumerate(places)}
        return self._names[rule.id, account]

    def _shares(self, rule: PathRule) -> bool:
        if rule.id not in self._shareable:
            self._shareable[rule.id] = _shareable(rule)
        return self._shareable[rule.id]

    def _patterns_of(self, principal: Uid, rule: PathRule) -> tuple[str, ...] | None:
        """Return the patterns of the statements that speak of a rule's actions to a principal."""
        if rule.id not in self._rules:
            wanted = {action.lower() for need in flat(rule.needs) for action in need.actions}
            self._rules[rule.id] = sum(1 << self._actions[action] for action in wanted)
        if principal not in self._held:
            held = [*self._world.held(principal, "identity", "boundary", "session"), *self._organisation]
            self._held[principal] = [(one, self._speaks_of(one)) for one in held]
        bits = self._rules[rule.id]
        return _patterns([one for one, spoken in self._held[principal] if spoken & bits])

    def _speaks_of(self, statement: Statement) -> int:
        """Return which actions of rules a statement speaks of, as bits."""
        key = (statement.actions, statement.not_actions)
        if key not in self._spoken:
            named = 0
            for pattern in statement.actions or statement.not_actions:
                named |= self._named(pattern.lower())
            self._spoken[key] = (1 << len(self._actions)) - 1 & ~named if statement.not_actions else named
        return self._spoken[key]

    def _named(self, pattern: str) -> int:
        """Return which actions of rules a pattern names, as bits."""
        if pattern not in self._bits:
            fits = glob(pattern)
            self._bits[pattern] = sum(1 << bit for action, bit in self._actions.items() if fits(action))
        return self._bits[pattern]

    def _marked(self, rule: PathRule, account: str, places: Sequence[Binding], pattern: str) -> tuple[bool, ...] | None:
        """Say of each text of each place whether a pattern is of it; None where it is so for all places alike."""
        key = (rule.id, account, pattern)
        if key not in self._marks:
            texts = self._texts(rule, account, places)
            fits = glob(pattern)
            found = tuple(
                [text != "\0" and new_name(pattern, text[1:]) is not None if text.startswith("\0") else fits(text) for text in texts]
            )
            width = len(texts) // len(places)
            self._marks[key] = None if found == found[:width] * len(places) else found
        return self._marks[key]

    def _texts(self, rule: PathRule, account: str, places: Sequence[Binding]) -> Sequence[str]:
        """Return what a rule asks for at each place, as many for each; with a NUL before them, the shapes that a new name may have."""
        key = (rule.id, account)
        if key not in self._seen:
            templates = list(dict.fromkeys(one for need in flat(rule.needs) for one in need.to))
            self._seen[key] = [text for place in places for template in templates for text in _filled(template, place, account)]
        return self._seen[key]


def _filled(template: str, place: Binding, account: str) -> tuple[str, str]:
    values = {"region": "us-east-1", "partition": "aws", "account": account, **place.values}
    if any(name not in values and name != NEW for name in names_in(template)):
        return "", ""
    shape = fill(template, {**values, NEW: "*", "region": "*"}) if NEW in names_in(template) else ""
    return fill(template, {**values, NEW: ANY_NAME}), f"\0{shape}"


def _shareable(rule: PathRule) -> bool:
    for need in flat(rule.needs):
        if need.by or any("{self" in one for one in need.to) or any(one.lower() in _OF_POLICIES for one in need.actions):
            return False
        if not _TELLING.issuperset(name for given in need.context.values() for value in given for name in names_in(value)):
            return False
    return not any("{self" in one for one in rule.unbounded)


def _patterns(statements: Iterable[Statement]) -> tuple[str, ...] | None:
    """Return the patterns of resources of statements; None where they have variables or ask for more of the resource."""
    found: dict[str, None] = {}
    for one in statements:
        for condition in one.conditions:
            if not condition.key.lower().startswith(_SAFE):
                return None
        for pattern in (*one.resources, *one.not_resources):
            if "${" in pattern:
                return None
            found[pattern] = None
    return tuple(found)


class Retelling:
    """The decisions of one place, to be told of others that are alike: sentences name the other then."""

    def __init__(self, decisions: Sequence[Decision], first: Binding, names: Mapping[int, Sequence[str]], depends: tuple[str, ...]) -> None:
        """Cut the sentences where they name the first place, and know which statements are of its own policy.

        ``names`` says what each place (by ``id``) is called; ``depends`` on what every step hangs, sorted.
        """
        self._decisions = decisions
        self._names = names
        self._depends = depends
        self.steps: dict[int, tuple[Uid | None, tuple[Decision, ...], tuple[str, ...]]] = {}
        own = {(one.policy, one.number): at for at, one in enumerate(first.policies or ())}
        # A policy of who asks may be called like the place: its name stays.
        self._kept = [
            [
                str(why.statement.policy) if why.statement and (why.statement.policy, why.statement.number) not in own else ""
                for why in one.why
            ]
            for one in decisions
        ]
        self._cut = [
            [_cut(why.text.replace(kept, "\0") if kept else why.text, names[id(first)]) for why, kept in zip(one.why, keeps, strict=True)]
            for one, keeps in zip(decisions, self._kept, strict=True)
        ]
        self._own = [
            [own.get((why.statement.policy, why.statement.number)) if why.statement else None for why in one.why] for one in decisions
        ]

    def of(self, place: Binding) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
        """Return the decisions of a place with those that the facts make there, and on what they hang."""
        names = self._names[id(place)]
        told = [
            Decision(one.answer, self._whys(at, names, place.policies), one.depends, one.reference)
            for at, one in enumerate(self._decisions)
        ]
        depends = tuple(sorted({*self._depends, *place.depends})) if place.depends else self._depends
        return (*told, *place.decisions), depends

    def _whys(self, at: int, names: Sequence[str], policies: Sequence[Statement] | None) -> tuple[Why, ...]:
        whys = []
        for why, (name, parts), own, kept in zip(self._decisions[at].why, self._cut[at], self._own[at], self._kept[at], strict=True):
            statement = why.statement if own is None or policies is None else policies[own]
            text = names[name].join(parts)
            whys.append(Why(why.through, text.replace("\0", kept) if kept else text, statement))
        return tuple(whys)


def _cut(text: str, names: Sequence[str]) -> tuple[int, list[str]]:
    """Return which name of the place a text has, and the text around it; the longest, since one may begin another."""
    there = [at for at, name in enumerate(names) if name and name in text]
    if not there:
        return 0, [text]
    at = max(there, key=lambda one: len(names[one]))
    return at, text.split(names[at])
