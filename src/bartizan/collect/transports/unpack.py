"""Open whatever archives and compressions lie around a file, layer by layer, by their first bytes and not by their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final

from bartizan.collect.transports.bytestream import Broken, ByteStream
from bartizan.collect.transports.compression import codec_of, unpacked
from bartizan.collect.transports.paths import shown
from bartizan.collect.transports.tar import TAR_BLOCK, Member, is_tar, tar_members
from bartizan.collect.transports.zips import ZIP_MAGICS, zip_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.collect.transports.budget import Budget

__all__ = ["Leaf", "leaves"]

_IN_MEMORY: Final = 32 << 20
"""A zip file inside another archive must be seekable: up to here it is held in memory, beyond in a nameless temporary file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Bytes with nothing around them any more, to be read before the next leaf. Without a ``stream``, ``problem`` says why."""

    name: str
    stream: ByteStream | None = None
    modified: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Layer:
    """Bytes that may be packed; ``handle`` where they can be sought in."""

    name: str
    stream: ByteStream
    modified: float
    handle: IO[bytes] | None = None
    archives: int = 0
    layers: int = 0


def leaves(name: str, stream: ByteStream, modified: float, budget: Budget, handle: IO[bytes] | None = None) -> Iterator[Leaf]:
    """Yield what a file holds. ``handle`` is the file itself, where it can be sought in."""
    return _leaves(_Layer(name, stream, modified, handle), budget)


def _leaves(layer: _Layer, budget: Budget) -> Iterator[Leaf]:
    begin = layer.stream.peek(TAR_BLOCK)
    codec = codec_of(begin)
    zipped, taped = begin.startswith(ZIP_MAGICS), is_tar(begin)
    limits = budget.limits
    if not (codec or zipped or taped):
        yield Leaf(name=layer.name, stream=layer.stream, modified=layer.modified)
    elif layer.layers >= limits.layers or (not codec and layer.archives >= limits.archives):
        most = f"{limits.archives} archives or {limits.layers} layers"
        yield Leaf(name=layer.name, problem=f"packed in more than {most}: not opened, unpack it first")
    elif codec:
        inner = ByteStream(unpacked(layer.stream, codec, budget))
        yield from _leaves(replace(layer, stream=inner, handle=None, layers=layer.layers + 1), budget)
    elif zipped:
        with _seekable(layer) as handle:
            yield from _members(layer, zip_members(handle, budget), budget)
    else:
        yield from _members(layer, _counted(tar_members(layer.stream), budget), budget)


def _members(layer: _Layer, members: Iterable[Member], budget: Budget) -> Iterator[Leaf]:
    empty = True
    try:
        for member in members:
            empty = False
            inner = _Layer(
                f"{layer.name}!{shown(member.name)}",
                member.stream,
                member.modified or layer.modified,
                archives=layer.archives + 1,
                layers=layer.layers + 1,
            )
            yield from _leaves(inner, budget)
            if budget.spent:
                break
    except Broken as broken:
        yield Leaf(name=layer.name, problem=str(broken))
        empty = False
    if layer.stream.problem:
        yield Leaf(name=layer.name, problem=layer.stream.problem)
    elif empty:
        yield Leaf(name=layer.name, stream=ByteStream(()), modified=layer.modified)


def _counted(members: Iterable[Member], budget: Budget) -> Iterator[Member]:
    for member in members:
        budget.member()
        yield member


def _seekable(layer: _Layer) -> IO[bytes]:
    """Return the bytes of a layer as a file to seek in."""
    if layer.handle is not None:
        return layer.handle
    spool: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    for block in layer.stream.blocks():
        spool.write(block)
    spool.seek(0)
    return spool
