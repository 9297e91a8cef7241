"""Write down what a derivation was made of, and find out later whether any of it is another.

What is written down: every file read with its size and SHA-256, what records were asked for and the digest of each answer, the
findings, the cases. ``verify`` reads everything again: entries, signatures, files, records against their ids, answers.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.errors import InputError
from bartizan.investigate.coverage import ASKED
from bartizan.investigate.signing import signed_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.investigate.contract import Tie
    from bartizan.investigate.journal import Entry
    from bartizan.investigate.places import Place

__all__ = ["Flaw", "answers_of", "file_digest", "files_of", "flaws_of_bundle", "flaws_of_files", "flaws_of_records", "flaws_of_results"]

_PIECE: Final = 1 << 20
_SIGNATURE: Final = "manifest.sig.json"
_MANIFEST: Final = "manifest.json"
_FINDINGS: Final = "findings.ndjson"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not what it was: where, and what is wrong."""

    where: str
    what: str


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file. InputError where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise InputError(message) from error
    return digest.hexdigest()


def files_of(place: Place, known: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return every file that cases are made of, with size, time of change and digest; of one ``known`` unchanged the digest is taken over.

    The files of a lake are named with their sizes: their digests are in the lake's own ledger, which `lake verify` checks.
    """
    held = {one["path"]: one for one in known}
    told = []
    for path in _read(place):
        name = str(path.relative_to(place.root)) if path.is_relative_to(place.root) else str(path)
        status = path.stat()
        before = held.get(name, {})
        same = before.get("bytes") == status.st_size and before.get("changed") == status.st_mtime_ns
        digest = before["sha256"] if same else "" if place.is_lake else file_digest(path)
        told.append({"path": name, "bytes": status.st_size, "changed": status.st_mtime_ns, "sha256": digest})
    return told


def answers_of(ties: Sequence[Tie]) -> list[dict[str, Any]]:
    """Return what records were asked for and the digest of what they answered, each kind in its order."""
    kinds = sorted({tie.type.partition(" ")[0] for tie in ties})
    told = []
    for kind in kinds:
        rows = [msgspec.json.encode(tie) for tie in ties if tie.type.partition(" ")[0] == kind]
        told.append({"query": kind, "rows": len(rows), "sha256": hashlib.sha256(b"\n".join(rows)).hexdigest()})
    return told


def flaws_of_files(place: Place, entry: Entry) -> Iterator[Flaw]:
    """Yield the files that are not what they were when an entry was written: gone, longer or shorter, changed."""
    for one in entry.body.get("files", ()):
        path = place.root / one["path"]
        if not path.is_file():
            yield Flaw(str(path), f"is gone; entry {entry.seq} was made of it")
        elif path.stat().st_size != one["bytes"]:
            yield Flaw(str(path), f"has {path.stat().st_size:,} bytes; it had {one['bytes']:,} when entry {entry.seq} was written")
        elif one["sha256"] and file_digest(path) != one["sha256"]:
            yield Flaw(str(path), f"was changed: its digest is not that of entry {entry.seq}")


def flaws_of_records(place: Place) -> Iterator[Flaw]:
    """Yield the findings whose raw text is not that of the record that they name: an id is the digest of the text."""
    path = place.root / _FINDINGS
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                evidences = msgspec.json.decode(line)["evidences"]
            except (msgspec.DecodeError, KeyError, TypeError):
                yield Flaw(f"{path}:{number}", "is no finding")
                continue
            yield from (Flaw(f"{path}:{number}", what) for what in map(_forged, evidences) if what)


def _forged(evidence: Mapping[str, Any]) -> str:
    """Say what is wrong with the raw text of a record, "" where nothing is; of text with escapes nothing can be said."""
    uid, data = str(evidence.get("uid", "")), evidence.get("data")
    raw = data.get("raw_data") if isinstance(data, dict) else None
    if not isinstance(raw, str) or not uid or "\\x" in raw or "\n" in raw or "…" in raw:
        return ""
    return "" if hashlib.sha256(raw.encode()).hexdigest().startswith(uid) else f"the text of record {uid} is not the one that has this id"


def flaws_of_results(entry: Entry, derived: Mapping[str, Any], *, decided_since: bool) -> Iterator[Flaw]:
    """Yield what another derivation gives that is not what an entry says; cases are compared where nothing was decided since."""
    where = f"entry {entry.seq}"
    if entry.body["findings_sha256"] != derived["findings_sha256"]:
        yield Flaw(where, f"its findings ({entry.body['findings']:,}) are not those that are read now ({derived['findings']:,})")
    now = {one["query"]: one for one in derived["answers"]}
    for one in entry.body["answers"]:
        other = now.pop(one["query"], {"rows": 0, "sha256": ""})
        if other["sha256"] != one["sha256"]:
            yield Flaw(where, f"the answer to '{one['query']}' ({one['rows']:,} rows) is another now ({other['rows']:,} rows)")
    yield from (Flaw(where, f"'{name}' has an answer now that it had not") for name in now)
    if entry.body["method"] == derived["method"] and not decided_since and entry.body["cases"] != derived["cases"]:
        yield Flaw(where, "the cases that follow now are not those that followed then")


def flaws_of_bundle(path: Path, key: str = "") -> Iterator[Flaw]:
    """Yield what is wrong with a bundle: files changed, missing or added, a signature that is another's. InputError for no bundle."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = archive.read(_MANIFEST)
            told = json.loads(manifest)
            names = set(archive.namelist()) - {_MANIFEST, _SIGNATURE}
            for name, one in told["files"].items():
                if name not in names:
                    yield Flaw(f"{path}: {name}", "is missing")
                    continue
                try:
                    good = hashlib.sha256(archive.read(name)).hexdigest() == one["sha256"]
                except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
                    good = False
                if not good:
                    yield Flaw(f"{path}: {name}", "was changed: its digest is not that of the manifest")
            yield from (Flaw(f"{path}: {name}", "is not in the manifest") for name in sorted(names - set(told["files"])))
            signature = json.loads(archive.read(_SIGNATURE)) if _SIGNATURE in archive.namelist() else None
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        message = f"{path}: is no bundle of a case, or its manifest cannot be read: {error}"
        raise InputError(message) from error
    yield from _flaws_of_signature(f"{path}: {_MANIFEST}", hashlib.sha256(manifest).hexdigest(), signature, key)


def _flaws_of_signature(where: str, digest: str, signature: Mapping[str, str] | None, key: str) -> Iterator[Flaw]:
    if signature is None:
        if key:
            yield Flaw(where, "is not signed")
    elif key and signature.get("public") != key:
        yield Flaw(where, f"is signed with the key {signature.get('public')}, not with {key}")
    elif not signed_by(str(signature.get("public")), digest, str(signature.get("signature"))):
        yield Flaw(where, "has a signature that is not of this text")


def _read(place: Place) -> list[Path]:
    """Return the files that cases are made of, in order."""
    findings = [path / _FINDINGS if path.is_dir() else path for path in place.findings]
    tables = [path for table in ASKED for path in place.tables.get(table, ())]
    return [path for path in (*findings, *tables, *place.facts) if path.is_file()]
