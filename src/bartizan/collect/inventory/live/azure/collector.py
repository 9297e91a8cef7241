"""Collect all facts of subscriptions: what the Resource Graph has, what it does not have, who they are that rights are given to.

Everything is asked once, by several threads, and kept where a folder is named; rows are taken in one order always.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.azure.asking import Asks, why
from bartizan.collect.inventory.live.azure.clouds import Cloud
from bartizan.collect.inventory.live.azure.directory import read_directory
from bartizan.collect.inventory.live.azure.redaction import redacted
from bartizan.collect.inventory.live.azure.resource_graph import SERVICE
from bartizan.collect.inventory.live.azure.rights import hidden
from bartizan.collect.inventory.live.azure.rows import Rows
from bartizan.collect.inventory.live.azure.subscriptions import subscriptions_of
from bartizan.collect.inventory.live.recording import Recording
from bartizan.collect.inventory.live.rest.caller import Caller, Settings
from bartizan.collect.inventory.live.rest.recording import form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.live.azure.contract import Reading
    from bartizan.collect.inventory.live.pace import Clock
    from bartizan.collect.inventory.live.rest.client import Client

__all__ = ["FORM", "Collected", "Sought", "caller_of", "collect", "read_recording"]

FORM: Final = form_of("azure")
_RATE: Final = 20.0
"""Calls a second of each subscription: the Resource Manager gives 25 to each who asks, of which some are left to others."""
_RATES: Final = {SERVICE: 2.5}
"""The Resource Graph gives 15 in five seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What of an Azure is read."""

    subscriptions: Sequence[str] = ()
    """By id or name; () for all that the credential sees."""
    settings: bool = False
    """Whether settings of applications are looked at, which needs a right that shows their values."""
    directory: bool = True
    keep: Path | None = None
    threads: int = 16
    progress: Callable[[str], None] = field(default=lambda _told: None)
    """Is told from time to time what is done."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What was read, and with how many requests by call."""

    facts: Facts
    made: dict[str, int]


def caller_of(client: Client, *, clock: Clock | None = None) -> Caller:
    """Return what makes calls of Azure through a client."""
    return Caller(client, Settings(redact=redacted, reason=why, rate=_RATE, rates=_RATES), clock=clock)


def collect(ask: Caller, cloud: Cloud, reading: Reading, sought: Sought | None = None) -> Collected:
    """Read subscriptions. What cannot be read is a ``Gap``; InputError where Azure does not know who asks at all."""
    sought = sought or Sought()
    found = subscriptions_of(Asks(cloud, ask), sought.subscriptions)
    asks = Asks(cloud, ask)
    with ExitStack() as held:
        if sought.keep is not None:
            recording = held.enter_context(closing(Recording(sought.keep / f"azure-{found[0]['tenantId']}.ndjson", FORM, add=True)))
            recording.begin(_scope(cloud, found, sought))
            asks = Asks(cloud, recording.through(ask), recording.through(ask, anew=True))
        each = held.enter_context(_several(ask, sought.threads))
        facts = _facts(asks, Rows(reading, each, "live", sought.progress), found, sought)
    return Collected(facts, dict(ask.made))


def read_recording(file: Path, reading: Reading) -> Facts:
    """Make facts of what was kept in a file: the same as when it was read, with ``recording`` as their origin."""
    with closing(Recording(file, FORM)) as recording:
        scope: Any = recording.scope
        if scope is None:
            return reading.facts()
        sought = Sought(settings=scope["settings"], directory=scope["directory"])
        asks = Asks(Cloud(**scope["cloud"]), recording.answer)
        return _facts(asks, Rows(reading, map, "recording", sought.progress), scope["subscriptions"], sought)


def _facts(asks: Asks, work: Rows, found: Sequence[Mapping[str, Any]], sought: Sought) -> Facts:
    work.tables(asks, found)
    for gaps in work.each(lambda one: hidden(asks, str(one["subscriptionId"])), found):
        work.gaps += gaps
    work.askings(asks, sought.settings)
    work.roles()
    if sought.directory and asks.cloud.graph:
        sought.progress(f"who the {len(work.who)} are that rights are given to")
        work.gaps += read_directory(asks, work.reading, work.who, how=work.how, each=work.each)
    facts = work.reading.facts()
    facts.gaps += work.gaps
    return facts


def _scope(cloud: Cloud, found: Sequence[Mapping[str, Any]], sought: Sought) -> dict[str, Any]:
    places = {name: getattr(cloud, name) for name in ("manager", "graph", "login", "audience", "graph_audience")}
    return {"cloud": places, "subscriptions": list(found), "settings": sought.settings, "directory": sought.directory}


@contextmanager
def _several(caller: Caller, threads: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """Give what does several at once, and gives what comes of them in order; who leaves early waits for what was asked already alone."""
    pool = ThreadPoolExecutor(threads, "azure-calls")
    try:
        yield pool.map
    except BaseException:
        caller.stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
