"""Compile rules of paths over an estate: every hop that an attacker could make, with what allows it.

Nobody who already has everything in an account is asked what else could be done there; principals whose rights are the same are asked
once; a rule that a principal lacks an action for altogether is not tried. What cannot be decided is no hop: it is told beside them.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.collect.inventory.contract import Uid
from bartizan.errors import InputError
from bartizan.review.cloud.contract import Hop
from bartizan.review.cloud.paths.alike import Alike, Retelling, flat
from bartizan.review.cloud.paths.asking import NEW, Asking, actions_of, fill, names_in
from bartizan.review.cloud.paths.clusters import of_the_system
from bartizan.review.cloud.paths.contract import Admin, PathsFound, Undecided, administration
from bartizan.review.cloud.paths.crowds import Crowds
from bartizan.review.cloud.paths.matches import matches
from bartizan.review.cloud.paths.rights import Rights
from bartizan.review.cloud.paths.world import World
from bartizan.review.cloud.permission.contract import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Facts, Principal
    from bartizan.review.cloud.paths.asking import Met
    from bartizan.review.cloud.paths.contract import Binding, PathRule
    from bartizan.review.cloud.permission.contract import Authorizer

    Names: TypeAlias = Mapping[int, Sequence[str]]

__all__ = ["ADMINISTRATION", "HAS_ALL", "compile_paths"]

ADMINISTRATION: Final = "administration"
"""What a rule ``gives`` where who meets it gets everything in its account."""
HAS_ALL: Final = "has-everything"
"""The rule of hops from an account's administration to all that is in the account."""
_STARTS: Final = frozenset({"user", "role", "service_account", "managed_identity", "federated"})
_OF_WHO_MOVES: Final = frozenset({"self", "self_name", "self_kind", "account", "region", "partition"})
"""Names in templates of which a principal says what they are, where the place does not."""
_ACTORS: Final = frozenset({"user", "role", "group", "service_account", "managed_identity", "federated"})


@dataclass(slots=True)
class _Found:
    hops: list[Hop] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    admins: dict[Uid, Admin] = field(default_factory=dict)


class _Prepared:
    """A rule with its places: those of every account together, those of each, and those of certain principals alone."""

    def __init__(self, rule: PathRule, every: Sequence[Binding]) -> None:
        self.rule = rule
        self.every = every
        self.actions = actions_of(rule.needs)
        self.narrowed = rule.anywhere or any(one.only is not None for one in every)
        self.settled = rule.gives != ADMINISTRATION and _OF_WHO_MOVES.isdisjoint(
            name for template in (rule.gives, *rule.unbounded) for name in names_in(template)
        )
        self.mentioned = frozenset(value for one in every for value in one.values.values())
        self.by_policy = any(one.policies is not None for one in every)
        self.names = {id(one): tuple(one.values.values()) for one in every} if self.by_policy else {}
        self._of: defaultdict[str, list[Binding]] = defaultdict(list)
        self._for: defaultdict[str, list[Binding]] = defaultdict(list)
        self._let_in: dict[str, dict[str, list[Binding]]] = {}
        self._everybody: list[Binding] = []
        self._joined: dict[str, list[Binding]] = {}
        for one in every:
            if one.src is None:
                self._of[one.account].append(one)
                for who in one.only or ():
                    self._for[who].append(one)
                    self._let_in.setdefault(who, {}).setdefault(one.own[0] if one.own else "", []).append(one)
                if one.only is None:
                    self._everybody.append(one)

    def is_nowhere(self, account: str, *, elsewhere: bool) -> bool:
        """Say whether nobody of an account could meet the rule at any place; ``elsewhere``: in other accounts than that."""
        return not self._of if self.rule.anywhere else elsewhere or not self._near(account)

    def places(self, world: World, principal: Principal, *, elsewhere: bool) -> Sequence[Binding]:
        """Return the places at which a principal could meet the rule at all; ``elsewhere``: in other accounts than its own."""
        own = principal.account
        if not self.rule.anywhere and elsewhere:
            return ()
        if not self.narrowed:
            return self._near(own)
        found = {id(one): one for one in (*self._for.get(principal.uid, ()), *self._everybody)}
        for action, places in self._let_in.get(own, {}).items():
            fits = world.allowed(principal.uid, action) if action else ()
            found.update((id(one), one) for one in places if one.own is None or any(fit(one.own[1]) for fit in fits))
        if self.rule.anywhere:
            return [one for one in found.values() if not (elsewhere and one.account == own)]
        return [one for one in found.values() if one.account in ("", own)]

    def _near(self, account: str) -> Sequence[Binding]:
        """Return the places of an account and those of none."""
        if account not in self._joined:
            self._joined[account] = [*(self._of.get("", ()) if account else ()), *self._of.get(account, ())]
        return self._joined[account]


def compile_paths(facts: Facts, rules: Iterable[PathRule], authorizers: Mapping[str, Authorizer], *, naive: bool = False) -> PathsFound:
    """Compile the rules of each provider that has an authorizer; ``naive`` asks of every principal at every place, for comparison."""
    collecting = gc.isenabled()
    gc.disable()  # what is made here is kept and holds no cycles: looking for some took a sixth of the time
    try:
        return _compiled(facts, {rule.id: rule for rule in rules}, authorizers, naive=naive)
    finally:
        if collecting:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()  # what was made counts as old, and is not gone through at once
            gc.enable()


def _compiled(facts: Facts, known: Mapping[str, PathRule], authorizers: Mapping[str, Authorizer], *, naive: bool) -> PathsFound:
    found = _Found()
    asked = 0
    nodes: dict[Uid, None] = {}
    starts: dict[Uid, None] = {}
    for provider, authorizer in authorizers.items():
        world = World(facts, provider)
        asking = Asking(world, authorizer)
        _Compiler(world, asking, [rule for rule in known.values() if rule.provider == provider], found, naive=naive).run()
        asked += asking.asked
        nodes.update(dict.fromkeys((*world.principals, *world.resources)))
        starts.update(dict.fromkeys(uid for uid, one in world.principals.items() if one.kind in _STARTS and not of_the_system(world, uid)))
    starts.update(
        dict.fromkeys(hop.src for hop in found.hops if hop.src not in nodes and not hop.src.startswith("admin:") and "#" not in hop.src)
    )
    nodes.update(dict.fromkeys(uid for hop in found.hops for uid in (hop.src, hop.dst)))
    return PathsFound(
        nodes=tuple(nodes),
        hops=tuple(found.hops),
        undecided=tuple(found.undecided),
        admins=tuple(found.admins.values()),
        starts=tuple(starts),
        rules=known,
        asked=asked,
    )


class _Compiler:
    """One provider's rules over its estate."""

    def __init__(self, world: World, asking: Asking, rules: Sequence[PathRule], found: _Found, *, naive: bool) -> None:
        self._world = world
        self._asking = asking
        self._found = found
        short = world.provider == "aws" and not naive
        self._alike = Alike(world, rules) if short else None
        prepared = [_prepare(world, rule, naive=naive) for rule in rules]
        self._administrator = [one for one in prepared if one.rule.administrator]
        self._itself = [one for one in prepared if not one.rule.administrator and one.rule.gives == ADMINISTRATION]
        others = [one for one in prepared if one.rule.gives != ADMINISTRATION]
        self._others = [one for one in others if one.narrowed or one.rule.match == "principal"]
        self._same = [one for one in others if not (one.narrowed or one.rule.match == "principal")]
        self._rights = Rights(world) if short else None
        self._crowds = None if naive else Crowds.of(asking.authorizer, [(one.rule, one.every) for one in prepared])
        self._expanded: dict[object, tuple[Sequence[Hop], Sequence[Undecided], Admin | None]] = {}
        self._known: dict[object, tuple[Sequence[Hop], Sequence[Undecided]]] = {}
        self._retellings: dict[object, Retelling] = {}
        self._fitting: dict[tuple[int, str, frozenset[str]], Sequence[_Prepared]] = {}
        self._nowhere: dict[tuple[int, str, bool], set[str]] = {}
        self._actions = tuple(sorted({action for one in prepared for group in one.actions for action in group}))

    def run(self) -> None:
        """Find every hop."""
        for prepared in (*self._administrator, *self._itself, *self._others, *self._same):
            for binding in prepared.every:
                if binding.src is not None:
                    self._try(prepared, binding, binding.src)
        for principal in self._world.principals.values():
            if principal.kind in _ACTORS:
                self._expand(principal)
        self._everything()

    def _expand(self, principal: Principal) -> None:
        """Find the hops of a principal, or tell those of one that has the same."""
        alike = None if self._crowds is None else self._crowds.alike(principal)
        known = None if alike is None else self._expanded.get(alike)
        found, uid = self._found, principal.uid
        if known is None:
            hops, undecided = len(found.hops), len(found.undecided)
            self._alone(principal)
            if alike is not None:
                self._expanded[alike] = found.hops[hops:], found.undecided[undecided:], found.admins.get(uid)
            return
        found.hops += [replace(one, src=uid) for one in known[0]]
        found.undecided += [replace(one, src=uid) for one in known[1]]
        if known[2] is not None:
            found.admins[uid] = replace(known[2], principal=uid, hop=replace(known[2].hop, src=uid))

    def _alone(self, principal: Principal) -> None:
        if self._first(principal, self._administrator) or self._first(principal, self._itself):
            for hops in self._hops(principal, self._others, elsewhere=True):
                self._found.hops += hops
            return
        for hops in self._hops(principal, self._others):
            self._found.hops += hops
        rights = None if self._rights is None else self._rights.of(principal)
        known = self._known.get(rights)
        if known is None:
            begun = len(self._found.undecided)
            known = list(chain.from_iterable(self._hops(principal, self._same))), self._found.undecided[begun:]
            self._found.hops.extend(known[0])
            if rights is not None:
                self._known[rights] = known
            return
        self._found.hops.extend(
            Hop(src=principal.uid, dst=one.dst, rule=one.rule, decisions=one.decisions, depends=one.depends) for one in known[0]
        )
        self._found.undecided.extend(Undecided(principal.uid, one.dst, one.rule, one.why) for one in known[1])

    def _first(self, principal: Principal, prepared: Sequence[_Prepared]) -> bool:
        """Try rules that make a principal an administrator until one does without conditions."""
        for hop in chain.from_iterable(self._hops(principal, prepared)):
            self._found.hops.append(hop)
            if not hop.depends and hop.dst == administration(principal.provider, principal.account):
                rule = hop.rule
                itself = all(one.rule.id != rule for one in self._administrator)
                self._found.admins[principal.uid] = Admin(principal.uid, principal.account, itself, hop)
                return True
        return False

    def _hops(self, principal: Principal, prepared: Sequence[_Prepared], *, elsewhere: bool = False) -> Iterator[Sequence[Hop]]:
        """Give the hops of a principal, those together that are at places alike."""
        values = {
            "region": "us-east-1",
            "partition": _partition(principal.uid),
            "self": str(principal.uid),
            "self_name": principal.name,
            "self_kind": principal.kind,
            "account": principal.account,
        }
        for one in self._fit(principal, prepared, elsewhere=elsewhere):
            for group, names in self._groups(one, principal, elsewhere=elsewhere):
                yield self._hops_of(one, principal.uid, values, group, names)

    def _fit(self, principal: Principal, prepared: Sequence[_Prepared], *, elsewhere: bool) -> Sequence[_Prepared]:
        """Return the rules of which a principal could have the actions at all, and that have a place where it could."""
        may = self._asking.may(principal.uid, self._actions)
        key = (id(prepared), principal.kind, may)
        fitting = self._fitting.get(key)
        if fitting is None:
            fitting = self._fitting[key] = [
                one
                for one in prepared
                if (not one.rule.sources or principal.kind in one.rule.sources) and not any(map(may.isdisjoint, one.actions))
            ]
        at = (id(prepared), principal.account, elsewhere)
        nowhere = self._nowhere.get(at)
        if nowhere is None:
            nowhere = self._nowhere[at] = {one.rule.id for one in prepared if one.is_nowhere(principal.account, elsewhere=elsewhere)}
        return [one for one in fitting if one.rule.id not in nowhere]

    def _groups(self, prepared: _Prepared, principal: Principal, *, elsewhere: bool) -> Iterator[tuple[Sequence[Binding], Names]]:
        """Give the places of a rule, those together that are alike to the principal."""
        rule = prepared.rule
        near = None if self._crowds is None else self._crowds.near(rule, prepared.every, principal)
        places = () if near is not None and not near else prepared.places(self._world, principal, elsewhere=elsewhere)
        if near is not None:
            places = [one for one in places if id(one) in near]
        if self._alike is not None and len(places) > 1:
            if prepared.by_policy:
                groups = self._alike.groups_by_policy(rule, principal.account, places, principal.uid)
                names: Names = prepared.names
            else:
                groups = None if prepared.narrowed else self._alike.groups(rule, principal.account, places, principal.uid)
                names = self._alike.names(rule, principal.account, places) if groups is not None else {}
            if groups is not None and principal.uid in prepared.mentioned:
                # Sentences about itself would be told of others.
                yield from (([one], {}) for one in places if principal.uid in one.values.values())
                groups = [[one for one in group if principal.uid not in one.values.values()] for group in groups]
            if groups is not None:
                yield from ((group, names) for group in groups)
                return
        yield from (([one], {}) for one in places)

    def _hops_of(self, prepared: _Prepared, src: Uid, known: Mapping[str, str], group: Sequence[Binding], names: Names) -> Sequence[Hop]:
        """Return the hops at places that are alike: what is decided at the first holds at all."""
        rule = prepared.rule
        found: list[Hop] = []
        for at, binding in enumerate(group):
            dst = self._gained(rule, src, known, binding)
            if dst is None:
                continue
            met = self._asking.all_met(rule.needs, src, {**known, **binding.values})
            if met.answer is Answer.DENIED:
                break
            if met.answer is Answer.UNKNOWN:  # why it cannot be told may differ
                why = next((one.why[0].text for one in met.decisions if one.answer is Answer.UNKNOWN and one.why), "it cannot be told")
                self._found.undecided.append(Undecided(src, dst, rule.id, why))
                continue
            depends = tuple(sorted({*met.depends, *rule.depends, *binding.depends}))
            found.append(Hop(src=src, dst=dst, rule=rule.id, decisions=(*met.decisions, *binding.decisions), depends=depends))
            if at + 1 < len(group):
                found += self._retold(prepared, src, known, group[at + 1 :], self._retelling(rule, met, binding, names))
            break
        return found

    def _retold(
        self, prepared: _Prepared, src: Uid, known: Mapping[str, str], places: Sequence[Binding], retelling: Retelling
    ) -> Sequence[Hop]:
        """Return the hops at places of which another's decisions are told; where one leads is kept if that hangs on the place alone."""
        rule, settled, steps = prepared.rule, prepared.settled, retelling.steps
        found: list[Hop] = []
        for place in places:
            step = steps.get(id(place))
            if step is None:
                step = steps[id(place)] = self._leads(rule, known, place), *retelling.of(place)
            dst = step[0] if settled else self._leads(rule, known, place)
            if dst is not None and dst != src:
                found.append(Hop(src=src, dst=dst, rule=rule.id, decisions=step[1], depends=step[2]))
        return found

    def _retelling(self, rule: PathRule, met: Met, first: Binding, names: Names) -> Retelling:
        """Return what tells decisions of other places: the same one for all principals whom the same statements allow it."""
        depends = tuple(sorted({*met.depends, *rule.depends}))
        key = (rule.id, id(first), id(names), depends, tuple((why.text, one.depends) for one in met.decisions for why in one.why))
        if key not in self._retellings:
            self._retellings[key] = Retelling(met.decisions, first, names, depends)
        return self._retellings[key]

    def _try(self, prepared: _Prepared, binding: Binding, src: Uid) -> None:
        known = {"region": "us-east-1", "partition": _partition(src), "account": binding.account, "self": str(src)}
        self._found.hops.extend(self._hops_of(prepared, src, known, [binding], {}))

    def _gained(self, rule: PathRule, src: Uid, known: Mapping[str, str], binding: Binding) -> Uid | None:
        dst = self._leads(rule, known, binding)
        return None if dst == src else dst

    def _leads(self, rule: PathRule, known: Mapping[str, str], binding: Binding) -> Uid | None:
        """Return what a rule gives at a place; None where a boundary makes it worth nothing."""
        gives = rule.gives
        if gives == ADMINISTRATION:
            dst = administration(rule.provider, binding.values.get("account", known["account"]))
        elif gives[1:-1] in binding.values and gives[0] == "{":
            dst = Uid(binding.values[gives[1:-1]])
        else:
            dst = Uid(fill(gives, {**known, **binding.values}))
        if rule.unbounded and any(self._world.bounded(Uid(fill(one, {**known, **binding.values}))) for one in rule.unbounded):
            return None
        return dst

    def _everything(self) -> None:
        """Lead from each account's administration to all that is in it."""
        reached = {hop.dst for hop in self._found.hops}
        held: defaultdict[str, list[Uid]] = defaultdict(list)
        for principal in self._world.principals.values():
            held[principal.account].append(principal.uid)
        for resource in self._world.resources.values():
            held[resource.account].append(resource.uid)
        for account, uids in held.items():
            node = administration(self._world.provider, account)
            if node in reached:
                self._found.hops.extend(Hop(src=node, dst=uid, rule=HAS_ALL) for uid in dict.fromkeys(uids))


def _partition(uid: str) -> str:
    return uid.split(":")[1] if uid.startswith("arn:") else "aws"


def _prepare(world: World, rule: PathRule, *, naive: bool) -> _Prepared:
    match = matches().get(rule.match)
    if match is None:
        message = f"{rule.path}: there is no match kind '{rule.match}'; there are {', '.join(sorted(matches()))}"
        raise InputError(message)
    wanted = set(_wanted(rule)) - _OF_WHO_MOVES - {NEW}
    every = [binding for binding in match(world, rule) if wanted <= binding.values.keys()]
    return _Prepared(rule, [replace(one, own=None, policies=None) for one in every] if naive else every)


def _wanted(rule: PathRule) -> Iterator[str]:
    if rule.gives != ADMINISTRATION:
        yield from names_in(rule.gives)
    for template in rule.unbounded:
        yield from names_in(template)
    for need in (one for one in flat(rule.needs) if not one.when):
        for template in (*(need.to if len(need.to) == 1 else ()), need.by, *(value for given in need.context.values() for value in given)):
            yield from names_in(template)
