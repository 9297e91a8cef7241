"""Collect all facts of projects, folders and organizations: what is asked of Google Cloud is asked once, and kept."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.gcp.addresses import Addresses
from bartizan.collect.inventory.live.gcp.reading import Reader
from bartizan.collect.inventory.live.gcp.reasons import reason_of
from bartizan.collect.inventory.live.gcp.redaction import redacted
from bartizan.collect.inventory.live.recording import Recording, recordings
from bartizan.collect.inventory.live.rest.caller import Caller, Settings
from bartizan.collect.inventory.live.rest.client import endpoint_of
from bartizan.collect.inventory.live.rest.recording import form_of
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.live.calls import Answer, Ask
    from bartizan.collect.inventory.live.gcp.contract import Reading
    from bartizan.collect.inventory.live.pace import Clock
    from bartizan.collect.inventory.live.rest.calls import Call
    from bartizan.collect.inventory.live.rest.client import Client

__all__ = ["FORM", "Collected", "Sought", "collect", "named", "read_recordings"]

FORM: Final = form_of("gcp")
_RATES: Final[Mapping[str, float]] = {
    "cloudasset.googleapis.com": 1,
    "cloudresourcemanager.googleapis.com": 4,
    "iam.googleapis.com": 10,
    "iam.googleapis.com/v2": 0.08,
    "iam.googleapis.com/v3": 0.08,
    "orgpolicy.googleapis.com": 8,
    "serviceusage.googleapis.com": 4,
}
"""Calls a second to begin with: guesses on the low side, for quotas of projects differ and change.

Policies that deny and bound are read by versions of IAM whose quota is a few calls a minute. What only speaks like Google has quotas of its
own. A pace that is too fast slows down by itself.
"""
_TOLD: Final = 10
_NODE: Final = re.compile(r"projects/[a-z0-9][a-z0-9.:-]{0,99}|folders/[0-9]{1,30}|organizations/[0-9]{1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What of Google Cloud is read, and how."""

    nodes: Sequence[str]
    """``projects/ID``, ``folders/NUMBER``, ``organizations/NUMBER``: each with all that is below it."""
    endpoint: str = ""
    """Something else that speaks like Google Cloud."""
    keep: Path | None = None
    threads: int = 8
    tries: int = 6
    rates: Mapping[str, float] = field(default_factory=dict)
    """Calls a second for services whose pace is known better."""
    clock: Clock | None = None
    """What time is and how to wait, where it is not that of this machine."""
    progress: Callable[[str], None] = field(default=lambda _told: None)
    """Is told from time to time what is done."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What was read, and with how many requests by call."""

    facts: Facts
    made: dict[str, int]


def named(target: str) -> str:
    """Return what is to be read as Google Cloud names it; UsageError where that is nothing that can be."""
    if _NODE.fullmatch(target):
        return target
    message = f"'{target}' is no node of Google Cloud: write projects/ID, folders/NUMBER or organizations/NUMBER"
    raise UsageError(message)


class _Stopped(Exception):  # noqa: N818 - names what happened; reaches only threads of which nobody waits for the answer
    pass


class _Asking:
    """Asks through a caller, tells now and then how often it did, and asks nothing once it was stopped."""

    def __init__(self, caller: Caller, progress: Callable[[str], None]) -> None:
        self._caller, self._progress = caller, progress
        self._stopped = False
        self.about = ""

    def __call__(self, call: Call) -> Answer:
        if self._stopped:
            raise _Stopped
        answer = self._caller(call)
        done = self._caller.made.total()
        if done % _TOLD == 0:
            self._progress(f"{self.about}: {done:,} requests")
        return answer

    def stop(self) -> None:
        self._stopped = True
        self._caller.stop()


def collect(client: Client, reading: Reading, sought: Sought) -> Collected:
    """Read nodes; answers are kept in a folder where one is named, and a run that ended early goes on.

    What cannot be read is a ``Gap``. UsageError where a node, or the endpoint, is none.
    """
    endpoint_of(sought.endpoint)
    nodes = list(dict.fromkeys(map(named, sought.nodes)))
    settings = Settings(
        redact=redacted, reason=reason_of, rates={**({} if sought.endpoint else _RATES), **sought.rates}, tries=sought.tries
    )
    caller = Caller(client, settings, clock=sought.clock)
    asking = _Asking(caller, sought.progress)
    threads = ThreadPoolExecutor(sought.threads, "gcp-calls")
    try:
        reader = Reader(reading, each=threads.map)
        for node in nodes:
            asking.about = node
            _read(reader, node, asking, sought)
        return Collected(reading.facts(), dict(caller.made))
    finally:
        asking.stop()
        threads.shutdown(cancel_futures=True)


def read_recordings(reading: Reading, files: Sequence[Path]) -> Facts:
    """Make facts of what was kept in files: the same as when it was read, with ``recording`` as their origin."""
    reader = Reader(reading, how="recording")
    with ExitStack() as held:
        for recording in (one for file in files for one in recordings(file, FORM)):
            held.enter_context(closing(recording))
            scope: Mapping[str, Any] = recording.scope or {}
            if scope:
                reader.read(str(scope["node"]), Addresses(str(scope["endpoint"])), recording.answer)
        return reading.facts()


def _read(reader: Reader, node: str, ask: Ask[Call], sought: Sought) -> None:
    addresses = Addresses(sought.endpoint)
    if sought.keep is None:
        reader.read(node, addresses, ask)
        return
    name = f"gcp-{node.replace('/', '-').replace(':', '-')}.ndjson"
    with closing(Recording(sought.keep / name, FORM, add=True)) as recording:
        recording.begin({"node": node, "endpoint": sought.endpoint})
        reader.read(node, addresses, recording.through(ask), anew=recording.through(ask, anew=True))
