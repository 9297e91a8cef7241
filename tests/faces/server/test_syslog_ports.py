"""Syslog over sockets of this machine: what comes is in the journal, whoever ends the connection."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.receivers.gate import Gate
from bartizan.detect.watch.contract import Place
from bartizan.detect.watch.journal import Journal, JournalReader
from bartizan.errors import OutputError
from bartizan.faces.server.committing import Committer
from bartizan.faces.server.intake import IntakeHandler
from bartizan.faces.server.limits import Limits
from bartizan.faces.server.syslog import SyslogListener

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.enable_socket


class Stubborn:
    """A journal whose disk is full at first."""

    def __init__(self, journal: Journal, failures: int) -> None:
        self._journal, self.failures = journal, failures

    def append(self, frames: Sequence[bytes]) -> Place:
        if self.failures:
            self.failures -= 1
            message = "no room"
            raise OutputError(message)
        return self._journal.append(frames)

    def close(self) -> None:
        self._journal.close()


def received(folder: Path, how: str, *pieces: bytes, failures: int = 0) -> list[bytes]:
    """Send pieces and return the messages that are in the journal in the end."""

    async def run() -> None:
        committer = Committer(Stubborn(Journal(folder), failures), lambda _place: None)  # type: ignore[arg-type]  # a journal in all that is asked of it
        handler = IntakeHandler([], Gate([]), committer, None, Limits())  # type: ignore[arg-type]  # nobody asks the probe
        listener = SyslogListener(handler)
        if how == "udp":
            port = await listener.listen_udp("127.0.0.1", 0)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for piece in pieces:
                    sender.sendto(piece, ("127.0.0.1", port))
            await asyncio.sleep(0.5)
        else:
            port = await listener.listen_tcp("127.0.0.1", 0)
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.05)
            writer.close()
            await asyncio.sleep(0.3 + 1.5 * failures)
        await listener.close()
        await committer.close()
        handler.close()

    asyncio.run(run())
    return [record for one, _ in JournalReader(folder).after(Place(), most=1 << 30) for record in one.records]


def test_messages_over_tcp_are_kept_those_without_an_end_too(tmp_path: Path) -> None:
    assert received(tmp_path, "tcp", b"<1>one\n5 <1>", b"tw<1>no end") == [b"<1>one", b"<1>tw", b"<1>no end"]


def test_datagrams_are_kept(tmp_path: Path) -> None:
    assert sorted(received(tmp_path, "udp", b"<1>one", b"<1>two\n", b"")) == [b"<1>one", b"<1>two"]


def test_a_full_disk_makes_a_connection_wait_and_loses_nothing(tmp_path: Path) -> None:
    assert received(tmp_path, "tcp", b"<1>one\n", failures=1) == [b"<1>one"]
