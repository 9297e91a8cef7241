"""Bound what hostile or damaged input can cost."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BLOCK_BYTES", "CHUNK_BYTES", "CHUNK_RECORDS", "LONG_RECORD_KEPT", "RECORD_BYTES", "Limits"]

BLOCK_BYTES = 1 << 20
"""What is read or unpacked at a time: large enough that a call costs nothing per record, small beside a chunk."""

CHUNK_BYTES = 16 << 20
"""Raw bytes of a chunk: a hundred routes in one chunk still have rows enough to pay for their set-up, and a chunk with all
that is derived from it (decoded fields, codes, findings) stays near 150 MB, so that two workers fit in 1 GB."""

CHUNK_RECORDS = 1 << 17
"""Records of a chunk, at most about: 16 MiB of four-letter lines would be three million objects of 60 bytes each, and what is
derived from each of them. Usual text logs (100 to 200 bytes a line) fill a chunk with as many."""

RECORD_BYTES = 16 << 20
"""The longest record that is read as one. The longest real ones seen (script blocks, audit policies) are under 1 MB; one
record must never exceed a chunk, or the memory bound is gone."""

LONG_RECORD_KEPT = 64 << 10
"""What is kept of a longer one: enough for a person to see what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file given may cost, with everything packed in it. Tests pass tiny ones."""

    archives: int = 3
    """Archives (zip, tar) nested in each other."""
    layers: int = 6
    """Archives and compressions nested in each other: a gzip file can hold itself without end."""
    members: int = 200_000
    """Members of all archives in one file given: twice the largest forensic collection seen."""
    unpacked: int = 1 << 42
    """Bytes unpacked from one file given, all layers added: a 20 GB archive of the most repetitive logs has 3 TB at most."""
    ratio: int = 250
    """Bytes unpacked per byte read, beyond ``ratio_free``. Logs pack 10-60 times, the most repetitive ones about 150 times."""
    ratio_free: int = 1 << 30
    """Bytes that may be unpacked before the ratio counts: seconds of work, whatever is in them."""
    directory: int = 256 << 20
    """Bytes of a zip file's own directory, which must be held in memory."""
    record: int = RECORD_BYTES
    """Bytes of one record."""
    chunk: int = CHUNK_BYTES
    """Bytes of one chunk, about."""
