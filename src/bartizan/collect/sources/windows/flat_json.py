"""Windows events as flat JSON, one object per event: NXLog, Windows Event Forwarding collectors, public data sets."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Example, Framing, Source
from bartizan.collect.json_columns import frozen
from bartizan.collect.sources.windows.clocks import COLLECTED_PLACES, EXACT, collected
from bartizan.collect.sources.windows.event_fields import documented
from bartizan.collect.sources.windows.events import Flavour, Path, parse, recognise
from bartizan.collect.sources.windows.guess import Marks
from bartizan.collect.sources.windows.routes import ROUTES
from bartizan.collect.sources.windows.values import keywords
from bartizan.schema.cells import integer, lookup, present
from bartizan.schema.expressions import field, first

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from bartizan.schema.columns import Cell

__all__ = ["SOURCE"]

_LEVELS: Final[Mapping[str, Cell]] = {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}
"""NXLog's severity (1 debug … 5 critical) -> Windows level."""


def _inner(cell: Cell) -> Mapping[str, Cell]:
    """Read event data that is an object, or JSON text of one, as table exports of Azure write it."""
    if isinstance(cell, str):
        try:
            cell = frozen(json.loads(cell)) if cell[:1] == "{" else {}
        except (ValueError, RecursionError):
            return {}
    return cell if isinstance(cell, dict) else {}


_NAMES: Final = (
    *("EventID", "EventId", "Channel", "SourceName", "ProviderName", "Provider", "Provider_Name", "ProviderGuid"),
    *("Hostname", "Computer", "ComputerName", "RecordNumber", "EventRecordID", "EventRecordId", "Level", "EventLevel"),
    *("SeverityValue", "Keywords", "UserID", "UserId", "ExecutionProcessID", "ThreadID", "ActivityID", "OpcodeValue", "Opcode"),
    *("Message", "EventData", "ExtraEventData", "Data"),
)

_SPELLINGS: Final = (
    *("EventID", "EventId", "SourceName", "ProviderName", "Provider_Name", "Provider", "Hostname", "Computer", "ComputerName"),
    *("Level", "EventLevel", "SeverityValue", *COLLECTED_PLACES),
)
"""Names of which one writer uses one for a thing; the first of the clocks makes the others needless."""


def _dialect(record: bytes) -> Hashable:
    there = [name for name in _SPELLINGS if b'"' + name.encode() + b'"' in record]
    exact = next((name for name in EXACT if name in there), None)
    return frozenset(name for name in there if exact is None or name == exact or name not in COLLECTED_PLACES)


def _keeps(dialect: Hashable, path: Path) -> bool:
    return path[0] not in _SPELLINGS or (isinstance(dialect, frozenset) and path[0] in dialect)


_FLAVOUR: Final = Flavour(
    marks=Marks(b'"EventID"', b'"Channel"'),
    places={**{name: ((name,),) for name in (*_NAMES, *COLLECTED_PLACES)}},
    system={
        "EventID": first(field("EventID", integer), field("EventId", integer)),
        "Channel": first("Channel"),
        "Provider_Name": first("SourceName", "ProviderName", "Provider_Name", "Provider"),
        "Provider_Guid": first("ProviderGuid"),
        "Computer": first("Hostname", "Computer", "ComputerName"),
        "EventRecordID": first("EventRecordID", "RecordNumber", "EventRecordId"),
        "Level": first("Level", "EventLevel", field("SeverityValue", lookup(_LEVELS))),
        "Keywords": field("Keywords", keywords),
        "Opcode": first("OpcodeValue", "Opcode"),
        "Security_UserID": first("UserID", "UserId"),
        "Execution_ProcessID": field("ExecutionProcessID", integer),
        "Execution_ThreadID": field("ThreadID", integer),
        "Correlation_ActivityID": field("ActivityID", present),
        "Message": field("Message"),
    },
    data=((),),
    spread={"EventData": _inner, "ExtraEventData": _inner},
    clock=collected,
    clock_places=COLLECTED_PLACES,
    dialect=_dialect,
    keeps=_keeps,
)

_LAUNCH: Final = (
    b'{"EventTime":"2026-03-02 09:14:07","Hostname":"WS07.example.com","Keywords":-9223372036854775808,"SeverityValue":2,'
    b'"EventID":1,"SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","ExecutionProcessID":2816,'
    b'"UtcTime":"2026-03-02 08:14:07.318","ProcessGuid":"{7b1c0f52-5b1f-69a5-0000-001057a81b00}","ProcessId":"5120",'
    b'"Image":"C:\\\\Windows\\\\System32\\\\whoami.exe","CommandLine":"whoami /all","User":"EXAMPLE\\\\operator",'
    b'"IntegrityLevel":"Medium","Hashes":"MD5=900150983CD24FB0D6963F7D28E17F72","ParentProcessId":"4312",'
    b'"ParentImage":"C:\\\\Windows\\\\System32\\\\cmd.exe"}'
)

SOURCE: Final = Source(
    name="windows-flat-json",
    title="Windows events as flat JSON (NXLog, event collectors)",
    framings=(Framing.JSON,),
    recognise=partial(recognise, _FLAVOUR),
    parse=partial(parse, _FLAVOUR),
    routes=ROUTES,
    documented=documented,
    product={"name": "Windows", "vendor_name": "Microsoft"},
    sure=True,
    examples=(
        Example(
            title="a process that Sysmon saw start",
            raw=(_LAUNCH,),
            routes=("sysmon-process-create",),
            ocsf={
                "class_uid": 1007,
                "activity_id": 1,
                "severity_id": 1,
                "time": 1_772_439_247_318_000_000,
                "device.hostname": "WS07.example.com",
                "process.name": "whoami.exe",
                "process.cmd_line": "whoami /all",
                "process.pid": 5120,
                "process.user.name": "operator",
                "process.user.domain": "EXAMPLE",
                "actor.process.name": "cmd.exe",
            },
        ),
        Example(title="JSON of something else", raw=(b'{"level":"info","msg":"started"}',), routes=(None,)),
    ),
)
