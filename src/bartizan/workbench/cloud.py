"""The use cases of a cloud review: read what is, judge it, find the ways through it."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import InputError, UsageError
from bartizan.workbench import STARTER, content_folder, load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts, Uid
    from bartizan.collect.inventory.live.aws.accounts import Through
    from bartizan.collect.inventory.live.azure import collector as azure
    from bartizan.collect.inventory.live.gcp import collector as gcp
    from bartizan.lake.contract import Batch, Commit, Declared
    from bartizan.review.cloud.checks.compliance import Compliance
    from bartizan.review.cloud.checks.contract import Checks
    from bartizan.review.cloud.checks.frameworks import Framework
    from bartizan.review.cloud.checks.responsibility import Responsibility
    from bartizan.review.cloud.comparing import Compared
    from bartizan.review.cloud.paths.answers import Paths
    from bartizan.review.cloud.paths.choking import ChokePoints
    from bartizan.review.cloud.paths.contract import PathsFound
    from bartizan.review.cloud.reviewed import Reviewed
    from bartizan.rules.exceptions import Draft

__all__ = [
    "Sought",
    "azure_facts",
    "changed",
    "check_exception",
    "checks_of",
    "chokes_of",
    "cluster_facts",
    "compare",
    "compliance",
    "facts_of",
    "framework",
    "frameworks",
    "google_facts",
    "keep",
    "live_facts",
    "named",
    "paths_of",
    "recorded_facts",
    "responsibility",
    "review",
    "seen_by",
    "ways",
]

_NANO: Final = 1_000_000_000
_BATCH: Final = 2048
_WHERE: Final = ("account", "region")
_CHOKED: Final = 5
"""Goals, those most come to, of which a review says where to cut: of a hundred thousand hops it takes half a second for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a review is asked for."""

    checks: Sequence[str | Path] = ()
    """Packs of checks instead of our own; ``starter`` names ours."""
    level: str = "informational"
    """Judge by checks of this level and above."""
    framework: str = ""
    """Judge by checks that are evidence for this framework alone; "" all."""
    exceptions: Sequence[str | Path] | None = None
    """Files of filters that accept failures; None is the user's own file of exceptions, () accepts nothing."""
    rules: Sequence[str | Path] = ()
    """Packs of detections that would see what an attacker does; () our own and those that were added."""
    jewels: Sequence[str] = ()
    """What must not be reached, beside what is marked by tags: uids, names, or patterns of uids."""
    now: int | None = None
    """What time it is taken to be, nanoseconds UTC; None is now."""


def facts_of(paths: Sequence[str | Path], *, variables: Mapping[str, str] | None = None, account: str = "") -> Facts:
    """Read files and folders into facts: folders of Terraform as such, everything else by the format that claims it.

    ``variables`` are texts, or lists and objects as HCL writes them; ``account`` is whose it is where nothing says so. InputError where
    a path is not there.
    """
    from bartizan.collect.inventory.reading import read  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.collect.inventory.terraform.variables import given_value  # noqa: PLC0415 - as above

    return read(paths, variables={name: given_value(value) for name, value in (variables or {}).items()}, account=account)


def live_facts(
    profiles: Sequence[str],
    *,
    endpoint: str | None = None,
    regions: Sequence[str] = (),
    keep: Path | None = None,
    through: Through | None = None,
) -> Facts:
    """Read AWS accounts: one by each profile, or those whose roles a profile takes on; ``keep`` is a folder for their answers.

    An account whose role cannot be taken on is a gap; InputError where that is all. MissingExtra without the extra 'cloud'.
    """
    from bartizan.collect.inventory.live.aws.accounts import Through, sessions_of  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.collect.inventory.live.aws.caller import Connection  # noqa: PLC0415 - as above
    from bartizan.collect.inventory.live.aws.collector import collect  # noqa: PLC0415 - as above

    connection = Connection(endpoint=endpoint or "")
    sessions, gaps = sessions_of(profiles, through or Through(), connection)
    facts = collect(sessions, regions=regions, connection=connection, keep=keep).facts
    facts.gaps += gaps
    return facts


def cluster_facts(context: str = "", *, kubeconfig: Path | None = None, kubelets: bool = False) -> Facts:
    """Read a running cluster by a context of a kubeconfig, that of kubectl where none is given; "" is the current one.

    With ``kubelets`` each is asked how it is set up, which needs nodes/proxy. InputError where the file does not say how to get in.
    """
    from bartizan.collect.inventory.live.kubernetes.collector import collect  # noqa: PLC0415 - as above
    from bartizan.collect.inventory.live.kubernetes.kubeconfig import connect, usual  # noqa: PLC0415 - as above

    cluster, client = connect(kubeconfig or usual(), context)
    try:
        return collect(client, cluster, kubelets=kubelets)
    finally:
        client.close()


def azure_facts(wanted: azure.Sought, *, endpoint: str = "", tenant: str = "") -> Facts:
    """Read running subscriptions of Azure with the credential of the environment. MissingExtra without the extra 'azure'."""
    from bartizan.collect.inventory.estates.azure import read  # noqa: PLC0415 - as above

    return read(wanted, endpoint=endpoint, tenant=tenant)


def google_facts(wanted: gcp.Sought) -> Facts:
    """Read running nodes of Google Cloud with the credentials of the environment. MissingExtra without the extra 'gcp'."""
    from bartizan.collect.inventory.estates.gcp import read  # noqa: PLC0415 - as above

    return read(wanted)


def recorded_facts(*folders: Path) -> Facts:
    """Read what was kept of live accounts, those of one cloud as one estate; InputError where there is no such folder."""
    from bartizan.collect.inventory.estates.recordings import read_recordings  # noqa: PLC0415 - `import bartizan` stays cheap

    for folder in (one for one in folders if not one.is_dir()):
        message = f"{folder}: there is no such folder of recordings; `bartizan cloud review --aws PROFILE --keep DIR` makes one"
        raise InputError(message)
    return read_recordings(*folders)


def checks_of(packs: Sequence[str | Path] = (), *, exceptions: Sequence[str | Path] | None = None) -> Checks:
    """Load the checks of packs; () means our own. ``exceptions``: files of filters that accept failures, None those that the user saved."""
    from bartizan.review.cloud.checks.loading import load  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.rules.exceptions import saved_files  # noqa: PLC0415 - as above

    own = content_folder() / "checks"
    named = [own if str(pack) == STARTER else pack for pack in packs] or [own]
    return load([*named, *(saved_files() if exceptions is None else exceptions)])


def check_exception(draft: Draft) -> None:
    """See that an exception to one of our checks asks for what the check can see; UsageError says what it cannot."""
    from bartizan.review.cloud.checks.loading import unfit  # noqa: PLC0415 - `import bartizan` stays cheap

    check = checks_of().named(draft.rule)
    why = "" if check is None else unfit(check, draft.node())
    if why:
        message = f"--where: {why}"
        raise UsageError(message)


def paths_of(facts: Facts) -> PathsFound:
    """Compile the rules of paths over facts, for each provider of which there are facts."""
    from bartizan.review.cloud.paths.compiling import compile_paths  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.paths.reading import path_rules  # noqa: PLC0415 - as above
    from bartizan.review.cloud.permission.authorizers import authorizer, providers  # noqa: PLC0415 - as above

    there = {one.provider for one in facts.principals} | {one.provider for one in facts.resources}
    deciding = {provider: authorizer(provider, facts) for provider in providers() if provider in there}
    return compile_paths(facts, path_rules(content_folder() / "paths").values(), deciding)


def review(facts: Facts, sought: Sought | None = None) -> Reviewed:
    """Judge facts by checks, and find the ways by which an attacker gets further."""
    from bartizan.review.cloud.checks.judging import review as judge  # noqa: PLC0415 - `import bartizan` stays cheap

    asked = sought or Sought()
    found = ways(facts, asked)
    checks = _narrowed(checks_of(asked.checks, exceptions=asked.exceptions), asked)
    return replace(found, checks=checks, verdicts=judge(facts, checks, now=datetime.fromtimestamp(found.now // _NANO, UTC)))


def ways(facts: Facts, sought: Sought | None = None) -> Reviewed:
    """Find the ways by which an attacker gets further, and judge nothing by checks."""
    from bartizan.review.cloud.checks.contract import About, Checks  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.checks.outcome import Review  # noqa: PLC0415 - as above
    from bartizan.review.cloud.jewels import accounts_in, jewels_in, ways_to  # noqa: PLC0415 - as above
    from bartizan.review.cloud.paths.answers import Paths  # noqa: PLC0415 - as above
    from bartizan.review.cloud.reviewed import Reviewed  # noqa: PLC0415 - as above

    asked = sought or Sought()
    found = paths_of(facts)
    goals = [*accounts_in(found.nodes), *jewels_in(facts), *named(facts, found, asked.jewels)]
    paths = Paths(found)
    told, more = ways_to(paths, goals)
    seen, perhaps = seen_by(asked.rules)
    return Reviewed(
        facts=facts,
        checks=Checks([], [], [], [], lambda _check: About("", {}, {})),
        verdicts=Review([], [], []),
        paths=found,
        ways=told,
        goals=goals,
        more=more,
        chokes=chokes_of(paths, [goal for goal, _ in Counter(way.goal for way in told).most_common(_CHOKED)]),
        seen=seen,
        perhaps=perhaps,
        now=time.time_ns() if asked.now is None else asked.now,
    )


def changed(facts: Facts, paths: Sequence[str | Path]) -> Facts:
    """Lay what files declare, a plan or changed Terraform, over an estate; what a plan deletes is taken away.

    Where the files do not say an account or a region, the only one of the estate is meant.
    """
    from bartizan.collect.inventory.reading import before, read  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.comparing import overlaid  # noqa: PLC0415 - as above

    account, region = (
        next(iter(found)) if len(found) == 1 else ""
        for found in ({getattr(one, name) for one in facts.resources} - {""} for name in _WHERE)
    )
    return overlaid(facts, read(paths, account=account, region=region), before(paths, account=account, region=region))


def frameworks() -> Mapping[str, Framework]:
    """Return the frameworks that there are, by name."""
    from bartizan.review.cloud.checks import frameworks as known  # noqa: PLC0415 - `import bartizan` stays cheap

    return known.frameworks(content_folder() / "frameworks")


def framework(name: str) -> Framework:
    """Return a framework; UsageError where there is none of that name."""
    from bartizan.documents import suggestion  # noqa: PLC0415 - `import bartizan` stays cheap

    known = frameworks()
    if name not in known:
        message = f"'{name}' is no framework{suggestion(name, list(known))}; there are {', '.join(known)}"
        raise UsageError(message)
    return known[name]


def compliance(facts: Facts, of: Framework, sought: Sought | None = None) -> tuple[Compliance, dict[str, Any]]:
    """Return how the requirements of a framework stand, and the same as OSCAL assessment results."""
    from bartizan.review.cloud.checks.compliance import compliance as standing  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.checks.judging import review as judge  # noqa: PLC0415 - as above
    from bartizan.review.cloud.checks.oscal import oscal  # noqa: PLC0415 - as above

    asked = sought or Sought()
    at = datetime.fromtimestamp((time.time_ns() if asked.now is None else asked.now) // _NANO, UTC)
    checks = _narrowed(checks_of(asked.checks, exceptions=asked.exceptions), asked)
    found = standing(judge(facts, checks, now=at), checks, of)
    return found, oscal(found, checks, now=at)


def responsibility(facts: Facts) -> Responsibility:
    """Return who answers for which control of an estate."""
    from bartizan.review.cloud.checks import responsibility as shares  # noqa: PLC0415 - `import bartizan` stays cheap

    return shares.responsibility(facts, shares.models(content_folder() / "responsibility"))


def chokes_of(paths: Paths, goals: Sequence[Uid], *, most: int = 3) -> list[ChokePoints]:
    """Return, for each goal that somebody comes to, what keeps the most from it; nothing without the extra 'cloud'."""
    from bartizan.errors import MissingExtra  # noqa: PLC0415 - as below
    from bartizan.review.cloud.paths.choking import choke_points  # noqa: PLC0415 - `import bartizan` stays cheap

    try:
        found = [choke_points(paths, goal, most=most) for goal in dict.fromkeys(goals)]
    except MissingExtra:
        return []
    return [one for one in found if one.points]


def seen_by(rules: Sequence[str | Path] = ()) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return, by rule of paths, the titles of the detections of packs that see it, and of those that may, each with what it hangs on.

    () means our own packs and added ones.
    """
    from bartizan.review.cloud.paths.detections import sights, told  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.paths.reading import path_rules  # noqa: PLC0415 - as above

    return told(sights(path_rules(content_folder() / "paths").values(), load_rules(rules)))


def compare(before: Reviewed, after: Reviewed) -> Compared:
    """Compare two reviews: failures and ways that were added and are gone, and what cannot be told any more."""
    from bartizan.review.cloud import comparing  # noqa: PLC0415 - `import bartizan` stays cheap

    return comparing.compare(before, after)


def named(facts: Facts, found: PathsFound, names: Sequence[str]) -> list[Uid]:
    """Return what names mean: uids, names, patterns of uids; InputError where one means nothing that was read."""
    from bartizan.review.cloud.jewels import named_in  # noqa: PLC0415 - `import bartizan` stays cheap

    means = named_in(facts, found.nodes, names)
    for name, uids in means.items():
        if not uids:
            message = f"'{name}' is nothing that was read: give a uid (an ARN), a name, or a pattern like '*:bucket-*'"
            raise InputError(message)
    return [uid for uids in means.values() for uid in uids]


def keep(reviewed: Reviewed, root: Path) -> Commit:
    """Put resources, failures, what cannot be told, and ways into the lake in a folder, or a new one.

    The same review is put in once, however often it is kept. MissingExtra without the extra 'lake'.
    """
    from bartizan.collect.catalogue import catalogue  # noqa: PLC0415 - imports every source
    from bartizan.lake.declared import declare  # noqa: PLC0415 - as above
    from bartizan.lake.opening import make_lake  # noqa: PLC0415 - as above
    from bartizan.review.cloud.records import DECLARED  # noqa: PLC0415 - as above

    tables = declare([*(route.ocsf for source in catalogue().sources for route in source.routes), *DECLARED])
    told = [reviewed.now, len(reviewed.facts.resources), len(reviewed.facts.gaps), *((way.start, way.goal) for way in reviewed.ways)]
    told += [
        (one.check.name, sorted((verdict.value, count) for verdict, count in one.counts().items())) for one in reviewed.verdicts.outcomes
    ]
    digest = hashlib.sha256(repr(told).encode()).hexdigest()[:32]
    with make_lake(root, tables) as lake:
        return lake.append(_batches(reviewed, tables), source="cloud review", batch_id=digest)


def _batches(reviewed: Reviewed, tables: Mapping[str, Declared]) -> Iterator[Batch]:
    """Yield the records of a review, some thousand at a time, so that those of a large estate are never held at once."""
    import msgspec  # noqa: PLC0415 - `import bartizan` stays cheap

    from bartizan.lake.contract import Batch  # noqa: PLC0415 - as above
    from bartizan.lake.declared import table_of  # noqa: PLC0415 - as above
    from bartizan.lake.findings import findings_frame  # noqa: PLC0415 - as above
    from bartizan.review.cloud.records import findings_of, inventory_of  # noqa: PLC0415 - as above

    records = chain(inventory_of(reviewed.facts, reviewed.now), findings_of(reviewed))
    for class_uid, held in groupby(records, key=lambda one: int(one["class_uid"])):
        table = table_of(class_uid)
        while lines := [msgspec.json.encode(one) for one in islice(held, _BATCH)]:
            yield Batch(table, findings_frame(lines, tables[table]))


def _narrowed(checks: Checks, asked: Sought) -> Checks:
    """Leave only the checks of a level and above, and of a framework."""
    from bartizan.explain.risk import LEVELS  # noqa: PLC0415 - as above

    if asked.level not in LEVELS:
        message = f"level: '{asked.level}' is no level; there are {', '.join(LEVELS)}"
        raise UsageError(message)
    grave = LEVELS[: LEVELS.index(asked.level) + 1]
    kept = [one for one in checks.checks if one.rule.level in grave]
    if asked.framework:
        kept = [one for one in kept if asked.framework in checks.tell(one).compliance]
        if not kept:
            message = f"framework: no check is evidence for '{asked.framework}'; `bartizan cloud compliance` lists those that there are"
            raise InputError(message)
    return replace(checks, checks=kept)
