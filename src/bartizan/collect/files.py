"""Read one file, whatever it is packed in, into chunks."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import IO, TYPE_CHECKING, BinaryIO

from bartizan.collect.chunk import Chunk
from bartizan.collect.framing.frames import frames
from bartizan.collect.identify import identified
from bartizan.collect.limits import BLOCK_BYTES, Limits
from bartizan.collect.transports.budget import Budget
from bartizan.collect.transports.bytestream import Broken, ByteStream
from bartizan.collect.transports.paths import STDIN, Found
from bartizan.collect.transports.unpack import Leaf, leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.catalogue import Catalogue

__all__ = ["blocks_of", "cannot_open", "chunks_of", "opened"]


def chunks_of(found: Found, catalogue: Catalogue, limits: Limits | None = None) -> Iterator[Chunk]:
    """Yield the chunks of a file and of all that is packed in it; one that cannot be opened has a chunk that says so."""
    budget = Budget(limits)
    try:
        handle = opened(found)
    except OSError as error:
        yield Chunk(origin=found.name, modified=found.modified, problems=(cannot_open(error),))
        return
    with handle:
        stream = ByteStream(_counted(handle, budget))
        for leaf in leaves(found.name, stream, found.modified, budget, None if found.stream else handle):
            yield from _chunks(leaf, catalogue, budget.limits)


def opened(found: Found) -> IO[bytes]:
    """Open what was found; OSError where that cannot be."""
    if found.path == STDIN:
        standard: BinaryIO = sys.stdin.buffer
        return open(standard.fileno(), "rb", buffering=0, closefd=False)
    return open(found.path, "rb", buffering=0)  # noqa: PTH123 - undecodable names stay str


def cannot_open(error: OSError) -> str:
    """Say why a file cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return "vanished before it was read"
    return f"cannot be opened: {error.strerror or error}"


def blocks_of(handle: IO[bytes], begin: int = 0, end: int = sys.maxsize) -> Iterator[bytes]:
    """Yield a file's bytes from where it stands, ``begin``, up to ``end``; Broken says where it could not be read further."""
    place = begin
    while place < end:
        try:
            block = handle.read(min(BLOCK_BYTES, end - place))
        except OSError as error:
            message = f"cannot be read behind byte {place}: {error.strerror or error}"
            raise Broken(message) from error
        if not block:
            return
        place += len(block)
        yield block


def _counted(handle: IO[bytes], budget: Budget) -> Iterator[bytes]:
    for block in blocks_of(handle):
        budget.read += len(block)
        yield block


def _chunks(leaf: Leaf, catalogue: Catalogue, limits: Limits) -> Iterator[Chunk]:
    blank = Chunk(origin=leaf.name, modified=leaf.modified)
    if leaf.stream is None:
        yield replace(blank, problems=(leaf.problem,))
    else:
        yield from identified(frames(leaf.stream, blank, record=limits.record, target=limits.chunk), catalogue)
