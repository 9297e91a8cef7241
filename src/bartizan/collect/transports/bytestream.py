"""Read a stream of bytes with look-ahead, and remember how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Broken", "ByteStream"]


class Broken(Exception):  # noqa: N818 - names what the stream is; it never leaves the transports
    """The stream cannot be read further; the text says why and where. What came before it counts."""


class ByteStream:
    """Blocks of bytes, read once, with look-ahead. A stream that breaks ends there, and ``problem`` says why."""

    __slots__ = ("_blocks", "_held", "problem")

    def __init__(self, blocks: Iterable[bytes]) -> None:
        """Take the blocks; nothing is read yet."""
        self._blocks = iter(blocks)
        self._held = b""
        self.problem = ""

    def peek(self, size: int) -> bytes:
        """Return the next ``size`` bytes without taking them; fewer where the stream ends."""
        if len(self._held) < size:
            blocks, have = [self._held], len(self._held)
            while have < size and (block := self._next()):
                blocks.append(block)
                have += len(block)
            self._held = b"".join(blocks)
        return self._held[:size]

    def read(self, size: int) -> bytes:
        """Take the next ``size`` bytes; fewer where the stream ends."""
        taken = self.peek(size)
        self._held = self._held[len(taken) :]
        return taken

    def blocks(self) -> Iterator[bytes]:
        """Take everything that is left, block by block."""
        while block := self.block():
            yield block

    def limited(self, size: int) -> Iterator[bytes]:
        """Take the next ``size`` bytes, block by block."""
        while size > 0 and (block := self.block()):
            if len(block) > size:
                block, self._held = block[:size], block[size:]
            size -= len(block)
            yield block

    def give_back(self, data: bytes) -> None:
        """Put bytes back that were taken too many: they come next."""
        self._held = data + self._held

    def block(self) -> bytes:
        """Take what comes next, as it comes; empty where the stream ends."""
        held, self._held = self._held, b""
        return held or self._next()

    def _next(self) -> bytes:
        try:
            for block in self._blocks:
                if block:
                    return block
        except Broken as broken:
            self.problem = str(broken)
            self._blocks = iter(())
        return b""
