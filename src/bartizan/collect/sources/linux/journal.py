"""Read the systemd journal as ``journalctl -o json`` prints it: one JSON object per entry, in lines, an array or pretty-printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Source
from bartizan.collect.json_columns import decode
from bartizan.collect.sources.linux.message_routes import ROUTES, parts_of
from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.expressions import Table, evaluate, field, first, inputs_of
from bartizan.schema.time import epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SOURCE"]

EXAMPLES: Final = (
    Example(
        title="a key is accepted, and a message that is no UTF-8 is printed as a list of bytes",
        raw=(
            (
                b'{"__REALTIME_TIMESTAMP":"1715839201120000","_HOSTNAME":"web-1","PRIORITY":"6","SYSLOG_IDENTIFIER":"sshd","_PID":"901",'
                b'"_COMM":"sshd","MESSAGE":"Accepted publickey for operator from 2001:db8::7 port 40122 ssh2: ED25519 SHA256:abc"}'
            ),
            (
                b'{"__REALTIME_TIMESTAMP":"1715839201130000","_HOSTNAME":"web-1","PRIORITY":"6","SYSLOG_IDENTIFIER":"app","_PID":"902",'
                b'"MESSAGE":[104,105,255]}'
            ),
        ),
        routes=("ssh-login", "syslog-other"),
        ocsf={
            "class_uid": 3002,
            "status_id": 1,
            "time": 1_715_839_201_120_000_000,
            "user.name": "operator",
            "src_endpoint.ip": "2001:db8::7",
            "auth_protocol": "publickey",
        },
    ),
    Example(
        title="an entry cut off, and an object that is no entry",
        raw=(b'{"__REALTIME_TIMESTAMP":"1715839201120000","MESSAGE":"Accep', b'{"message": "of another log"}'),
        routes=(None, None),
    ),
)

_ENTRY: Final = re.compile(rb'"__REALTIME_TIMESTAMP"\s*:')
_ROUTING_ONLY: Final = Context(wanted=lambda _route: frozenset())
_WHY_NOT: Final = "a JSON object, but no entry of the journal: __REALTIME_TIMESTAMP is missing"


def _text(cell: Cell) -> Cell:
    """Return a message as text: the journal prints what is no UTF-8 as a list of bytes, and null where it is too long to print."""
    if isinstance(cell, tuple):
        try:
            return bytes(number for number in cell if isinstance(number, int)).decode("utf-8", "backslashreplace")
        except ValueError:
            return str(cell)
    return cell


_HEAD: Final[Table] = {
    "time": first(field("_SOURCE_REALTIME_TIMESTAMP", epoch), field("__REALTIME_TIMESTAMP", epoch)),
    "host": field("_HOSTNAME"),
    "program": first("SYSLOG_IDENTIFIER", "_COMM"),
    "pid": first("_PID", "SYSLOG_PID"),
    "priority": field("PRIORITY", str),
    "message": field("MESSAGE", _text),
}


def recognise(records: Sequence[bytes]) -> int:
    """Count the objects that are read as entries; the clock that every one has is looked for first, which is cheap."""
    likely = [record for record in records if _ENTRY.search(record)]
    return len(likely) - len(parse(likely, _ROUTING_ONLY).unparsed)


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read entries into a frame per kind of message; the journal's own fields stay beside what the message says."""
    wanted = [context.wanted(route) for route in ROUTES]
    fields = None if None in wanted else sorted({*inputs_of(_HEAD), *(name for names in wanted for name in names or ())})
    decoded = decode(records, fields)
    frame = Frame(len(decoded.rows), decoded.columns)
    is_entry = [cell is not ABSENT and not isinstance(cell, Mapping) for cell in frame.column("__REALTIME_TIMESTAMP").cells()]
    rows = [row for row, yes in zip(decoded.rows, is_entry, strict=True) if yes]
    unparsed = {**decoded.unparsed, **{row: _WHY_NOT for row, yes in zip(decoded.rows, is_entry, strict=True) if not yes}}
    frame = frame if len(rows) == frame.height else frame.take([at for at, yes in enumerate(is_entry) if yes])
    head = evaluate(_HEAD, frame)
    blank = Column.constant(ABSENT, frame.height)
    columns = {**frame.columns, **{name: head.columns.get(name, blank) for name in _HEAD}}
    return Parsed(parts_of(rows, columns, context) if rows else (), unparsed)


SOURCE: Final = Source(
    name="journal",
    title="systemd journal as JSON",
    framings=(Framing.JSON,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "systemd-journald", "vendor_name": "systemd"},
)
