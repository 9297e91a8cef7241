"""Collect all facts of accounts: what is asked of AWS is asked once, by several threads, and kept; facts come in one order always."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Gap
from bartizan.collect.inventory.live.aws.accounts import Role, identity, regions_of, whose
from bartizan.collect.inventory.live.aws.caller import Caller, Connection
from bartizan.collect.inventory.live.aws.iam import in_use
from bartizan.collect.inventory.live.aws.organizations import organization_of, seen_whole
from bartizan.collect.inventory.live.aws.principals import principals_of
from bartizan.collect.inventory.live.aws.reading import Reader
from bartizan.collect.inventory.live.aws.recording import FORM, Scope
from bartizan.collect.inventory.live.aws.report import with_report
from bartizan.collect.inventory.live.aws.sections import sections
from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.memory import Remembered
from bartizan.collect.inventory.live.recording import Recording, recordings
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from bartizan.collect.inventory.live.aws.caller import Session
    from bartizan.collect.inventory.live.aws.calls import Ask, Place

__all__ = ["Collected", "collect", "read_recordings"]

_AT_ONCE: Final = 4
"""Regions that are read at once: each holds a client of every service, of some megabytes."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What was read, and with how many requests by call."""

    facts: Facts
    made: dict[str, int]


def collect(
    sessions: Sequence[Session],
    *,
    regions: Sequence[str] = (),
    kinds: Sequence[str] = (),
    connection: Connection | None = None,
    keep: Path | None = None,
) -> Collected:
    """Read the account of each session, in regions, or in all that it has switched on; answers are kept in a folder where one is named.

    With ``kinds`` only these are read, and a gap says so; who may do what is read always. What cannot be read is a ``Gap``, and so is
    the account of a role that cannot be taken on. InputError where AWS does not know the session at all, or none of several roles.
    """
    connection = connection or Connection()
    facts, made, refused = Facts(), Counter[str](), list[Gap]()
    sought = _Sought(tuple(regions), tuple(kinds), connection.threads)
    for session in sessions:
        caller = Caller(session, connection)
        try:
            near = regions[0] if regions else getattr(session, "region_name", None) or "us-east-1"
            home = _home(caller, session, near)
            if isinstance(home, Gap):
                refused.append(home)
            else:
                facts.add(_account(caller, home, sought, keep))
        finally:
            caller.release()
        made.update(caller.made)
    if refused and len(refused) == len(sessions):
        message = f"no account could be read: {'; '.join(gap.detail for gap in refused[:3])}"
        raise InputError(message)
    facts.gaps += refused
    return Collected(seen_whole(facts), dict(made))


def _home(caller: Caller, session: Session, near: str) -> Place | Gap:
    """Return where the account of a session is at home, or the gap that a role leaves which cannot be taken on."""
    if not isinstance(session, Role):
        return identity(caller, near)
    found = whose(caller, near)
    return session.refused(found) if isinstance(found, Failure) else found


def read_recordings(folder: Path) -> Facts:
    """Make facts of what was kept in a folder, or a file: the same as when it was read, with ``recording`` as their origin."""
    facts = Facts()
    for recording in recordings(folder, FORM):
        with closing(recording):
            if recording.scope is not None:
                facts.add(_facts(recording.answer, recording.scope.places, _Work("recording", recording.scope.kinds)))
    return seen_whole(facts)


@dataclass(frozen=True, slots=True)
class _Sought:
    """What of an account is read, and by how many threads."""

    regions: tuple[str, ...]
    kinds: tuple[str, ...]
    threads: int


def _account(caller: Caller, home: Place, sought: _Sought, keep: Path | None) -> Facts:
    ask = in_use(with_report(caller))
    facts = Facts()
    found = list(sought.regions) or regions_of(ask, home)
    if found is None:
        found = [home.region]
        told = f"which regions the account has switched on is not known: only {home.region} was read"
        facts.gaps.append(Gap(provider="aws", call="ec2:DescribeRegions", reason="denied", detail=told, account=home.account))
    places = (home, *(replace(home, region=region) for region in found))
    with ThreadPoolExecutor(sought.threads, "aws-kinds") as kinds, ThreadPoolExecutor(sought.threads, "aws-calls") as calls:
        work = _Work("live", sought.kinds, kinds.map, calls.map, caller.release)
        if keep is None:
            facts.add(_facts(ask, places, work))
            return facts
        with closing(Recording(keep / f"{home.account}.ndjson", FORM, add=True)) as recording:
            recording.begin(Scope(places, sought.kinds))
            facts.add(_facts(recording.through(ask), places, work))
    return facts


@dataclass(frozen=True, slots=True)
class _Work:
    """How it is done: ``kinds`` and ``calls`` are ``map``, or do several at once with threads of their own: none waits for itself."""

    how: str
    only: tuple[str, ...] = ()
    """The kinds that are read; () for all."""
    kinds: Callable[..., Iterable[Any]] = map
    calls: Callable[..., Iterable[Any]] = map
    release: Callable[[], None] = lambda: None


def _facts(ask: Ask, places: Sequence[Place], work: _Work) -> Facts:
    """Return the facts of an account: those of global services first, then region by region, kind by kind."""
    facts = Facts()
    remembered = Remembered(ask)
    reader = Reader(remembered, how=work.how, each=work.calls)
    home, rest = places[0], places[1:]
    for found in work.kinds(lambda read: read(remembered, home, work.how), (principals_of, organization_of)):
        facts.add(found)
    known = [one for one in sections() if not work.only or one.kind.name in work.only]
    if work.only:
        facts.gaps.append(_unasked(home, work.only))
    for first in range(0, max(len(rest), 1), _AT_ONCE):
        some = [*([home] if first == 0 else []), *rest[first : first + _AT_ONCE]]
        jobs = [(section, place) for place in some for section in known if section.once == (place is home)]
        for found in work.kinds(lambda job: reader.read(*job), jobs):
            facts.add(found)
        remembered.forget()
        work.release()
    return facts


def _unasked(home: Place, only: Sequence[str]) -> Gap:
    """Return the gap that only some kinds were to be read."""
    others = tuple(sorted({one.kind.name for one in sections()} - set(only)))
    detail = f"only {', '.join(only)} was to be read"
    return Gap(provider="aws", call="collect", reason="not-in-origin", detail=detail, account=home.account, kinds=others)
