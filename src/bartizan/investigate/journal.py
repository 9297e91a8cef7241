"""Keep what was read, derived and decided of cases in a file that is only added to, each entry chained to the one before.

An entry is one line of JSON. Its ``digest`` is SHA-256 over the digest before it and the entry without its digest, so that a
line that is changed, taken out, put in or moved breaks the chain there, and whoever reads it is told where. With a signer each digest
is signed, so that nobody without the key can write a chain anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.detect.alerts.journal import Journal
from bartizan.investigate.signing import signed_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.detect.alerts.journal import Kept
    from bartizan.investigate.signing import Signer

__all__ = ["GENESIS", "CaseJournal", "Entry", "digest_of"]

GENESIS: Final = "0" * 64
"""What stands before the first entry."""
_MEMBERS: Final = ("seq", "time", "type", "by", "body", "previous", "digest", "key", "signature")
_SEALS: Final = frozenset({"digest", "key", "signature"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was read, derived or decided. ``time`` in nanoseconds UTC, ``seq`` from 1."""

    seq: int
    time: int
    type: str
    by: str
    body: dict[str, Any]
    previous: str = GENESIS
    digest: str = ""
    key: str = ""
    """The public key with which the digest is signed, hexadecimal; "" where it is not."""
    signature: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return the entry as its line holds it."""
        return {name: getattr(self, name) for name in _MEMBERS}


def digest_of(entry: Entry) -> str:
    """Return what the digest of an entry has to be."""
    told = {name: value for name, value in entry.as_record().items() if name not in _SEALS}
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


class CaseJournal:
    """The journal of one folder's cases."""

    def __init__(self, path: Path, signer: Signer | None = None) -> None:
        """Name the file; it is made with its first entry. ``signer`` signs what is added."""
        self.path = path
        self.signer = signer
        self._file = Journal(path)

    def read(self) -> tuple[list[Entry], list[str]]:
        """Return the entries in their order, and what is wrong with the file: which line, and what."""
        kept = self._file.read()
        entries: list[Entry] = []
        faults = list(kept.problems)
        for number, record in enumerate(kept.records, 1):
            try:
                entry = msgspec.convert(record, Entry, strict=True)
            except msgspec.ValidationError as error:
                faults.append(f"{self.path}: record {number} is no entry: {error}")
                continue
            entries.append(entry)
        return entries, [*faults, *self._broken(entries)]

    def append(self, made: Sequence[tuple[str, dict[str, Any]]], *, by: str, now: int) -> list[Entry]:
        """Add entries, each a type and a body, after whatever is there; OutputError where they cannot be kept, and then none is."""
        added: list[Entry] = []

        def chained(kept: Kept) -> list[dict[str, Any]]:
            last = kept.records[-1] if kept.records else {}
            seq, previous = int(last.get("seq", 0)), str(last.get("digest", GENESIS))
            added.clear()
            for kind, body in made:
                seq += 1
                plain = msgspec.json.decode(msgspec.json.encode(body))
                draft = Entry(seq=seq, time=now, type=kind, by=by, body=plain, previous=previous)
                previous = digest_of(draft)
                added.append(self._sealed(replace(draft, digest=previous)))
            return [entry.as_record() for entry in added]

        self._file.extend(chained)
        return added

    def forged(self, entries: Sequence[Entry], key: str = "") -> list[str]:
        """Return which entries have a signature that is not theirs, or, where ``key`` is named, none of that key."""
        faults = []
        for entry in entries:
            where = f"{self.path}: entry {entry.seq} ({entry.type} by {entry.by or 'bartizan'})"
            if not entry.signature:
                faults += [f"{where} is not signed"] if key else []
            elif key and entry.key != key:
                faults.append(f"{where} is signed with another key, {entry.key}")
            elif not signed_by(entry.key, entry.digest, entry.signature):
                faults.append(f"{where} has a signature that is not of this entry")
        return faults

    def _sealed(self, entry: Entry) -> Entry:
        return entry if self.signer is None else replace(entry, key=self.signer.public, signature=self.signer.sign(entry.digest))

    def _broken(self, entries: Sequence[Entry]) -> list[str]:
        faults = []
        previous, seq = GENESIS, 0
        for entry in entries:
            where = f"{self.path}: entry {entry.seq} ({entry.type} by {entry.by or 'bartizan'})"
            if entry.digest != digest_of(entry):
                faults.append(f"{where} was changed after it was written")
            elif entry.previous != previous or entry.seq != seq + 1:
                faults.append(f"{where} does not follow entry {seq}: something before it was taken out, put in or moved")
            previous, seq = entry.digest, entry.seq
        return faults
