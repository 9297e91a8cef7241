"""Put records into files and keep account: how many went where, which of them are duplicates or garbage, which carry a label."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.schema.identity import record_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Account", "Batch", "Ledger"]

_FAST = 1
"""Compression level: a day is written once and read once."""


@dataclass(slots=True)
class Account:
    """What one file holds: records the world made, records sent a second time, and lines that are no record."""

    records: int = 0
    duplicates: int = 0
    garbage: int = 0


@dataclass(slots=True)
class Batch:
    """Records for one file, in order, with the label of each."""

    raws: list[bytes] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def add(self, raw: bytes, label: str) -> None:
        """Append one record."""
        self.raws.append(raw)
        self.labels.append(label)


@dataclass(slots=True)
class Ledger:
    """The folder written to. ``closed`` is when the day's files were last written, whatever today is: syslog tells no year.

    ``folder`` is where in it the files of a day go that is one of several.
    """

    root: Path
    closed: float
    folder: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    references: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """For each label, the path and the record id (hexadecimal) of every record that carries it."""

    def put(self, path: str, batch: Batch, *, content: bytes | None = None) -> None:
        """Write a file of lines, or of ``content`` where records do not stand on lines, and note its records."""
        self.account(path).records += len(batch.raws)
        for label, raw in zip(batch.labels, batch.raws, strict=True):
            if label:
                self.references.setdefault(label, []).append((self.folder + path, record_id(raw).hex()))
        self.store(path, b"\n".join([*batch.raws, b""]) if content is None else content)

    def resend(self, path: str, raws: Sequence[bytes]) -> None:
        """Write lines that another file holds already, as a shipper does that lost its place."""
        self.account(path).duplicates += len(raws)
        self.store(path, b"\n".join([*raws, b""]))

    def spoil(self, path: str, line: bytes, *, after: int) -> None:
        """Put a line that is no record into a plain file, after ``after`` of its lines."""
        target = self.root / (self.folder + path)
        lines = target.read_bytes().split(b"\n")
        lines.insert(min(after, len(lines) - 1), line)
        self.account(path).garbage += 1
        self.store(path, b"\n".join(lines))

    def account(self, path: str) -> Account:
        """Return the account of a file."""
        return self.accounts.setdefault(self.folder + path, Account())

    def store(self, path: str, content: bytes) -> None:
        """Write a file, compressed where its name says so."""
        target = self.root / (self.folder + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(content, _FAST, mtime=0) if path.endswith(".gz") else content)
        os.utime(target, (self.closed, self.closed))
