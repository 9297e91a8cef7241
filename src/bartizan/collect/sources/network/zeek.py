"""Read Zeek's logs as it writes them by default: lines of tab-separated fields under a head of ``#`` lines that names them."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Context, Example, Framing, Parsed, Part, Source
from bartizan.collect.selection import select
from bartizan.collect.sources.network.zeek_routes import ROUTES, parted
from bartizan.collect.text_columns import lines_of
from bartizan.schema.columns import ABSENT, Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SOURCE"]

_HEAD_OF_DNS: Final = (
    b"#separator \\x09",
    b"#set_separator\t,",
    b"#empty_field\t(empty)",
    b"#unset_field\t-",
    b"#path\tdns",
    b"#open\t2024-05-16-08-00-00",
    b"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\tquery\tqtype_name\trcode\trcode_name\tAA\tanswers\trejected",
    b"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tcount\tstring\tstring\tcount\tstring\tbool\tvector[string]\tbool",
)
_HEAD_OF_CONN: Final = (
    b"#separator \\x09",
    b"#path\tconn",
    b"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tconn_state\tlocal_orig\tlocal_resp",
    b"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tstring\tbool\tbool",
)
EXAMPLES: Final = (
    Example(
        title="a name is asked for and answered with two addresses; another is not answered",
        head=_HEAD_OF_DNS,
        raw=(
            b"1715846400.250000\tC1\t192.0.2.10\t40000\t192.0.2.53\t53\tudp\t7\twww.example.com\tA\t0\tNOERROR\tF\t198.51.100.1,198.51.100.2\tF",
            b"1715846401.000001\tC2\t2001:db8::a\t40001\t192.0.2.53\t53\tudp\t8\tx.example.net\tTXT\t-\t-\tF\t-\tF",
        ),
        routes=("dns", "dns"),
        ocsf={
            "class_uid": 4003,
            "time": 1_715_846_400_250_000_000,
            "query.hostname": "www.example.com",
            "query.type": "A",
            "rcode_id": 0,
            "src_endpoint.ip": "192.0.2.10",
            "dst_endpoint.port": 53,
            "answers": ({"rdata": "198.51.100.1"}, {"rdata": "198.51.100.2"}),
        },
    ),
    Example(
        title="a connection leaves the site",
        head=_HEAD_OF_CONN,
        raw=(b"1715846400.250000\tC1\t192.0.2.10\t40000\t203.0.113.9\t443\ttcp\tssl\t1.500000\t1200\tSF\tT\tF",),
        routes=("conn",),
        ocsf={"class_uid": 4001, "activity_id": 2, "connection_info.direction_id": 2, "duration": 1500, "traffic.bytes_out": 1200},
    ),
    Example(
        title="a line cut off in the middle of its fields",
        head=_HEAD_OF_CONN,
        raw=(b"1715846400.250000\tC1\t192.0.2.10\t400", b""),
        routes=(None, None),
    ),
    Example(title="a line without the head that names its fields", raw=(b"1715846400.250000\tC1\t192.0.2.10",), routes=(None,)),
)

_ZEEK_HEAD: Final = re.compile(
    rb"#(?:separator [\\\x09]|fields\t|types\t|path\t|set_separator\t|empty_field\t|unset_field\t|open\t|close\t)"
)
_ESCAPE: Final = re.compile(r"\\x(5c|2c|09|7c)|\\\\", re.IGNORECASE)
_NO_HEAD: Final = "no head names the fields of this line (`#fields` with tabs, as Zeek writes it)"


@dataclass(frozen=True, slots=True)
class _Head:
    """What the head says: how fields are parted, what they are called, of what type, and which log they are of."""

    separator: str
    set_separator: str
    empty: str
    unset: str
    path: str
    fields: Sequence[str]
    types: Sequence[str]


def recognise(records: Sequence[bytes]) -> int:
    """Count the lines of a Zeek head and, where there is one, those that are parted like it."""
    heads = [record for record in records if record[:1] == b"#"]
    own = sum(1 for record in heads if _ZEEK_HEAD.match(record))
    head = _head_of(heads)
    if head is None:
        return 0
    parts = len(head.fields) - 1
    return own + sum(1 for record in records if record[:1] != b"#" and record.count(head.separator.encode()) == parts)


def parse(records: Sequence[bytes], context: Context) -> Parsed:
    """Read lines into a frame of the log's route, under Zeek's own names; unset fields are absent, sets and vectors lists."""
    head = _head_of(context.head)
    if head is None:
        return Parsed((), dict.fromkeys(range(len(records)), _NO_HEAD))
    width = len(head.fields)
    cut = [line.split(head.separator) for line in lines_of(records)]
    unparsed = {row: _odd(len(parts), width, head) for row, parts in enumerate(cut) if len(parts) != width}
    rows = [row for row in range(len(cut)) if row not in unparsed] if unparsed else range(len(cut))
    lines = [cut[row] for row in rows] if unparsed else cut
    if not lines:
        return Parsed((), unparsed)
    columns: dict[str, Column] = {}
    for name, kind, texts in zip(head.fields, head.types, zip(*lines, strict=True), strict=True):
        columns.setdefault(name, _column(texts, _reader(kind, head)))
    parts = [
        Part(route, [rows[at] for at in own], select(columns, own, context.wanted(route)))
        for route, own in parted([head.path] * len(lines), columns)
    ]
    return Parsed(parts, unparsed)


def _head_of(lines: Sequence[bytes]) -> _Head | None:
    """Read the lines of a head; None where they name no fields."""
    said: dict[str, str] = {}
    separator = "\t"
    for line in lines:
        text = line.decode("utf-8", "backslashreplace").rstrip("\r\n").lstrip("\ufeff")
        if text.startswith("#separator "):
            separator = _unescaped(text[len("#separator ") :]) or "\t"
        name, mark, value = text[1:].partition(separator)
        if mark:
            said[name] = value
    if not said.get("fields"):
        return None
    fields = said["fields"].split(separator)
    types = said.get("types", "").split(separator)
    kinds = types if len(types) == len(fields) else ["string"] * len(fields)
    return _Head(
        separator,
        said.get("set_separator") or ",",
        said.get("empty_field", "(empty)"),
        said.get("unset_field", "-"),
        said.get("path", ""),
        fields,
        kinds,
    )


def _odd(count: int, width: int, head: _Head) -> str:
    return f"{count} field{'s' * (count != 1)} where the head of the {head.path or 'nameless'} log names {width}"


def _column(texts: Sequence[str], read: Callable[[str], Cell]) -> Column:
    seen: dict[str, int] = {}
    codes = array("i", [seen.setdefault(text, len(seen)) for text in texts])
    return Column(codes, [read(text) for text in seen])


def _reader(kind: str, head: _Head) -> Callable[[str], Cell]:
    """Make the function that reads a field of a type: unset and empty first, then lists, numbers and truths."""
    inner = kind.partition("[")[2].rstrip("]")
    one = _SCALARS.get(inner or kind, _text)
    if not inner:

        def read(text: str) -> Cell:
            return ABSENT if text == head.unset else "" if text == head.empty else one(text)

        return read

    def read_all(text: str) -> Cell:
        if text in {head.unset, head.empty}:
            return ABSENT if text == head.unset else ()
        return tuple(None if part == head.unset else one(part) for part in text.split(head.set_separator))

    return read_all


def _text(text: str) -> Cell:
    r"""Undo the escapes of what would part fields, and of the backslash; other bytes stay ``\xhh``, as Zeek's JSON has them."""
    return _ESCAPE.sub(_unescape, text) if "\\" in text else text


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else "\\"


def _unescaped(text: str) -> str:
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda match: chr(int(match[1], 16)), text)


def _whole(text: str) -> Cell:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text  # noqa: PLR2004 - digits of a 64-bit number


_SCALARS: Final[dict[str, Callable[[str], Cell]]] = {
    "bool": lambda text: {"T": True, "F": False}.get(text, text),
    "count": _whole,
    "int": _whole,
    "port": _whole,
}
"""Types read as something else than text. Clocks and intervals stay text: a float would round the last digit."""


SOURCE: Final = Source(
    name="zeek",
    title="Zeek logs (tab-separated)",
    framings=(Framing.LINES,),
    recognise=recognise,
    parse=parse,
    routes=ROUTES,
    sure=True,
    examples=EXAMPLES,
    product={"name": "Zeek", "vendor_name": "Zeek"},
)
