"""Give a record the id that follows from its content: the same raw record read twice has the same id."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RECORD_ID_BYTES", "record_id", "record_ids"]

RECORD_ID_BYTES = 16
"""Half of SHA-256: 2^64 work to make two records collide on purpose, and half the memory of the ids kept to see duplicates."""


def record_id(raw: bytes) -> bytes:
    """Return the id of a raw record: the first 16 bytes of its SHA-256. Shown as 32 hexadecimal digits."""
    return sha256(raw).digest()[:RECORD_ID_BYTES]


def record_ids(raws: Iterable[bytes]) -> bytes:
    """Return the ids of raw records, one after the other: what ``record_id`` gives, without a call for each."""
    return b"".join([sha256(raw).digest()[:RECORD_ID_BYTES] for raw in raws])
