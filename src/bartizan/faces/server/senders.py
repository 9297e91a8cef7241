"""Know who may send: those of the settings, and those whose tokens were made in the state database, as soon as they are made or revoked."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
import time
from typing import TYPE_CHECKING, Final

from bartizan.collect.receivers.gate import Sender
from bartizan.errors import BartizanError, UsageError
from bartizan.lake.state.database import Database
from bartizan.lake.state.engine import sa
from bartizan.lake.state.tables import SENDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.collect.receivers.gate import Gate
    from bartizan.collect.receivers.heartbeats import Heartbeats
    from bartizan.faces.server.served import Served

__all__ = ["SenderTable", "SenderWatch"]

_LOOK: Final = 5.0
"""Seconds after which a token that was made is valid, and one that was revoked is not."""
_NAME: Final = re.compile(r"[\w.:@+-]{1,80}")
_TROUBLE: Final = "senders cannot be read or written: {}: make room, or name another database"


class SenderTable:
    """Senders in a state database. Of a token only the SHA-256 is kept: it is drawn from 2^256, so that nothing slower is needed."""

    def __init__(self, address: Path | str) -> None:
        """Open the database."""
        self._database = Database(address, _TROUBLE)

    def senders(self) -> list[Sender]:
        """Return who may send."""
        names = ("name", "digest", "receivers", "rate", "size", "silent")
        rows = self._database.rows(sa.select(*(SENDER.c[name] for name in names)).order_by(SENDER.c.name))
        said = (dict(zip(names, row, strict=True)) for row in rows)
        return [Sender(**{**one, "digest": bytes(one["digest"]), "receivers": tuple(one["receivers"].split())}) for one in said]

    def add(self, sender: Sender) -> str:
        """Let somebody send, and return his token, which cannot be shown again. UsageError where the name is taken or is none."""
        if not _NAME.fullmatch(sender.name):
            message = f"'{sender.name}' is no name of a sender: write letters, digits, and . _ : @ + -"
            raise UsageError(message)
        token = secrets.token_urlsafe(32)
        row = {
            "name": sender.name,
            "digest": hashlib.sha256(token.encode()).digest(),
            "receivers": " ".join(sender.receivers),
            **{name: getattr(sender, name) for name in ("rate", "size", "silent")},
            "made": time.time_ns(),
        }
        with self._database.writing() as connection:
            adding = self._database.adding(SENDER).values(row).on_conflict_do_nothing().returning(SENDER.c.name)
            if connection.execute(adding).fetchone() is None:
                message = f"'{sender.name}' has a token already: revoke it first"
                raise UsageError(message)
        return token

    def revoke(self, name: str) -> None:
        """Let somebody send no more. UsageError where nobody is called so."""
        with self._database.writing() as connection:
            if not connection.execute(sa.delete(SENDER).where(SENDER.c.name == name)).rowcount:
                message = f"'{name}' has no token here; `bartizan watch token FILE list` shows who has"
                raise UsageError(message)

    def close(self) -> None:
        """Close the database."""
        self._database.close()


class SenderWatch:
    """Keeps a gate, and who is expected to send, up to date."""

    def __init__(self, served: Served, gate: Gate, hearts: Heartbeats) -> None:
        """Read the database for the first time. OutputError where that cannot be."""
        self._log, self._gate, self._hearts = served.log, gate, hearts
        self._fixed: Sequence[Sender] = served.senders
        self._fetched = [Sender(name=each.name, silent=each.silent) for each in served.pulls]
        self._table = SenderTable(served.places.ledger)
        self._task: asyncio.Task[None] | None = None
        self._said = ""
        self._made: list[Sender] = self._table.senders()
        self._tell()

    def start(self) -> None:
        """Begin to look now and then."""
        self._task = asyncio.create_task(self._look())

    def replace(self, fixed: Sequence[Sender]) -> None:
        """Take other senders as those of the settings."""
        self._fixed = fixed
        self._tell()

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._table.close()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK)
            try:
                self._made = await loop.run_in_executor(None, self._table.senders)
            except BartizanError as error:
                if str(error) != self._said:
                    self._log(f"{error}: senders stay as they are known", "warning")
                self._said = str(error)
                continue
            self._said = ""
            self._tell()

    def _tell(self) -> None:
        names = {sender.name for sender in self._fixed}
        senders = [*self._fixed, *(sender for sender in self._made if sender.name not in names)]
        self._gate.replace(senders)
        self._hearts.expect([*senders, *self._fetched])
