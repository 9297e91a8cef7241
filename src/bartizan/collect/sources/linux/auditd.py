"""Read the Linux audit log: ``/var/log/audit/audit.log`` as auditd writes it (raw or enriched), or as ausearch prints it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Part, Route, Source
from bartizan.collect.sources.linux.audit_events import SYSCALL_FIELDS, Events, commands_of, further_arguments
from bartizan.collect.sources.linux.audit_routes import CREATED, EXECUTION, OTHER, ROUTE_OF_TYPE, ROUTES, SYSCALL, is_inet
from bartizan.collect.sources.linux.audit_text import Block, Head, blocks, event_of, head_of, plain, untrusted
from bartizan.collect.text_columns import Gatherer, lines_of
from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.time import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

__all__ = ["SOURCE"]

EXAMPLES: Final = (
    Example(
        title="a program is run: command line, executable, folder and user come together from the lines of the event",
        raw=(
            b'type=EXECVE msg=audit(1715846400.250:811): argc=4 a0="tar" a1="-cf" a2=2F746D702F6D7920646174612E746172 a3="/etc"',
            (
                b"type=SYSCALL msg=audit(1715846400.250:811): arch=c000003e syscall=59 success=yes exit=0 a0=55d0c2f0 a1=55d0c318 "
                b"a2=55d0c330 a3=8 items=2 ppid=2210 pid=2218 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 "
                b'sgid=1000 fsgid=1000 tty=pts0 ses=3 comm="tar" exe="/usr/bin/tar" key="run"\x1dARCH=x86_64 SYSCALL=execve '
                b'AUID="operator" UID="operator" GID="operator" EUID="operator" SUID="operator"'
            ),
            b'type=CWD msg=audit(1715846400.250:811): cwd="/home/operator"',
            (
                b'type=PATH msg=audit(1715846400.250:811): item=0 name="my.tar" inode=131 dev=08:01 mode=0100644 ouid=1000 ogid=1000 '
                b"rdev=00:00 nametype=CREATE cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0"
            ),
            b"type=PROCTITLE msg=audit(1715846400.250:811): proctitle=746172002D6366",
        ),
        routes=("execution", "syscall", "other", "file-created", "other"),
        ocsf={
            "class_uid": 1007,
            "time": 1_715_846_400_250_000_000,
            "process.cmd_line": "tar -cf /tmp/my data.tar /etc",
            "process.file.path": "/usr/bin/tar",
            "process.working_directory": "/home/operator",
            "process.user.name": "operator",
            "process.pid": 2218,
            "process.parent_process.pid": 2210,
        },
    ),
    Example(
        title="a login over SSH fails",
        raw=(
            (
                b"type=USER_LOGIN msg=audit(1715846402.001:812): pid=901 uid=0 auid=4294967295 ses=4294967295 "
                b'msg=\'op=login acct="backup" exe="/usr/sbin/sshd" hostname=? addr=203.0.113.77 terminal=ssh res=failed\''
            ),
        ),
        routes=("login",),
        ocsf={
            "class_uid": 3002,
            "activity_id": 1,
            "status_id": 2,
            "user.name": "backup",
            "src_endpoint.ip": "203.0.113.77",
            "service.name": "sshd",
        },
    ),
    Example(
        title="a program connects to an address, read from the bytes of the socket address",
        raw=(
            b"type=SOCKADDR msg=audit(1715846403.100:813): saddr=020001BBC63364070000000000000000",
            (
                b"type=SYSCALL msg=audit(1715846403.100:813): arch=c00000b7 syscall=203 success=yes exit=0 a0=3 a1=7ffd a2=10 a3=0 items=0 "
                b'ppid=1 pid=77 auid=4294967295 uid=0 tty=(none) ses=4294967295 comm="curl" exe="/usr/bin/curl" key=(null)'
            ),
        ),
        routes=("connection", "syscall"),
        ocsf={"class_uid": 4001, "dst_endpoint.ip": "198.51.100.7", "dst_endpoint.port": 443, "actor.process.name": "curl"},
    ),
    Example(
        title="a program with many arguments, alone",
        raw=(
            (
                b'type=EXECVE msg=audit(1715846405.000:815): argc=8 a0="convert" a1="plan.png" a2="-resize" a3="50%" a4="-quality" '
                b'a5="80" a6="-strip" a7="plan.jpg"'
            ),
        ),
        routes=("execution",),
        ocsf={"class_uid": 1007, "process.cmd_line": "convert plan.png -resize 50% -quality 80 -strip plan.jpg"},
    ),
    Example(
        title="a service stops",
        raw=(
            (
                b"type=SERVICE_STOP msg=audit(1715846404.000:814): pid=1 uid=0 auid=4294967295 ses=4294967295 "
                b'msg=\'unit=cron comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success\''
            ),
        ),
        routes=("service",),
        ocsf={"class_uid": 6002, "activity_id": 4, "app.name": "cron"},
    ),
    Example(
        title="a line cut off before its event number, and one of another log",
        raw=(b"type=EXECVE msg=audit(1715846400.2", b"May 16 08:00:00 web-1 sshd[77]: Server listening on :: port 22."),
        routes=(None, None),
    ),
)

_NAMETYPE: Final = frozenset({"nametype", "objtype"})
_HEADS: Final = ("type", "time", "serial", "node")
_RESERVED: Final = frozenset({*_HEADS, "command_line"})
_UNTRUSTED: Final = frozenset({"acct", "cmd", "comm", "cwd", "data", "dir", "exe", "file", "grp", "key", "name", "path", "proctitle", "vm"})
_ARGUMENT: Final = re.compile(r"a\d+")
_READ_AS: Final[Mapping[str, Callable[[str], Cell] | None]] = {
    "command_line": None,
    "type": None,
    "serial": None,
    "node": lambda text: text or ABSENT,
}
_LINE: Final = re.compile(rb"\btype=\S{1,40} (?:msg=)?audit\([^()]{3,60}:\d{1,20}\)")
_WHY_NOT: Final = "no line of the audit log: `type=... msg=audit(seconds:number):` is missing or cut off"
_SEPARATOR: Final = "a separator that ausearch prints between events"


def recognise(records: Sequence[bytes]) -> int:
    """Count the lines with a record type and an event number in their head."""
    return sum(1 for record in records if _LINE.search(record, 0, 400))


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read audit lines into a frame per kind of line; lines of one event that are in one batch know of each other."""
    found = [head_of(line) for line in lines_of(records)]
    unparsed = {row: _SEPARATOR if records[row][:4] in {b"----", b"time"} else _WHY_NOT for row, head in enumerate(found) if head is None}
    heads = [head for head in found if head is not None]
    rows = [row for row, head in enumerate(found) if head is not None]
    gathered = _gather(heads, context)
    parts = [
        Part(route, [rows[at] for at in gatherer.rows], frame)
        for route, gatherer, frame in _joined(heads, gathered, context)
        if gatherer.rows and route is not None
    ]
    return Parsed(parts, unparsed)


def _gather(heads: Sequence[Head], context: Context) -> dict[str, Gatherer]:
    """Put the lines of each kind into a gatherer, by the name of their route."""
    read = list(blocks(heads))
    further = further_arguments([block for block in read if _is_further(block)], heads)
    gathered: dict[str, Gatherer] = {}
    for route in ROUTES:
        wanted = context.wanted(route)
        decode = _decoder(context, arguments=route is not SYSCALL)
        gathered[route.name] = Gatherer(None if wanted is None else _also(route, wanted), decode)
    for block in read:
        whole = _with_head(block, heads)
        if block.type == "EXECVE" and not _is_further(block):
            whole = replace(whole, names=[*whole.names, "command_line"], cells=[*whole.cells, commands_of(block, heads, further)])
        for route, part in _routed(whole):
            gathered[route.name].add(part.rows, part.names, part.cells)
    return gathered


def _with_head(block: Block, heads: Sequence[Head]) -> Block:
    """Add what stands before the fields; a field of that name, as lines that ran together have it, gives way."""
    own = [at for at, name in enumerate(block.names) if name not in _RESERVED]
    heading = [heads[row] for row in block.rows]
    cells = [[head[at] for head in heading] for at in (1, 2, 3, 0)]
    names = [*(block.names[at] for at in own), *_HEADS]
    return replace(block, names=names, cells=[*(block.cells[at] for at in own), *cells])


def _joined(heads: Sequence[Head], gathered: dict[str, Gatherer], context: Context) -> Iterable[tuple[Route, Gatherer, Frame]]:
    """Return the frame of each route, with what the other lines of the events tell."""
    frames = {name: gatherer.frame() for name, gatherer in gathered.items()}
    events = Events(
        heads,
        (gathered[SYSCALL.name].rows, frames[SYSCALL.name]),
        (gathered[OTHER.name].rows, frames[OTHER.name]),
    )
    for route in ROUTES:
        gatherer, frame, wanted = gathered[route.name], frames[route.name], context.wanted(route)
        if route.name in _WITH_EVENT and gatherer.rows:
            columns: dict[str, Column] = events.joined(gatherer.rows, wanted)
            if route is EXECUTION and "command_line" in frame.columns:
                columns.update(events.parents(gatherer.rows, frame.columns["command_line"]))
            frame = Frame(frame.height, {**frame.columns, **columns})
        yield route, gatherer, frame


_WITH_EVENT: Final = frozenset({"execution", "file", "file-created", "connection"})


def _also(route: Route, wanted: Collection[str]) -> frozenset[str]:
    """Add to the fields wanted of a route those that the other lines of the event are joined with."""
    if route is SYSCALL:
        return frozenset({*wanted, *SYSCALL_FIELDS})
    return frozenset({*wanted, "cwd"}) if route is OTHER else frozenset({*wanted, "command_line"})


def _routed(block: Block) -> Iterable[tuple[Route, Block]]:
    """Split a block where the meaning of a line hangs on a value: a path created, an address that has a port."""
    route = OTHER if _is_further(block) else ROUTE_OF_TYPE.get(block.type, OTHER)
    if block.type == "PATH":
        at = next((at for at, name in enumerate(block.names) if name in _NAMETYPE), None)
        special = [] if at is None else [text == "CREATE" for text in block.cells[at]]
        return _split(block, special, CREATED, route)
    if block.type == "SOCKADDR":
        at = block.names.index("saddr") if "saddr" in block.names else None
        special = [] if at is None else [is_inet(text) for text in block.cells[at]]
        return ((route, block),) if "laddr" in block.names else _split(block, special, route, OTHER)
    return ((route, block),)


def _split(block: Block, special: Sequence[bool], yes: Route, no: Route) -> Iterable[tuple[Route, Block]]:
    if True not in special:
        return ((no, block),)
    if False not in special:
        return ((yes, block),)
    return tuple((route, _only(block, [one is flag for one in special])) for route, flag in ((yes, True), (no, False)))


def _only(block: Block, mask: Sequence[bool]) -> Block:
    def keep(texts: Sequence[str]) -> list[str]:
        return [text for text, stays in zip(texts, mask, strict=True) if stays]

    rows = [row for row, stays in zip(block.rows, mask, strict=True) if stays]
    return replace(block, rows=rows, cells=[keep(texts) for texts in block.cells])


def _is_further(block: Block) -> bool:
    return block.type == "EXECVE" and "a0" not in block.names


def _decoder(context: Context, *, arguments: bool) -> Callable[[str], Callable[[str], Cell] | None]:
    """Choose by field name how its text is read; ``arguments``: ``a0``, ``a1``, … are a program's, not numbers given to the kernel."""

    def time_of(text: str) -> Cell:
        return clock(text, context.zone)

    def choose(name: str) -> Callable[[str], Cell] | None:
        if name in _UNTRUSTED or (arguments and _ARGUMENT.fullmatch(name)):
            return untrusted
        return _READ_AS.get(name, plain) if name != "time" else time_of

    return choose


SOURCE: Final = Source(
    name="auditd",
    title="Linux audit log (auditd, ausearch)",
    framings=(Framing.LINES,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "Linux Audit", "vendor_name": "Linux"},
    group=event_of,
)
