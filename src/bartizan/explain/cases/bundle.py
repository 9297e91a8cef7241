"""Pack a case with its evidence: one zip file whose manifest names every file in it with its digest."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.cases.formats import FORMATS
from bartizan.explain.cases.html import html
from bartizan.explain.cases.plainly import page_json
from bartizan.investigate.evidence import findings_of, records_of, wanted_of
from bartizan.investigate.signing import ALGORITHM
from bartizan.version import __version__

if TYPE_CHECKING:
    from bartizan.explain.cases.page import CasePage
    from bartizan.investigate.desk import CaseDesk
    from bartizan.investigate.signing import Signer

__all__ = ["MANIFEST", "bundle"]

MANIFEST: Final = "manifest.json"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Zip's own beginning of time: when a file was packed says nothing, and equal cases give equal bundles."""


def bundle(desk: CaseDesk, page: CasePage, *, now: int, signer: Signer | None = None) -> bytes:
    """Return the bundle: page, formats, findings as they were kept, raw records, the journal, and a manifest, signed by ``signer``.

    ``now``: what time the page says it was written, ns UTC.
    """
    held = records_of(desk.place, wanted_of(page.case))
    files = {
        "case.html": html(page, now=now).encode(),
        "case.json": (json.dumps(page_json(page), indent=1) + "\n").encode(),
        "evidence/findings.ndjson": b"".join(findings_of(desk.place, page.case)),
        "evidence/records.ndjson": b"".join(one.line() for one in held),
        "journal.ndjson": desk.journal.path.read_bytes() if desk.journal.path.is_file() else b"",
        **{name: write(page).encode() for name, write in FORMATS.values()},
    }
    missing = sorted(set(wanted_of(page.case)) - {one.record_id for one in held})
    files[MANIFEST] = (json.dumps(_manifest(desk, page, files, missing), indent=1) + "\n").encode()
    if signer is not None:
        digest = hashlib.sha256(files[MANIFEST]).hexdigest()
        told = {"algorithm": ALGORITHM, "of": f"sha256 of {MANIFEST}", "public": signer.public, "signature": signer.sign(digest)}
        files["manifest.sig.json"] = (json.dumps(told, indent=1) + "\n").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _manifest(desk: CaseDesk, page: CasePage, files: dict[str, bytes], missing: list[str]) -> dict[str, Any]:
    """Return what the bundle holds. Records that the tables do not hold raw are named: their findings hold their text."""
    entries, _ = desk.journal.read()
    return {
        "case": page.case.id,
        "tool": f"bartizan {__version__}",
        "digest": "sha256",
        "journal_head": entries[-1].digest if entries else "",
        "findings": len({finding.uid for signal in page.case.signals for finding in signal.findings}),
        "records": len(wanted_of(page.case)),
        "records_only_in_findings": missing,
        "files": {name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in sorted(files.items())},
    }
