"""Write a case to a file, whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bartizan.errors import OutputError
from bartizan.explain.cases.bundle import bundle
from bartizan.explain.cases.formats import FORMATS
from bartizan.explain.cases.html import html
from bartizan.explain.cases.page import page_of
from bartizan.explain.cases.plainly import page_json
from bartizan.lake.durable import replace

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.investigate.contract import Case
    from bartizan.investigate.desk import CaseDesk

__all__ = ["export"]


def export(desk: CaseDesk, case: Case, form: str, out: Path, *, now: int) -> int:
    """Write a case in a format and return the number of bytes. OutputError where the file cannot be written. ``now``: ns UTC."""
    page = page_of(desk, case)
    if form == "bundle":
        content = bundle(desk, page, now=now, signer=desk.journal.signer)
    elif form == "html":
        content = html(page, now=now).encode()
    elif form == "json":
        content = (json.dumps(page_json(page), indent=1) + "\n").encode()
    else:
        content = FORMATS[form][1](page).encode()
    try:
        replace(out, content)
    except OSError as error:
        message = f"{out}: cannot be written: {error.strerror or error}; free some room or name another file"
        raise OutputError(message) from error
    return len(content)
