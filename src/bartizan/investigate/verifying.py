"""Verify the cases of a folder: everything that was written down against everything that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.errors import InputError
from bartizan.investigate.custody import Flaw, flaws_of_files, flaws_of_records, flaws_of_results
from bartizan.investigate.decisions import UNDOABLE
from bartizan.investigate.desk import FOLDER, JOURNAL, desk_at
from bartizan.investigate.journal import CaseJournal
from bartizan.investigate.places import place_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.investigate.journal import Entry

__all__ = ["verify"]


def verify(root: Path, key: str = "") -> tuple[list[Flaw], str]:
    """Return everything of a folder's cases that is not what was written down, and in words what was looked at.

    ``key``: the public key with which every entry has to be signed, "" for whichever it names. InputError where there are no findings
    at all, MissingExtra where entries are signed and ``cryptography`` is not installed.
    """
    place, journal = place_at(root), CaseJournal(root / FOLDER / JOURNAL)
    entries, faults = journal.read()
    found = [Flaw(fault.partition(": ")[0], fault.partition(": ")[2]) for fault in (*faults, *journal.forged(entries, key))]
    last = next((entry for entry in reversed(entries) if entry.type == "derived"), None)
    if last is None:
        return [*found, Flaw(str(journal.path), "nothing was written down yet: `bartizan case list` does that")], "no entries"
    found += flaws_of_files(place, last)
    found += flaws_of_records(place)
    found += _derived_again(root, entries, last)
    signed = sum(bool(entry.signature) for entry in entries)
    files, findings, cases = len(last.body.get("files", ())), last.body["findings"], len(last.body["cases"])
    return found, f"{len(entries):,} entries ({signed:,} signed), {files:,} files, {findings:,} findings, {cases:,} cases"


def _derived_again(root: Path, entries: Sequence[Entry], last: Entry) -> Iterator[Flaw]:
    try:
        derived = desk_at(root).derived()
    except InputError as error:
        yield Flaw(str(root), f"cases cannot be derived again: {error}")
        return
    decided_since = any(entry.seq > last.seq and entry.type in UNDOABLE | {"undo"} for entry in entries)
    yield from flaws_of_results(last, derived, decided_since=decided_since)
