"""Read syslog as files hold it (``auth.log``, ``secure``, ``messages``, …): lines with the old date, with an ISO date, RFC 5424."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Source
from bartizan.collect.sources.linux.message_routes import ROUTES, parts_of
from bartizan.collect.sources.linux.syslog_text import NAMES, head_of, is_syslog, time_reader
from bartizan.collect.text_columns import coded, lines_of
from bartizan.schema.columns import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SOURCE"]

EXAMPLES: Final = (
    Example(
        title="a password is refused, then taken",
        raw=(
            b"2024-05-16T08:00:01.120000+02:00 web-1 sshd[901]: Failed password for invalid user oracle from 203.0.113.77 port 40122 ssh2",
            b"2024-05-16T08:00:09.120000+02:00 web-1 sshd[901]: Accepted password for operator from 203.0.113.77 port 40130 ssh2",
            b"2024-05-16T08:00:10.120000+02:00 web-1 sshd[901]: Received disconnect from 203.0.113.77 port 40130:11: disconnected by user",
        ),
        routes=("ssh-login", "ssh-login", "ssh-connection"),
        ocsf={
            "class_uid": 3002,
            "activity_id": 1,
            "status_id": 2,
            "time": 1_715_839_201_120_000_000,
            "user.name": "oracle",
            "src_endpoint.ip": "203.0.113.77",
            "src_endpoint.port": 40122,
            "device.hostname": "web-1",
        },
    ),
    Example(
        title="sudo runs a command, cron another, and an account is made (RFC 5424, with structured data)",
        raw=(
            (
                b'<85>1 2024-05-16T08:00:00Z web-1 sudo - - [origin ip="192.0.2.9"] operator : TTY=pts/0 ; PWD=/srv ; USER=root ; '
                b"COMMAND=/usr/bin/tail -n 5 /var/log/auth.log"
            ),
            b"<78>1 2024-05-16T08:00:00Z web-1 CRON 77 - - (root) CMD (/usr/local/bin/backup)",
            b"<86>1 2024-05-16T08:00:00Z web-1 useradd 78 - - new user: name=helper, UID=1002, GID=1002, home=/srv, shell=/bin/bash",
        ),
        routes=("sudo-command", "cron-job", "auth-account"),
        ocsf={
            "class_uid": 1007,
            "process.cmd_line": "/usr/bin/tail -n 5 /var/log/auth.log",
            "process.user.name": "root",
            "actor.user.name": "operator",
            "process.working_directory": "/srv",
            "status_id": 1,
        },
    ),
    Example(
        title="no date in front: another program's own log, a line cut off at its start",
        raw=(b"Server listening on 0.0.0.0 port 22.", b"1] sshd[901]: Accepted password for operator", b""),
        routes=(None, None, None),
    ),
)

_WHY_NOT: Final = "no syslog line: it begins with no date, or the date is cut off"


def recognise(records: Sequence[bytes]) -> int:
    """Count the lines that begin with a date and name a program."""
    return sum(map(is_syslog, records))


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read syslog lines into a frame per kind of message."""
    found = [head_of(line) for line in lines_of(records)]
    unparsed = {row: _WHY_NOT for row, head in enumerate(found) if head is None}
    heads = [head for head in found if head is not None]
    if not heads:
        return Parsed((), unparsed)
    columns = dict(zip(NAMES, map(coded, zip(*heads, strict=True)), strict=True))
    columns.update(_times(columns["timestamp"], context))
    rows = [row for row, head in enumerate(found) if head is not None]
    return Parsed(parts_of(rows, columns, context), unparsed)


def _times(stamps: Column, context: Context) -> dict[str, Column]:
    both = [*map(time_reader(context.modified, context.zone), stamps.values)]
    return {
        "time": Column(stamps.codes, [time for time, _ in both]),
        "time_flag": Column(stamps.codes, [flag for _, flag in both]),
    }


SOURCE: Final = Source(
    name="syslog",
    title="Linux syslog (RFC 3164 and 5424)",
    framings=(Framing.LINES,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "syslog", "vendor_name": "Linux"},
    general=True,
)
