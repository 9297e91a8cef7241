"""Write what a hunt found where it was asked for. Standard output holds one format and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

from bartizan.errors import OutputError
from bartizan.explain.caveats import caveats_of
from bartizan.explain.files import REPORT, check_place, page, save, save_json
from bartizan.explain.summary import balance, summary, verdicts
from bartizan.explain.text import shorten, visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from bartizan.workbench import Hunt

__all__ = ["FORMATS", "check", "show_story", "write"]

_COLUMNS: Final = "time_dt, severity, finding_info.title, device.hostname"


def check(arguments: argparse.Namespace) -> None:
    """Say before the work that a file asked for cannot be written. OutputError."""
    for path in (arguments.balance, arguments.verdicts, arguments.report):
        if path is not None:
            check_place(path)


def write(found: Hunt, arguments: argparse.Namespace) -> None:
    """Write every output that was asked for. One that cannot be written does not cost the others."""
    outcome = found.outcome
    writers: tuple[tuple[Path | None, Callable[[Path], None]], ...] = (
        (arguments.balance, lambda path: save_json(path, balance(outcome))),
        (arguments.verdicts, lambda path: save_json(path, verdicts(outcome.verdicts, outcome.refused))),
        (arguments.report, lambda path: save(path, page(outcome, found.story))),
    )
    failed: list[OutputError] = []
    for path, writer in writers:
        try:
            if path is not None:
                writer(path)
        except OutputError as error:
            failed.append(error)
    _print(found, arguments.format, quiet=arguments.quiet)
    if failed:
        raise OutputError("; ".join(map(str, failed)))


def show_story(found: Hunt) -> None:
    """Print the story, and where its results are."""
    from bartizan.explain.terminal import show, wants_colour

    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
    show(found.outcome, found.story, sys.stdout, width=width, colour=wants_colour(sys.stdout, os.environ))
    if found.out is None:
        return
    from bartizan.lake.layout import query

    print(f"\nreport:   {found.out / REPORT}")
    print(f"findings: {found.out / 'findings.ndjson'}")
    if found.outcome.findings:
        print(f"ask:      {query(found.out, 'detection_finding', _COLUMNS)}")
    if found.misfits:
        worst = found.misfits[0]
        example = visible(shorten(worst.example, 60))
        values = sum(misfit.values for misfit in found.misfits)
        print(
            f"note:     {values:,} values do not fit their column, most in {worst.table}.{worst.path} (like {example}): raw_data has them"
        )


def _print(found: Hunt, form: str | None, *, quiet: bool) -> None:
    if form is None:
        if not quiet:
            show_story(found)
        return
    sys.stdout.flush()
    out = sys.stdout.buffer
    for piece in FORMATS[form](found):
        out.write(piece)
    out.flush()
    # A person must know what the result does not cover even where only a machine reads it.
    for sentence in caveats_of(found.outcome):
        sys.stderr.write(f"bartizan: {sentence}\n")


def _ndjson(found: Hunt) -> Iterable[bytes]:
    return found.spool.blocks()


def _ocsf(found: Hunt) -> Iterator[bytes]:
    before = b"["
    for line in found.spool.lines():
        yield before + line
        before = b",\n"
    yield b"]\n" if before != b"[" else b"[]\n"


def _json(found: Hunt) -> Iterator[bytes]:
    outcome = found.outcome
    told = {**summary(outcome, found.story), "balance": balance(outcome), "verdicts": verdicts(outcome.verdicts, outcome.refused)}
    yield json.dumps(told, indent=1).encode() + b"\n"


def _csv(found: Hunt) -> Iterator[bytes]:
    from bartizan.explain.tables import as_csv

    return (line.encode("utf-8", "backslashreplace") for line in as_csv(found.story.groups))


def _navigator(found: Hunt) -> Iterator[bytes]:
    from bartizan.explain.navigator import layer

    yield json.dumps(layer(found.story), indent=1).encode() + b"\n"


FORMATS: Final[Mapping[str, Callable[[Hunt], Iterable[bytes]]]] = {
    "json": _json,
    "ndjson": _ndjson,
    "csv": _csv,
    "ocsf": _ocsf,
    "navigator": _navigator,
}
