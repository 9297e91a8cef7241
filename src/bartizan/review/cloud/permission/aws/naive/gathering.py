"""Walk all facts for one question and say of every statement whether it takes part: by each pattern, principal and condition."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from bartizan.review.cloud.permission.aws import buckets, gaps, specials
from bartizan.review.cloud.permission.aws.naive.matching import Open, action_matches, condition_holds, resource_matches
from bartizan.review.cloud.permission.aws.unplaced import unplaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bartizan.collect.inventory.contract import Statement
    from bartizan.review.cloud.permission.aws.callers import Caller
    from bartizan.review.cloud.permission.aws.estate import Estate
    from bartizan.review.cloud.permission.aws.request import Request
    from bartizan.review.cloud.permission.aws.statements import Ready
    from bartizan.review.cloud.permission.truth import Truth

__all__ = ["Gathered", "Turn", "gathered"]


@dataclass(frozen=True)
class Turn:
    """One statement, or one gap, that takes part; ``told`` None where that hangs on ``keys`` or on what was not read."""

    number: int
    told: bool | None
    keys: frozenset[str] = frozenset()
    gaps: frozenset[str] = frozenset()


@dataclass
class Gathered:
    """What takes part in a question, by the box of the diagram that asks for it."""

    kind: str
    """Of the caller: anyone, service and federated have no policies of their own."""
    foreign: bool
    must_name: bool
    denies: list[Turn] = field(default_factory=list)
    levels: list[list[Turn]] = field(default_factory=list)
    identity: list[Turn] = field(default_factory=list)
    boundary: list[Turn] | None = None
    session: list[Turn] | None = None
    itself: list[Turn] = field(default_factory=list)
    role: list[Turn] = field(default_factory=list)
    account: list[Turn] = field(default_factory=list)

    def turns(self) -> list[Turn]:
        """Return all that takes part, each once."""
        places = (self.denies, *self.levels, self.identity, self.boundary or [], self.session or [], self.itself, self.role, self.account)
        return list({turn.number: turn for place in places for turn in place}.values())


class _Gathering:
    def __init__(self, estate: Estate, request: Request) -> None:
        self.estate = estate
        self.request = request
        self.numbers = count()

    def statements(self, policies: Iterable[str]) -> list[Statement]:
        return [ready.statement for policy in dict.fromkeys(policies) for ready in self.estate.statements(policy)]

    def attached(self, kind: str, targets: Iterable[str]) -> list[str]:
        return [one.policy for target in targets for one in self.estate.attached(kind, target)]

    def turn(self, result: bool | Open) -> Turn:  # noqa: FBT001 - a truth
        if isinstance(result, Open):
            return Turn(next(self.numbers), None, result.keys, result.gaps)
        return Turn(next(self.numbers), result)

    def unread(self, told: Sequence[str]) -> list[Turn]:
        return [Turn(next(self.numbers), None, gaps=frozenset(told))] if told else []

    def special(self, truth: Truth) -> list[Turn]:
        return [Turn(next(self.numbers), truth.holds, truth.keys, frozenset(truth.gaps))]

    def weighed(self, rows: Iterable[Statement], effect: str, names: Callable[[Statement], bool | Open] | None = None) -> list[Turn]:
        return [self.turn(self._applies(row, names)) for row in rows if row.effect == effect]

    def perhaps(self, kind: str, account: str, effect: str, names: Callable[[Statement], bool | Open] | None = None) -> list[Turn]:
        policies = [one.policy for one in unplaced(self.estate, kind, account)]
        taking_part = [turn for turn in self.weighed(self.statements(policies), effect, names) if turn.told is not False]
        return [turn for one in taking_part for turn in self.unread([f"{kind} {one.number}"])]

    def _applies(self, row: Statement, names: Callable[[Statement], bool | Open] | None) -> bool | Open:
        action = self.request.action.name
        results: list[bool | Open] = [
            any(action_matches(one, action) for one in row.actions)
            if row.actions
            else not any(action_matches(one, action) for one in row.not_actions),
            self._resource(row),
            *(condition_holds(one, self.request.known) for one in row.conditions),
        ]
        if names is not None:
            results.append(names(row))
        return _all(results)

    def _resource(self, row: Statement) -> bool | Open:
        patterns = row.resources or row.not_resources
        if not patterns:
            return True
        found = _any([resource_matches(one, self.request.target.name, self.request.known) for one in patterns])
        return (found if isinstance(found, Open) else not found) if row.not_resources else found


def _all(results: list[bool | Open]) -> bool | Open:
    if False in results:
        return False
    open_ = [one for one in results if isinstance(one, Open)]
    return (
        Open(frozenset[str]().union(*(one.keys for one in open_)), frozenset[str]().union(*(one.gaps for one in open_))) if open_ else True
    )


def _any(results: list[bool | Open]) -> bool | Open:
    if True in results:
        return True
    open_ = [one for one in results if isinstance(one, Open)]
    return (
        Open(frozenset[str]().union(*(one.keys for one in open_)), frozenset[str]().union(*(one.gaps for one in open_))) if open_ else False
    )


def _ways(caller: Caller, kind: str, value: str) -> Iterator[tuple[str, bool | Open]]:
    """Yield in which ways a principal of a policy names a caller."""
    root = value.split(":") if value.startswith("arn:") and value.endswith(":root") else ["", "", "", "", value]
    if kind == "CanonicalUser":
        yield "itself", Open(gaps=frozenset({value})) if caller.account else False
    elif value == "*" or kind in ("Service", "Federated"):
        yield "itself", kind in ("*", "AWS") or (kind.lower() == caller.kind and value in ("*", caller.uid))
    elif caller.account and root[4] == caller.account:
        yield "account", True
    elif caller.kind == "role":
        name = caller.arn.split("/")[-1]
        yield "role", value == caller.arn
        yield "itself", bool(caller.session) and value == caller.session
        if (
            not caller.session
            and value.split(":")[2:3] == ["sts"]
            and value.split(":", 5)[4:] == [caller.account, f"assumed-role/{name}/{value.rsplit('/', maxsplit=1)[-1]}"]
        ):
            yield "itself", Open(frozenset({"sts:RoleSessionName"}))
    else:
        yield "itself", value == caller.uid
        yield "role", caller.kind == "federated-user" and value in caller.holders[:1]


def _named(caller: Caller, way: str) -> Callable[[Statement], bool | Open]:
    def names(row: Statement) -> bool | Open:
        if row.not_principals:
            return _not(_excepted(caller, row.not_principals)) if way in ("", "itself") else False
        return _any([result for kind, value in row.principals for how, result in _ways(caller, kind, value) if way in ("", how)])

    return names


def _not(result: bool | Open) -> bool | Open:  # noqa: FBT001 - a truth
    return result if isinstance(result, Open) else not result


def _excepted(caller: Caller, principals: Sequence[tuple[str, str]]) -> bool | Open:
    """Say whether NotPrincipal leaves a caller out: with its account beside it, and of a role its session as well."""
    listed = [value for _, value in principals]
    if "*" in listed or caller.bounded or not caller.account:
        return "*" in listed or (not caller.account and caller.uid in listed)
    ways = [(how, result) for kind, value in principals for how, result in _ways(caller, "AWS" if kind == "*" else kind, value)]
    if ("account", True) not in ways:
        return False
    if caller.kind == "root":
        return True
    if caller.kind == "role":
        itself = _any([result for how, result in ways if how == "itself" and not (isinstance(result, Open) and result.gaps)])
        return _all([("role", True) in ways, itself])
    return caller.arn in listed


def gathered(estate: Estate, request: Request) -> Gathered:
    """Gather what takes part in a question."""
    make, caller, target = _Gathering(estate, request), request.caller, request.target
    trust = request.action.name.lower() in specials.TRUST and target.service == "iam"
    key = target.service == "kms" and target.name.split(":")[-1].startswith("key/")
    resource = make.statements(target.trusts if trust else target.policies)
    default: list[Ready] = list(specials.default_key_policy(target)) if key else []
    resource += [ready.statement for ready in default]
    owner = _owner(request)
    unread = [*gaps.of_resource(estate, target, trust=trust), *gaps.of_access_point(estate, caller, target)]
    if owner and owner not in (caller.account, *estate.accounts):
        unread.append(owner)
    found = Gathered(kind=caller.kind, foreign=bool(owner) and owner != caller.account, must_name=trust or key)
    mine = make.attached("identity", caller.holders)
    found.denies += make.weighed(make.statements(mine), "Deny")
    found.denies += make.weighed(resource, "Deny", _named(caller, ""))
    found.denies += make.unread((*gaps.of_identity(estate, caller), *unread))
    found.denies += make.special(buckets.shut(estate, request, estate_ready(estate, target.policies)).truth)
    identity = gaps.of_identity(estate, caller)
    found.identity = make.weighed(make.statements(mine), "Allow") + make.unread(identity)
    found.boundary = _limit(make, found, make.attached("boundary", caller.holders[:1]), identity)
    sessions = [one for one in (caller.session, *caller.holders[:1]) if one]
    found.session = _limit(make, found, make.attached("session", sessions), identity)
    if found.session is None and gaps.of_session(estate, caller):
        found.session = make.unread(gaps.of_session(estate, caller))
    found.itself = make.special(specials.beside_policies(estate, request).truth) + make.unread(unread)
    found.itself += make.weighed(resource, "Allow", _named(caller, "itself"))
    found.role = make.weighed(resource, "Allow", _named(caller, "role"))
    found.account = make.weighed(resource, "Allow", _named(caller, "account"))
    _organization(make, found)
    return found


def estate_ready(estate: Estate, policies: Iterable[str]) -> list[Ready]:
    """Return the statements of policies, made ready."""
    return [ready for policy in policies for ready in estate.statements(policy)]


def _owner(request: Request) -> str:
    told = request.context.get("aws:resourceaccount")
    if told:
        return told[0]
    return "" if request.target.account == "aws" else request.target.account


def _limit(make: _Gathering, found: Gathered, policies: list[str], unread: Sequence[str]) -> list[Turn] | None:
    if not policies:
        return None
    rows = make.statements(policies)
    found.denies += make.weighed(rows, "Deny")
    return make.weighed(rows, "Allow") + make.unread(unread)


def _organization(make: _Gathering, found: Gathered) -> None:
    """Add what the organization says: of the account that asks, and of the account whose the resource is."""
    estate, caller, target = make.estate, make.request.caller, make.request.target
    tree = estate.organization
    if caller.kind in ("user", "role", "root", "federated-user") and not caller.linked and caller.account != tree.management:
        told = gaps.of_organization(estate, caller.account, tree.path(caller.account))
        found.denies += make.unread(told)
        for name in tree.path(caller.account):
            held = estate.attached("scp", name)
            rows = make.statements([one.policy for one in held])
            found.denies += make.weighed(rows, "Deny")
            if held:
                implied = list(estate.full_access()) if estate.full_access_is_implied(held) else []
                level = make.weighed([*rows, *(ready.statement for ready in implied)], "Allow") + make.unread(told)
                found.levels.append(level + make.perhaps("scp", caller.account, "Allow"))
        found.denies += make.perhaps("scp", caller.account, "Deny")
    if target.account and specials.is_under_rcp(make.request, tree.management):
        path = tree.path(target.account)
        found.denies += make.unread(gaps.of_organization(estate, target.account, path))
        found.denies += make.weighed(make.statements(make.attached("rcp", path)), "Deny", _named(caller, ""))
        found.denies += make.perhaps("rcp", target.account, "Deny", _named(caller, ""))
