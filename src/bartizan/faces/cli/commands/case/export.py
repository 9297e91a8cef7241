"""Write a case for others: a page, a bundle with all its evidence, or a form that another tool reads.

Forms are one HTML page, JSON, STIX 2.1 with an Attack Flow, an ATT&CK Navigator layer, an OCSF Incident Finding, and a timeline
for Timesketch as CSV or JSON lines; a bundle is a zip file with all of them, findings, raw records and a manifest.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "export"
HELP: Final = "as a page, a bundle of evidence, or in the formats of other tools"
FORMATS: Final = ("html", "bundle", "json", "stix", "navigator", "ocsf", "timesketch-csv", "timesketch-jsonl")
SUFFIXES: Final = {"html": "html", "bundle": "zip", "timesketch-csv": "csv", "timesketch-jsonl": "jsonl"}


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--format", default="html", choices=FORMATS, help="html (default), bundle (a zip with everything), stix, …")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the file to write; case-ID.SUFFIX here if not given")


def run(arguments: argparse.Namespace) -> int:
    """Write the file."""
    from bartizan.explain.cases.writing import export
    from bartizan.explain.files import check_place

    found = desk(arguments)
    case = found.case(arguments.case)
    suffix = SUFFIXES.get(arguments.format, f"{arguments.format}.json")
    out: Path = arguments.out or Path(f"case-{case.id}.{suffix.removeprefix('json.')}")
    check_place(out)
    size = export(found, case, arguments.format, out, now=time.time_ns())
    print(f"{out}: {size:,} bytes")
    return told(found)
