"""Read the text of the Linux audit log: which event a line belongs to, and its fields, whatever their order and number.

The lines of one record type have nearly always the same fields in the same order, so a pattern is learned from the first
line of a shape and reads the rest four times as fast as looking for fields one by one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.schema.columns import Cell

__all__ = ["Block", "Head", "blocks", "event_of", "head_of", "plain", "untrusted"]

Head = tuple[str, str, str, str, str]
"""Node, record type, clock, serial number, and the text of the fields."""

_HEAD: Final = re.compile(r"(?:node=(\S+) )?type=([A-Z_0-9]+) msg=audit\((\d+\.\d+):(\d+)\)\s?:\s*(.*)", re.DOTALL)
_LOOSE: Final = re.compile(r"(?:\bnode=(\S+) )?\btype=(\S{1,40}) (?:msg=)?audit\(([^()]{3,60}):(\d{1,20})\)\s?:\s*")
"""Found within a line: what rsyslog and the kernel put before it, and the date in words of ``ausearch -i``."""
_EVENT: Final = re.compile(rb"audit\(([^()]{3,60}:\d{1,20})\)")
_REACH: Final = 400
"""How far into a line its head may lie: a syslog header is far shorter."""
_ENRICHED: Final = "\x1d"
"""Parts the fields of the kernel from those the audit daemon resolved (``log_format = ENRICHED``)."""
_PAIR: Final = re.compile(r"""(?<![^\s="'])([^\s=]{1,256}+)=("[^"]*"|[^" ]\S*|)""")
"""A name begins behind a blank or a value: tried from each of its characters, a long text without ``=`` costs its square."""
_VALUE: Final = r'=("[^"]*"|[^" ]\S*|)'
_HEX: Final = re.compile(r"(?:[0-9A-F]{2})+")
_SPLIT_ARGUMENT: Final = re.compile(r"(a\d+)\[\d+\]")
_TEMPLATES: Final = 4
"""Patterns learned for lines of one type and number of blanks; what they miss is read field by field."""
_KERNEL: Final = frozenset({"SYSCALL", "EXECVE", "PATH", "CWD", "PROCTITLE", "SOCKADDR"})
"""Types that hold no ``msg='...'`` of a program."""
_NUMBERED: Final = {
    "1006": "LOGIN", "1300": "SYSCALL", "1302": "PATH", "1305": "CONFIG_CHANGE", "1306": "SOCKADDR", "1307": "CWD", "1309": "EXECVE",
    "1320": "EOE", "1325": "NETFILTER_CFG", "1326": "SECCOMP", "1327": "PROCTITLE", "1334": "BPF", "1400": "AVC",
    "1403": "MAC_POLICY_LOAD", "1404": "MAC_STATUS", "1700": "ANOM_PROMISCUOUS", "1701": "ANOM_ABEND",
}  # fmt: skip
"""The kernel log shows numbers where no audit daemon names them (``linux/audit.h``)."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one type with the same fields: ``cells`` has, for each of ``names``, one text per row. Rows index the heads given."""

    type: str
    rows: Sequence[int]
    names: Sequence[str]
    cells: Sequence[Sequence[str]]


def event_of(record: bytes) -> bytes | None:
    """Return what names the event of a line, its clock and serial number; None where there is none."""
    match = _EVENT.search(record, 0, _REACH)
    return match[1] if match else None


def head_of(line: str) -> Head | None:
    """Take a line apart into head and fields; None where it is no line of the audit log."""
    match = _HEAD.match(line)
    if match is not None:
        node, kind, clock, serial, body = match.groups("")
    else:
        match = _LOOSE.search(line, 0, _REACH)
        if match is None:
            return None
        node, kind, clock, serial = match.groups("")
        body = line[match.end() :]
    if kind not in _KERNEL:
        kind = _NUMBERED.get(kind, kind)
        body = _unwrapped(body)
    return node, kind, clock, serial, body.replace(_ENRICHED, " ")


def blocks(heads: Sequence[Head]) -> Iterator[Block]:
    """Read the fields of all lines, block by block; every line is in exactly one block."""
    alike: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for row, head in enumerate(heads):
        alike[head[1], head[4].count(" ")].append(row)
    for (kind, _), rows in alike.items():
        left = rows
        for _ in range(_TEMPLATES):
            if not left:
                break
            names = [name for name, _ in _PAIR.findall(heads[left[0]][4])]
            if len(set(names)) < len(names) or len(names) > _MOST or any("[" in name for name in names):
                break
            match = re.compile(" ".join(re.escape(name) + _VALUE for name in names) + r"\s*").fullmatch
            found = [match(heads[row][4]) for row in left]
            hits = [hit.groups() for hit in found if hit]
            if not hits:
                break
            yield Block(kind, [row for row, hit in zip(left, found, strict=True) if hit], names, list(zip(*hits, strict=True)))
            left = [row for row, hit in zip(left, found, strict=True) if not hit]
        yield from _one_by_one(kind, left, heads)


def plain(text: str) -> Cell:
    """Return the value of a field: without its quotes, null for ``(null)``."""
    if text[:1] == '"':
        return text.strip('"')
    return None if text == "(null)" else text


def untrusted(text: str) -> Cell:
    """Return the value of a field that a user could choose: the kernel writes it in hexadecimal where it holds a blank or worse.

    Zero bytes part the arguments of a process title and become blanks; byte 1 parts the keys of a rule, which become a list.
    """
    if text[:1] == '"' or not _HEX.fullmatch(text):
        return plain(text)
    decoded = bytes.fromhex(text).decode("utf-8", "backslashreplace")
    if "\x01" in decoded:
        return tuple(decoded.split("\x01"))
    return decoded.rstrip("\0").replace("\0", " ")


_MOST: Final = 80
"""Fields in a pattern; the widest record of the kernel has 30, a command line of more arguments is read one by one."""


def _one_by_one(kind: str, rows: Sequence[int], heads: Sequence[Head]) -> Iterator[Block]:
    alike: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    texts: dict[int, tuple[str, ...]] = {}
    for row in rows:
        fields: dict[str, str] = {}
        for name, text in _PAIR.findall(heads[row][4]):
            whole = _SPLIT_ARGUMENT.fullmatch(name)
            if whole is None:
                fields.setdefault(name, text)
            else:
                fields[whole[1]] = (fields.get(whole[1], "") + text).replace('""', "")
        alike[tuple(fields)].append(row)
        texts[row] = tuple(fields.values())
    for names, same in alike.items():
        yield Block(kind, same, names, list(zip(*(texts[row] for row in same), strict=True)))


def _unwrapped(body: str) -> str:
    """Put what a program said, ``msg='...'``, beside the fields that the kernel added."""
    before, quote, after = body.partition("msg='")
    if not quote:
        return body
    said, _, rest = after.rpartition("'")
    return f"{before}{said}{rest}" if said else before + after
