"""Which fields the event data of a Windows event has: facts of Microsoft's manifests, by channel and event id.

The names are those that stand in public event logs (OTRF Security-Datasets, MIT licence, and EVTX samples, read on
2026-11-26) and in Microsoft's documentation of Sysmon, of the Security log and of the other channels. An event that is
not listed is not known to have any field of its own.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from bartizan.collect.contract import Carried
from bartizan.collect.sources.windows.routes import KINDS, kind_of
from bartizan.schema.expressions import inputs_of

__all__ = ["documented"]

_FILE: Final = Path(__file__).with_name("event_fields.json")
_LINUX: Final = "linux-sysmon/operational"
_SYSTEM: Final = frozenset(
    {
        *("EventID", "Channel", "Provider_Name", "Provider_Guid", "Computer", "EventRecordID", "Level", "Keywords", "Opcode"),
        *("Security_UserID", "Execution_ProcessID", "Execution_ThreadID", "Correlation_ActivityID", "TimeCreated"),
    }
)
"""What every event has beside its data."""


@cache
def documented(*, linux: bool = False) -> tuple[Carried, ...]:
    """Return what each event carries; ``linux`` for Sysmon's events on Linux.

    Of events that are not listed it is what the mapping of their route reads: each of these stands in some event of the route.
    """
    events: dict[str, dict[str, list[str]]] = json.loads(_FILE.read_text(encoding="utf-8"))
    sysmon = events["microsoft-windows-sysmon/operational"]
    chosen = {_LINUX: sysmon} if linux else events
    rows = [
        Carried(route, _SYSTEM.union(names), {"Channel": channel, "EventID": number})
        for channel, ids in chosen.items()
        for number, names in ids.items()
        for route in kind_of(channel, int(number)).routes()
    ]
    if not linux:
        listed = {(channel, number) for channel, ids in events.items() for number in ids}
        rows += [
            Carried(route, _SYSTEM.union(inputs_of(route.ocsf)), {"Channel": channel, **({"EventID": number} if number else {})})
            for channel, number, kind in KINDS
            if (channel, number) not in listed
            for route in kind.routes()
        ]
    return tuple(rows)
