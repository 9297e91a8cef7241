"""Give a record the id that follows from its content: the same raw record read twice has the same id."""

from __future__ import annotations

import hashlib

__all__ = ["RECORD_ID_BYTES", "record_id"]

RECORD_ID_BYTES = 16
"""Half of SHA-256: 2^64 work to make two records collide on purpose, and half the memory of the ids kept to see duplicates."""


def record_id(raw: bytes) -> bytes:
    """Return the id of a raw record: the first 16 bytes of its SHA-256. Shown as 32 hexadecimal digits."""
    return hashlib.sha256(raw).digest()[:RECORD_ID_BYTES]
