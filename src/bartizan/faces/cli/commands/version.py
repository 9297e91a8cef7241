"""Print the version of Bartizan, of Python and of the libraries that decide about results."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from bartizan.version import __version__

if TYPE_CHECKING:
    import argparse

HELP: Final = "print versions"
EXAMPLES: Final = ("bartizan version", "bartizan version --json")
LIBRARIES: Final = ("ahocorasick-rs", "evtx", "msgspec", "numpy", "polars", "pysigma")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--json", action="store_true", help="print a JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print the versions."""
    found = {"bartizan": __version__, "python": sys.version.split()[0], **{name: version(name) for name in LIBRARIES}}
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name} {number}" for name, number in found.items()))
    return 0
