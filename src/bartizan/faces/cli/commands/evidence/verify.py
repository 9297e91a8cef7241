"""Verify a folder with cases, or a bundle: say of everything that is not what it was which file, entry or record it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from bartizan.investigate.custody import Flaw

ACTION: Final = "verify"
HELP: Final = "say what is not what it was"
SOUND, FLAWED = 0, 1


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder that hunt --out wrote, a lake, or a bundle of a case")
    parser.add_argument("--key", default="", metavar="HEX", help="the public key with which everything has to be signed")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print what is wrong, or what was found sound."""
    from bartizan.explain.text import visible

    flaws, checked = _bundle(arguments) if arguments.path.is_file() else _folder(arguments)
    if arguments.json:
        print(json.dumps({"checked": checked, "flaws": [asdict(flaw) for flaw in flaws]}, indent=1))
    else:
        for flaw in flaws:
            print(visible(f"{flaw.where}: {flaw.what}"))
        print(f"{checked}: {f'{len(flaws)} things are not what they were' if flaws else 'sound'}")
    return FLAWED if flaws else SOUND


def _bundle(arguments: argparse.Namespace) -> tuple[list[Flaw], str]:
    from bartizan.investigate.custody import flaws_of_bundle

    return list(flaws_of_bundle(arguments.path, arguments.key)), str(arguments.path)


def _folder(arguments: argparse.Namespace) -> tuple[list[Flaw], str]:
    from bartizan.investigate.verifying import verify

    return verify(arguments.path, arguments.key)
