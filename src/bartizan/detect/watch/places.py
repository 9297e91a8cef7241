"""Say where a watch keeps what it knows: a folder, and for what others share with it a database."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from bartizan.errors import OutputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Places"]

_NODE: Final = 4
"""Bytes of a node's name: a few nodes write one database, and two of them are named alike once in 4 billion."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """The folder of one watch. ``database``: the address of a PostgreSQL database that several share, "" for a file in the folder.

    ``name``: that of the node, None for the one that stands in the folder.
    """

    root: Path
    database: str = ""
    name: str | None = None

    @property
    def ledger(self) -> Path | str:
        """The database with findings, state, balance, outbox, decisions about alerts and senders."""
        return self.database or self.file

    @property
    def file(self) -> Path:
        """That database where it is a file."""
        return self.root / "watch.sqlite"

    @property
    def outbox(self) -> Path:
        """What was to be sent, where an earlier release kept it."""
        return self.root / "outbox.sqlite"

    @property
    def journal(self) -> Path:
        """What was acknowledged and is not judged yet."""
        return self.root / "journal"

    @property
    def store(self) -> Path:
        """What is known of putting records into a lake: a ledger and ids of its own."""
        return self.root / "store"

    @property
    def storing(self) -> Places:
        """Where storing keeps what it knows: it is this folder's alone, and has needed no name since before there were any."""
        return Places(root=self.store, name="")

    @property
    def seen(self) -> Path:
        """The ids of records seen."""
        return self.root / "seen"

    @cached_property
    def node(self) -> str:
        """The name by which what this folder holds is told from what others put into the same database or lake.

        It is drawn once. A folder that was begun before there were names has none, and goes on without.
        """
        if self.name is not None:
            return self.name
        path = self.root / "node"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                drawn = secrets.token_hex(_NODE)
                draft = path.with_suffix(f".{drawn}")
                draft.write_text("" if self.journal.exists() else drawn)
                with suppress(FileExistsError):
                    os.link(draft, path)
                draft.unlink()
            name = path.read_text().strip()
        except OSError as error:
            message = f"{self.root}: cannot be made a folder for a watch: {error.strerror or error}; name another"
            raise OutputError(message) from error
        if self.database and not name:
            message = f"{self.root}: this folder was begun with a database of its own: name a new folder to begin with one that is shared"
            raise UsageError(message)
        return name
