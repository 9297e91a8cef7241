"""Bring the lines of one audit event together: what a program was called with, who started it, and where it stood.

The kernel writes an event as several lines (SYSCALL, EXECVE, CWD, PATH, SOCKADDR). Each stays a record of its own with its
own fields; what the other lines of its event say is added under ``event.``, so that rules on one line see one line.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.collect.sources.linux.audit_text import untrusted
from bartizan.collect.text_columns import lookup

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from bartizan.collect.sources.linux.audit_text import Block, Head
    from bartizan.schema.columns import Column, Frame

__all__ = ["SYSCALL_FIELDS", "Events", "commands_of", "further_arguments"]

SYSCALL_FIELDS: Final = (
    "arch", "syscall", "SYSCALL", "success", "exit", "ppid", "pid", "auid", "uid", "euid", "AUID", "UID", "EUID", "tty", "ses",
    "comm", "exe", "key",
)  # fmt: skip
"""What a SYSCALL line tells of the process behind the other lines of its event."""


class _Decoded(dict[str, str]):
    def __missing__(self, text: str) -> str:
        cell = untrusted(text)
        self[text] = found = cell if isinstance(cell, str) else ""
        return found


def further_arguments(blocks: Sequence[Block], heads: Sequence[Head]) -> dict[tuple[str, str, str], list[tuple[int, str]]]:
    """Return the arguments on the second and later EXECVE lines of an event, by event: very long commands are cut up so."""
    found: defaultdict[tuple[str, str, str], list[tuple[int, str]]] = defaultdict(list)
    decoded = _Decoded()
    for block in blocks:
        for row, *texts in zip(block.rows, *block.cells, strict=True):
            arguments = [decoded[text] for name, text in zip(block.names, texts, strict=True) if _is_argument(name)]
            found[_event(heads[row])].append((row, " ".join(arguments)))
    return found


def commands_of(block: Block, heads: Sequence[Head], further: Mapping[tuple[str, str, str], list[tuple[int, str]]]) -> list[str]:
    """Return the command line of each row of a block of EXECVE lines: the arguments, parted by blanks."""
    decode = _Decoded().__getitem__
    arguments = [texts for name, texts in zip(block.names, block.cells, strict=True) if _is_argument(name)]
    commands = [" ".join(map(decode, row)) for row in zip(*arguments, strict=True)]
    if further:
        for at, row in enumerate(block.rows):
            more = further.get(_event(heads[row]))
            if more:
                commands[at] = " ".join([commands[at], *(text for _, text in sorted(more))])
    return commands


class Events:
    """The SYSCALL and CWD lines of a batch, found by event; ``calls`` and ``folders`` are their frames and the rows of the heads."""

    def __init__(self, heads: Sequence[Head], calls: tuple[Sequence[int], Frame], folders: tuple[Sequence[int], Frame]) -> None:
        """Index the lines by what names their event."""
        self._heads = heads
        self._call_rows, self._calls = calls
        self._folders = folders[1]
        self._call_of = {_event(heads[row]): at for at, row in enumerate(self._call_rows)}
        self._folder_of = {_event(heads[row]): at for at, row in enumerate(folders[0]) if heads[row][1] == "CWD"}

    def joined(self, rows: Sequence[int], wanted: Container[str] | None) -> dict[str, Column]:
        """Return what the events of some lines tell beside those lines: ``event.exe``, ``event.cwd``, …."""
        events = [_event(self._heads[row]) for row in rows]
        calls = [self._call_of.get(event, -1) for event in events]
        columns = {
            f"event.{name}": lookup(self._calls.columns[name], calls)
            for name in SYSCALL_FIELDS
            if name in self._calls.columns and (wanted is None or f"event.{name}" in wanted)
        }
        if "cwd" in self._folders.columns and (wanted is None or "event.cwd" in wanted):
            columns["event.cwd"] = lookup(self._folders.columns["cwd"], [self._folder_of.get(event, -1) for event in events])
        return columns

    def parents(self, rows: Sequence[int], commands: Column) -> dict[str, Column]:
        """Return executable and command line of the process that each of some EXECVE lines was started by, where the batch shows it.

        The parent is who last held the parent's process id before; a parent that started before this batch is not seen.
        """
        command_of = {self._call_of.get(_event(self._heads[row]), -1): at for at, row in enumerate(rows)}
        nodes = [self._heads[row][0] for row in self._call_rows]
        pids = list(zip(nodes, self._calls.column("pid").cells(), strict=True))
        parents = list(zip(nodes, self._calls.column("ppid").cells(), strict=True))
        last: dict[object, int] = {}
        last_command: dict[object, int] = {}
        found: dict[int, tuple[int, int]] = {}
        for call in sorted(range(len(self._call_rows)), key=self._call_rows.__getitem__):
            at = command_of.get(call)
            if at is not None:
                found[at] = (last.get(parents[call], -1), last_command.get(parents[call], -1))
                last_command[pids[call]] = at
            last[pids[call]] = call
        both = [found.get(at, (-1, -1)) for at in range(len(rows))]
        return {
            "event.parent.exe": lookup(self._calls.column("exe"), [call for call, _ in both]),
            "event.parent.command_line": lookup(commands, [at for _, at in both]),
        }


def _is_argument(name: str) -> bool:
    return name[0] == "a" and name[1:].isdigit()


def _event(head: Head) -> tuple[str, str, str]:
    return head[0], head[2], head[3]
