"""Windows events as Winlogbeat and Elastic Agent ship them: under ``winlog``, nested or with dotted keys, or as version 6 did."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Source
from bartizan.collect.sources.windows.event_fields import documented
from bartizan.collect.sources.windows.event_shape import user_data
from bartizan.collect.sources.windows.events import Flavour, Path, parse, recognise
from bartizan.collect.sources.windows.guess import Marks
from bartizan.collect.sources.windows.routes import ROUTES
from bartizan.collect.sources.windows.values import keywords
from bartizan.schema.cells import integer, lookup
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.expressions import combine, field, first

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

__all__ = ["SOURCE"]

_LEVELS: Final[Mapping[str, Cell]] = {
    "critical": 1,
    "error": 2,
    "warning": 3,
    "information": 4,
    "verbose": 5,
    **{str(level): level for level in range(6)},
}
_BELOW: Final = {
    "EventID": (("winlog", "event_id"), ("event_id",), ("event", "code")),
    "Channel": (("winlog", "channel"), ("log_name",)),
    "Provider_Name": (("winlog", "provider_name"), ("source_name",), ("event", "provider")),
    "Provider_Guid": (("winlog", "provider_guid"), ("provider_guid",)),
    "Computer": (("winlog", "computer_name"), ("computer_name",), ("host", "name")),
    "EventRecordID": (("winlog", "record_id"), ("record_number",)),
    "Level": (("winlog", "level"), ("log", "level"), ("level",)),
    "Keywords": (("winlog", "keywords"), ("keywords",)),
    "Task": (("winlog", "task"), ("task",)),
    "Opcode": (("winlog", "opcode"), ("opcode",)),
    "Version": (("winlog", "version"), ("version",)),
    "TimeCreated": (("@timestamp",),),
    "Security_UserID": (("winlog", "user", "identifier"), ("user", "identifier")),
    "Execution_ProcessID": (("winlog", "process", "pid"), ("process_id",)),
    "Execution_ThreadID": (("winlog", "process", "thread", "id"), ("thread_id",)),
    "Correlation_ActivityID": (("winlog", "activity_id"), ("activity_id",)),
    "Message": (("message",),),
    "UserData": (("winlog", "user_data"), ("user_data",)),
    **{f"param{number}": (("winlog", "event_data", f"param{number}"), ("event_data", f"param{number}")) for number in range(1, 11)},
}
_PARAMETERS: Final = tuple(f"param{number}" for number in range(1, 11))


def _spelled(path: Path) -> tuple[Path, ...]:
    """Return a path as nested keys, as one dotted key, and both as the source of an exported search hit."""
    ways = (path,) if len(path) == 1 else (path, (".".join(path),))
    return (*ways, *(("_source", *way) for way in ways))


def _unnamed(*cells: Cell) -> Cell:
    """Gather the parameters of a classic event, which Winlogbeat numbers, as the list of unnamed data that they are."""
    there = tuple(cell for cell in cells if cell is not ABSENT)
    return there or ABSENT


_OLD: Final = frozenset(
    path[0] for paths in _BELOW.values() for path in paths if path[0] not in {"winlog", "@timestamp", "log", "host", "event"}
)
"""Keys at the top of version 6."""


def _dialect(record: bytes) -> Hashable:
    return next((mark for mark in ("_source", "winlog", "winlog.") if f'"{mark}'.encode() in record and _closed(mark, record)), "6")


def _closed(mark: str, record: bytes) -> bool:
    return mark.endswith(".") or f'"{mark}"'.encode() in record


def _keeps(dialect: Hashable, path: Path) -> bool:
    top = path[0]
    if top in {"_source", "winlog"}:
        return dialect == top
    if "." in top:
        return dialect == "winlog."
    return dialect == "6" if top in _OLD else True


_FLAVOUR: Final = Flavour(
    marks=Marks(b'event_id"', b'channel"'),
    places={name: tuple(way for path in paths for way in _spelled(path)) for name, paths in _BELOW.items()},
    system={
        **{name: first(name) for name in ("Channel", "Provider_Name", "Computer", "EventRecordID", "Security_UserID")},
        **{
            name: field(name) for name in ("Provider_Guid", "Task", "Opcode", "Version", "TimeCreated", "Correlation_ActivityID", "Message")
        },
        "EventID": field("EventID", integer),
        "Level": field("Level", lookup(_LEVELS)),
        "Keywords": field("Keywords", keywords),
        "Execution_ProcessID": field("Execution_ProcessID", integer),
        "Execution_ThreadID": field("Execution_ThreadID", integer),
        "Data": combine(_unnamed, *_PARAMETERS),
    },
    data=(("winlog", "event_data"), ("event_data",), ("_source", "winlog", "event_data"), ("_source", "event_data")),
    dotted=("winlog.event_data.", "event_data."),
    spread={"UserData": user_data},
    dialect=_dialect,
    keeps=_keeps,
)
_FLAVOUR_6: Final = replace(_FLAVOUR, marks=Marks(b'"event_id"', b'"log_name"'))


def _parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Parse with the marks of version 6 where the first record has them; the marks only save time."""
    old = bool(records) and b'"log_name"' in records[0]
    return parse(_FLAVOUR_6 if old else _FLAVOUR, records, context)


_QUERY: Final = (
    b'{"@timestamp":"2026-03-02T08:14:07.318Z","winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":"22",'
    b'"provider_name":"Microsoft-Windows-Sysmon","computer_name":"WS07.example.com","record_id":"90","process":{"pid":2816},'
    b'"user":{"identifier":"S-1-5-18"},"event_data":{"UtcTime":"2026-03-02 08:14:05.000","ProcessId":"5120",'
    b'"Image":"C:\\\\Windows\\\\System32\\\\certutil.exe","QueryName":"files.example.net","QueryStatus":"0",'
    b'"QueryResults":"::ffff:192.0.2.80;"}},"log":{"level":"information"}}'
)
_TASK: Final = (
    b'{"@timestamp":"2026-03-02T08:14:07.318Z","log_name":"Security","event_id":4698,"source_name":"Microsoft-Windows-Security-Auditing",'
    b'"computer_name":"WS07.example.com","level":"Information","event_data":{"TaskName":"\\\\\\\\updater","SubjectUserName":"operator"}}'
)

SOURCE: Final = Source(
    name="windows-winlogbeat",
    title="Windows events as Winlogbeat and Elastic Agent ship them",
    framings=(Framing.JSON,),
    recognise=partial(recognise, _FLAVOUR),
    parse=_parse,
    routes=ROUTES,
    documented=documented,
    product={"name": "Windows", "vendor_name": "Microsoft"},
    sure=True,
    examples=(
        Example(
            title="a name that a process looked up",
            raw=(_QUERY,),
            routes=("sysmon-dns-query",),
            ocsf={
                "class_uid": 4003,
                "activity_id": 2,
                "severity_id": 1,
                "time": 1_772_439_247_318_000_000,
                "query.hostname": "files.example.net",
                "answers": ({"rdata": "192.0.2.80"},),
                "rcode_id": 0,
                "actor.process.name": "certutil.exe",
                "device.hostname": "WS07.example.com",
            },
        ),
        Example(
            title="a task registered, as version 6 ships it",
            raw=(_TASK,),
            routes=("security-scheduled-task",),
            ocsf={"class_uid": 1006, "activity_id": 1, "job.name": "\\\\updater", "actor.user.name": "operator"},
        ),
        Example(title="a record of another beat", raw=(b'{"@timestamp":"2026-03-02T08:14:07.318Z","message":"started"}',), routes=(None,)),
    ),
)
