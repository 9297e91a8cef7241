"""Give a record the id that follows from its content: the same raw record read twice has the same id."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RECORD_ID_BYTES", "record_id", "record_ids", "sight_keys"]

RECORD_ID_BYTES: Final = 16
"""Half of SHA-256: 2^64 work to make two records collide on purpose, and half the memory of the ids kept to see duplicates."""


def record_id(raw: bytes) -> bytes:
    """Return the id of a raw record: the first 16 bytes of its SHA-256. Shown as 32 hexadecimal digits."""
    return sha256(raw).digest()[:RECORD_ID_BYTES]


def record_ids(raws: Iterable[bytes]) -> bytes:
    """Return the ids of raw records, one after the other: what ``record_id`` gives, without a call for each."""
    return b"".join([sha256(raw).digest()[:RECORD_ID_BYTES] for raw in raws])


def sight_keys(raws: Iterable[bytes], seed: int) -> bytes:
    """Return what tells raw records apart within one run, 16 bytes each, one after the other, at a tenth of the cost of their ids.

    It is XXH3 with a secret ``seed`` (64 bits, drawn anew for each run): two records that share a key by chance take 2^64
    of them, and who does not know the seed cannot make two. The keys mean nothing beyond the run and are never shown.
    """
    from xxhash import xxh3_128_digest  # noqa: PLC0415 - only who looks for duplicates pays for it

    return b"".join([xxh3_128_digest(raw, seed) for raw in raws])
