"""The page of a case, in a browser: how large it is, and whether it asks for anything.

The first case of a simulated day, exported as HTML and opened in headless Chromium (``chromium`` or ``chromium-browser`` on the path)
with its network log on; requests that a page with one word makes, too, are the browser's own. It is printed to PDF as well. The
screenshot and the PDF are kept where ``details`` says, to be looked at.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.explain.cases.html import MOST_BYTES
from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Sequence

_OUTSIDE: Final = re.compile(
    r"""(?:src|href|action|data|poster)\s*=\s*["'](?!#)|url\(|@import|<script|<iframe|<object|<embed""", re.IGNORECASE
)
_FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-component-update"),
    *("--disable-background-networking", "--disable-sync", "--disable-extensions", "--hide-scrollbars"),
)
_KEPT: Final = Path(tempfile.gettempdir()) / "bartizan-case-page"
EVENTS: Final = 120_000


def measure() -> Result:
    """Export the page, weigh it, open it, print it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        return skipped("case_page", "no chromium here to open it in")
    shutil.rmtree(_KEPT, ignore_errors=True)
    _KEPT.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        day = Path(folder) / "day"
        run([BARTIZAN, "demo", "--out", str(day), "--events", str(EVENTS), "--json"])
        page = _KEPT / "case.html"
        cost = run([BARTIZAN, "case", "export", str(day / "result"), "1", "--out", str(page)])
    blank = _KEPT / "blank.html"
    blank.write_text("<!doctype html><title>blank</title><p>blank</p>\n")
    text = page.read_text()
    asked = _asked(browser, page) - _asked(browser, blank)
    _open(browser, page, ["--window-size=1280,4000", f"--screenshot={_KEPT / 'case.png'}"])
    _open(browser, page, ["--no-pdf-header-footer", f"--print-to-pdf={_KEPT / 'case.pdf'}"])
    pages = len(re.findall(rb"/Type\s*/Page\b", (_KEPT / "case.pdf").read_bytes()))
    names = sorted(set(_OUTSIDE.findall(text)))
    details: dict[str, object] = {
        "requests beside those of a blank page": f"{len(asked)} {sorted(asked)[:3]}",
        "what could ask for something in its text": f"{len(names)} {names[:3]}",
        "screenshot": f"{(_KEPT / 'case.png').stat().st_size:,} bytes, {_KEPT / 'case.png'}",
        "printed": f"{pages} pages, {_KEPT / 'case.pdf'}",
        "CPU seconds to make it": f"{cost.cpu:.2f}",
    }
    figure = float("inf") if asked or names else len(text.encode()) / 1024
    return Result(name="case_page", figure=figure, unit="KiB", bar=MOST_BYTES / 1024, higher=False, details=details)


def _open(browser: str, page: Path, options: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *_FLAGS, f"--user-data-dir={profile}", *options, page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=180)


def _asked(browser: str, page: Path) -> set[str]:
    """Return what was asked for when a page was opened, but for the page itself."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "net.json"
        _open(browser, page, [f"--log-net-log={log}", "--dump-dom"])
        told = json.loads(log.read_text())
    urls = {event["params"]["url"] for event in told["events"] if isinstance(event.get("params"), dict) and "url" in event["params"]}
    return {url.partition("?")[0] for url in urls if not url.startswith((page.as_uri(), "data:", "chrome", "about:"))}
