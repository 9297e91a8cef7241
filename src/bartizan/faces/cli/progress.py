"""Show how far long work is, on a terminal and nowhere else."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.detect.hunt.run import Progress

__all__ = ["progress", "telling"]

_PACKED: Final = frozenset({".gz", ".zst", ".bz2", ".xz", ".zip", ".tar", ".tgz", ".evtx"})
"""What is read of these files is not as long as they are."""


@contextmanager
def progress(paths: Sequence[str], *, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """Yield a function to call with the state of a hunt; it draws on standard error if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _state: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn())
    started = time.monotonic()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=_size(paths), told="")

        def tell(state: Progress) -> None:
            if state.to_compile:
                bar.update(task, told=f"compiling rule files: {state.compiled:,} of {state.to_compile:,}")
                return
            rate = state.events / max(time.monotonic() - started, 0.001)
            told = f"{state.events:,} records, {rate:,.0f}/s, {state.findings:,} findings"
            bar.update(task, completed=state.bytes, told=told)

        yield tell


@contextmanager
def telling(what: str) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with how far something is; it writes one line to standard error if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _told: None
        return
    from rich.console import Console

    with Console(stderr=True).status(what) as line:
        yield lambda told: line.update(f"{what}: {told}")


def _size(paths: Sequence[str]) -> float | None:
    """Return the bytes to read; None where that cannot be told beforehand: archives unpack to more, a pipe has no size."""
    total = 0
    try:
        for path in map(Path, paths):
            for file in path.rglob("*") if path.is_dir() else [path]:
                if file.is_dir() or any(part.startswith(".") for part in file.relative_to(path).parts):
                    continue
                if not file.is_file() or file.suffix.lower() in _PACKED:
                    return None
                total += file.stat().st_size
    except OSError:
        return None
    return total or None
