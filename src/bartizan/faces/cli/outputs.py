"""Write what a hunt found where it was asked for. Standard output holds one format and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.version import __version__
from bartizan.errors import OutputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bartizan.detect.contract import Outcome
    from bartizan.workbench import Hunt

__all__ = ["keep", "show_story", "verdicts", "write"]


def write(found: Hunt, arguments: argparse.Namespace) -> None:
    """Write every output that was asked for."""
    outcome = found.outcome
    if arguments.balance is not None:
        _save(arguments.balance, [json.dumps(_balance(outcome), indent=1)])
    if arguments.verdicts is not None:
        _save(arguments.verdicts, [json.dumps(verdicts(outcome), indent=1)])
    if arguments.report is not None:
        _save(arguments.report, [_report(found)])
    if found.out is not None:
        keep(found, found.out)
    _print(found, arguments.format, quiet=arguments.quiet)


def _print(found: Hunt, form: str | None, *, quiet: bool) -> None:
    if form is None:
        if not quiet:
            show_story(found)
        return
    writers = {"ndjson": _ndjson, "ocsf": _ocsf, "json": _json, "csv": _csv, "navigator": _navigator}
    sys.stdout.flush()
    out = sys.stdout.buffer
    for piece in writers[form](found):
        out.write(piece)
    out.flush()
    for sentence in _warnings(found.outcome):
        sys.stderr.write(f"bartizan: {sentence}\n")


def show_story(found: Hunt) -> None:
    """Print the story, and where its results are."""
    from bartizan.explain.terminal import show, wants_colour

    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
    show(found.outcome, found.story, sys.stdout, width=width, colour=wants_colour(sys.stdout, os.environ))
    if found.out is not None:
        from bartizan.lake.layout import query

        columns = "time_dt, severity, finding_info.title, device.hostname"
        print(f"\nreport:   {found.out / 'report.html'}")
        print(f"findings: {found.out / 'findings.ndjson'}")
        print(f"ask:      {query(found.out, 'detection_finding', columns)}")


def _ndjson(found: Hunt) -> Iterable[bytes]:
    return iter(lambda file=found.spool.lines(): file.read(1 << 20), b"")


def _ocsf(found: Hunt) -> Iterable[bytes]:
    before = b"["
    for line in found.spool.lines():
        yield before + line.rstrip(b"\n")
        before = b",\n"
    yield b"]\n" if before != b"[" else b"[]\n"


def _json(found: Hunt) -> Iterable[bytes]:
    from bartizan.explain.summary import summary

    outcome = found.outcome
    told = {**summary(outcome, found.story), "balance": _balance(outcome), "verdicts": verdicts(outcome)}
    yield json.dumps(told, indent=1).encode() + b"\n"


def _csv(found: Hunt) -> Iterable[bytes]:
    from bartizan.explain.tables import as_csv

    return (line.encode("utf-8", "backslashreplace") for line in as_csv(found.story.groups))


def _navigator(found: Hunt) -> Iterable[bytes]:
    from bartizan.explain.navigator import layer

    yield json.dumps(layer(found.story), indent=1).encode() + b"\n"


def _report(found: Hunt) -> str:
    from bartizan.explain.html import report

    return report(found.outcome, found.story, version=__version__)


def keep(found: Hunt, out: Path) -> None:
    """Write beside the records and findings what belongs to every hunt that is kept."""
    from bartizan.explain.navigator import layer

    _save(out / "report.html", [_report(found)])
    _save(out / "balance.json", [json.dumps(_balance(found.outcome), indent=1)])
    _save(out / "verdicts.json", [json.dumps(verdicts(found.outcome), indent=1)])
    _save(out / "navigator.json", [json.dumps(layer(found.story), indent=1)])


def _balance(outcome: Outcome) -> dict[str, object]:
    """Return what became of every file: the contract of ``--balance``."""
    counts = ("read", "stored", "unparsed", "duplicate", "bytes")
    files = [
        {
            "path": file.path,
            "source": file.source,
            **{name: getattr(file, name) for name in counts},
            "problems": list(file.problems),
            "notes": list(file.notes),
        }
        for file in outcome.balance
    ]
    total = {name: sum(getattr(file, name) for file in outcome.balance) for name in counts}
    return {"files": files, "total": total, "by_source": dict(outcome.by_source), "partial": outcome.partial, "outside": outcome.outside}


def verdicts(outcome: Outcome) -> list[dict[str, object]]:
    """Return every rule document with its verdict: the contract of ``--verdicts`` and of ``rules list --json``."""
    told: list[dict[str, object]] = [
        {
            "id": one.rule.id,
            "title": one.rule.title,
            "level": one.rule.level,
            "path": one.rule.path,
            "logsource": str(one.rule.logsource),
            "verdict": one.verdict,
            "reason": one.reason,
            "findings": one.findings,
        }
        for one in outcome.verdicts
    ]
    told += [
        {"id": one.id, "title": "", "level": "", "path": one.path, "logsource": "", "verdict": "refused", "reason": one.why, "findings": 0}
        for one in outcome.refused
    ]
    return told


def _warnings(outcome: Outcome) -> list[str]:
    """Return what a person must know even where only a machine reads the output."""
    lost = sum(file.unparsed for file in outcome.balance)
    told = [f"{file.path}: {problem}" for file in outcome.balance for problem in file.problems]
    if lost:
        told.append(f"{lost:,} records could not be read by any source; --balance FILE says where")
    return [*told, *([outcome.partial] if outcome.partial else []), *outcome.differences[:20]]


def _save(path: Path, pieces: Iterable[str]) -> None:
    """Write a file as a whole: whoever looks sees the old one or the new one."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(pieces)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        message = f"{path}: cannot be written: {error.strerror or error}"
        raise OutputError(message) from error
