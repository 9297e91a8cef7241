"""Take rows in their order into what understands them, find out on the way what is to be asked next, and note what did not come."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Origin, Uid
from bartizan.collect.inventory.live.azure.asking import answered
from bartizan.collect.inventory.live.azure.resource_graph import TABLES, table_rows
from bartizan.collect.inventory.live.azure.sections import SUBSCRIPTION, askings, bulks, types_of
from bartizan.collect.inventory.live.calls import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bartizan.collect.inventory.live.azure.asking import Asks, Listed
    from bartizan.collect.inventory.live.azure.contract import Reading
    from bartizan.collect.inventory.live.azure.sections import Asking

__all__ = ["Rows"]

_ROLE: Final = "microsoft.authorization/roledefinitions"
_GIVEN: Final = (
    "microsoft.authorization/roleassignments",
    "microsoft.authorization/roleeligibilityscheduleinstances",
    "microsoft.authorization/denyassignments",
)
_ASSIGNMENTS: Final = "/roleAssignments"
_VAULT: Final = "microsoft.keyvault/vaults"
_EVERYBODY: Final = "00000000-0000-0000-0000-000000000000"
_EACH: Final = 1000


@dataclass(frozen=True, slots=True)
class _Job:
    asking: Asking
    uid: str
    account: str


@dataclass(slots=True)
class Rows:
    """One reading while it goes on."""

    reading: Reading
    each: Callable[..., Iterable[Any]]
    how: str
    progress: Callable[[str], None]
    gaps: list[Gap] = field(default_factory=list)
    who: dict[str, None] = field(default_factory=dict)
    """Ids of those in the directory that rights are given to, in order."""
    _jobs: dict[int, list[_Job]] = field(default_factory=dict)
    _held: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Id and subscription of resources, by type."""
    _taken: set[str] = field(default_factory=set)
    _definitions: list[tuple[Mapping[str, Any], Origin]] = field(default_factory=list)
    _roles: set[str] = field(default_factory=set)

    def tables(self, asks: Asks, subscriptions: Sequence[Mapping[str, Any]]) -> None:
        """Read the tables of the Resource Graph."""
        failures: dict[str, Failure | None] = {}
        for table in TABLES:
            failure, rows = None, 0
            for row in table_rows(asks, table, [str(one["subscriptionId"]) for one in subscriptions]):
                if isinstance(row, Failure):
                    failure = row
                    continue
                self._take(row, Origin(self.how, f"Resource Graph {table.name}"))
                rows += 1
                if rows % _EACH == 0:
                    self.progress(f"{rows} rows of {table.name}")
            if failure is not None:
                self.gaps.append(_gap(f"Resource Graph {table.name}", failure, kinds=table.kinds))
            failures[table.name] = failure
        for one in subscriptions:  # where the graph does not have it, and what is asked of each
            told = {**one, "id": f"/subscriptions/{one['subscriptionId']}", "type": SUBSCRIPTION, "name": one["displayName"]}
            self._take(told, Origin(self.how, "Microsoft.Resources/subscriptions/read"))
        for bulk in bulks():
            failure = failures[bulk.table]
            for uid, _account in (each for kind in types_of(bulk.kind) for each in self._held.get(kind, ())):
                self.reading.answered(uid, bulk.tells, f"{failure.reason}: Resource Graph {bulk.table}" if failure else "")

    def askings(self, asks: Asks, settings: bool) -> None:  # noqa: FBT001 - passed on
        """Ask what the Resource Graph does not have."""
        every = [job for number in sorted(self._jobs) for job in self._jobs[number]]
        jobs = [job for job in every if settings or job.asking.only != "settings"]
        for job in every if not settings else ():
            if job.asking.only == "settings":
                self.reading.answered(job.uid, job.asking.tells, "not-in-origin: settings of applications were not asked for")
        found = self.each(lambda job: answered(asks, job.asking, job.uid, job.account), jobs)
        pairs = zip(jobs, found, strict=True)
        for number, ((asking, account), some) in enumerate(groupby(pairs, key=lambda pair: (pair[0].asking, pair[0].account))):
            if number % 10 == 0:
                self.progress(f"{asking.action} of {account}")
            self._asked(asking, account, list(some))

    def roles(self) -> None:
        """Take roles that customers made, and those of Azure that are given to somebody."""
        for row, origin in self._definitions:
            told = row.get("properties")
            kind = str(told.get("type", "")) if isinstance(told, dict) else ""
            if kind.lower() != "builtinrole" or str(row.get("id")).lower().rpartition("/")[2] in self._roles:
                self.reading.take(row, origin)

    def _asked(self, asking: Asking, account: str, told: list[tuple[_Job, Listed]]) -> None:
        missed = [(job, listed.failure) for job, listed in told if listed.failure is not None]
        for job, listed in told:
            for row in listed.rows:
                self._take(row, Origin(self.how, asking.action, account))
            why = f"{listed.failure.reason}: {asking.action}" if listed.failure else ""
            below = (each for kind in types_of(asking.kind) for each in self._held.get(kind, ()))
            for uid in [uid for uid, of in below if of == account] if asking.to_below else [job.uid]:
                self.reading.answered(uid, asking.tells, why)
            if asking.below.endswith(_ASSIGNMENTS):
                self.reading.answered(job.uid, ["owners"], why)
        everywhere = len(missed) == len(told) and len(told) > 1
        for job, failure in missed[:1] if everywhere or not asking.tells else missed:
            uid = "" if everywhere or asking.to_below or not asking.tells else job.uid
            gap = _gap(asking.action, failure, kinds=(asking.kind.name,))
            self.gaps.append(replace(gap, properties=asking.tells, account=account, uid=Uid(uid.lower())))

    def _take(self, row: Mapping[str, Any], origin: Origin) -> None:
        """Take a row, once where several lists show it, and see what hangs on it."""
        uid, kind = str(row.get("id", "")), _type(row)
        account = _account(uid)
        if kind == _ROLE:
            self._definitions.append((row, origin))
            return
        if kind in _GIVEN:
            if uid.lower() in self._taken:
                return
            self._taken.add(uid.lower())
            self._rights(row)
        elif kind == _VAULT:
            self._rights(row)
        if kind == SUBSCRIPTION and any(uid.lower() == one.lower() for one, _ in self._held.get(kind, ())):
            return
        if kind in _kept():
            self._held.setdefault(kind, []).append((uid, account))
        for number, asking in _by_type().get(kind, ()):
            if asking.fits(row):
                self._jobs.setdefault(number, []).append(_Job(asking, uid, account))
        self.reading.take(row, origin)

    def _rights(self, row: Mapping[str, Any]) -> None:
        """Note who in the directory is given something, and by which role."""
        told = row.get("properties")
        if not isinstance(told, dict):
            return
        self._roles.add(str(told.get("roleDefinitionId")).lower().rpartition("/")[2])
        several = [one for name in ("principals", "excludePrincipals", "accessPolicies") for one in told.get(name) or ()]
        ids = [told.get("principalId"), *(one.get("id") or one.get("objectId") for one in several if isinstance(one, dict))]
        self.who.update((one.lower(), None) for one in ids if isinstance(one, str) and one != _EVERYBODY)


@cache
def _by_type() -> Mapping[str, Sequence[tuple[int, Asking]]]:
    """Return what is asked of resources of a type, each with its place in the order."""
    found: dict[str, list[tuple[int, Asking]]] = {}
    for number, asking in enumerate(askings()):
        found.setdefault(asking.of.lower(), []).append((number, asking))
    return found


@cache
def _kept() -> frozenset[str]:
    """Return the types of which is noted which resources there are."""
    told = [*(one.kind for one in bulks()), *(one.kind for one in askings() if one.to_below)]
    return frozenset({SUBSCRIPTION, *(name for kind in told for name in types_of(kind))})


def _gap(call: str, failure: Failure, *, kinds: tuple[str, ...]) -> Gap:
    return Gap(provider="azure", call=call, reason=failure.reason, detail=failure.told, kinds=kinds)


def _type(row: Mapping[str, Any]) -> str:
    """Return the type of a row, by its id where it does not say."""
    told = row.get("type")
    if isinstance(told, str) and told:
        return told.lower()
    parts = str(row.get("id", "")).lower().rpartition("/providers/")[2].split("/")
    return "/".join([*parts[:1], *parts[1::2]])


def _account(uid: str) -> str:
    parts = uid.lower().split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""  # noqa: PLR2004 - what is behind the second stroke
