"""Name a folder's cases, and who decides about them, on the command line."""

from __future__ import annotations

import getpass
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.errors import OutputError, UsageError

if TYPE_CHECKING:
    import argparse

    from bartizan.investigate.desk import CaseDesk

__all__ = ["add_folder", "add_one", "add_who", "by_whom", "desk", "told"]

UNREADABLE = 3


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names where records are."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that hunt --out wrote, or a lake")


def add_one(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name one case."""
    add_folder(parser)
    parser.add_argument("case", metavar="CASE", help="its place in the list, its id, or the beginning of it")


def add_who(parser: argparse.ArgumentParser) -> None:
    """Add the options that say who decides, and what there is to say of it."""
    parser.add_argument("--by", metavar="NAME", help="who decides; the user of this machine if not given")
    parser.add_argument("--comment", default="", metavar="TEXT", help="what there is to say of it")


def desk(arguments: argparse.Namespace) -> CaseDesk:
    """Return the cases of the folder, and keep in the journal which they are; where that cannot be it is said, and they are shown."""
    from bartizan.investigate.desk import desk_at
    from bartizan.investigate.signing import key_file, signer_at

    try:
        signer = signer_at(key_file())
    except OutputError as error:
        signer = None
        sys.stderr.write(f"bartizan: {error}; what is written down is not signed\n")
    found = desk_at(arguments.folder, signer)
    try:
        found.remember(now=time.time_ns())
    except OutputError as error:
        sys.stderr.write(f"bartizan: {error}; which cases there are is not written down\n")
    return found


def by_whom(arguments: argparse.Namespace) -> str:
    """Return who decides: the one named, or the user of this machine."""
    by = arguments.by
    if by is None:
        try:
            by = getpass.getuser()
        except (OSError, KeyError, ImportError):
            by = ""
    if not by.strip():
        message = "--by: say who decides"
        raise UsageError(message)
    return str(by)


def told(found: CaseDesk) -> int:
    """Say what could not be read; return the exit code."""
    from bartizan.explain.text import visible

    for sentence in found.problems:
        sys.stderr.write(f"bartizan: {visible(sentence)}\n")
    return UNREADABLE if found.problems else 0
