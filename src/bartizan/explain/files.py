"""Write results as files that are whole or not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bartizan.errors import OutputError
from bartizan.explain.navigator import layer
from bartizan.explain.summary import balance, verdicts
from bartizan.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.detect.contract import Outcome
    from bartizan.explain.story import Story

__all__ = ["REPORT", "check_place", "keep", "page", "save", "save_json"]

REPORT = "report.html"


def keep(outcome: Outcome, story: Story, folder: Path) -> None:
    """Write what belongs to every result that is kept: ``report.html``, ``balance.json``, ``verdicts.json``, ``navigator.json``."""
    save(folder / REPORT, page(outcome, story))
    save_json(folder / "balance.json", balance(outcome))
    save_json(folder / "verdicts.json", verdicts(outcome.verdicts, outcome.refused))
    save_json(folder / "navigator.json", layer(story))


def page(outcome: Outcome, story: Story) -> str:
    """Return the HTML report."""
    from bartizan.explain.html import report  # noqa: PLC0415 - who writes no report needs no templates

    return report(outcome, story, version=__version__)


def save_json(path: Path, value: object) -> None:
    """Write a value as indented JSON."""
    save(path, json.dumps(value, indent=1) + "\n")


def save(path: Path, text: str) -> None:
    """Write a file as a whole: whoever looks sees the old one or the new one. A pipe or a device is written to as it is."""
    special = path.exists() and not path.is_file()
    draft = path if special else path.with_name(f".{path.name[:200]}.draft")
    try:
        with draft.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        if not special:
            draft.replace(path)
    except BaseException as error:
        if not special:
            draft.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        message = f"{path}: cannot be written: {error.strerror or error}; free some room or name another file"
        raise OutputError(message) from error


def check_place(path: Path) -> None:
    """Say now, and not after an hour's work, that a file cannot be written. OutputError where its folder is not there."""
    if path.is_dir():
        message = f"{path}: is a folder; name a file"
        raise OutputError(message)
    if not path.parent.is_dir():
        message = f"{path}: cannot be written: there is no folder {path.parent}; make it or name another file"
        raise OutputError(message)
