"""Say how the requirements of a framework stand: by which checks, on which evidence, and how many can be judged at all.

No requirement is ever called met: checks see a part of it. What was not read is unknown, and what no check is about is told as such.
Without FRAMEWORK those that there are are listed. Ends with 1 where a requirement fails.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.clouds import add_facts, facts

if TYPE_CHECKING:
    import argparse

ACTION: Final = "compliance"
HELP: Final = "how the requirements of a framework stand, with evidence"
CLEAN, FOUND = 0, 1


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("framework", nargs="?", metavar="FRAMEWORK", help="cis-aws-3, pci-dss-4 …; those that there are if not given")
    add_facts(parser)
    parser.add_argument("--checks", action="append", default=[], metavar="PACK", help="checks instead of our own; repeatable")
    parser.add_argument("--oscal", type=Path, metavar="FILE", help="write OSCAL assessment results")
    parser.add_argument("--json", action="store_true", help="print JSON, with all evidence")


def run(arguments: argparse.Namespace) -> int:
    """Tell it."""
    from bartizan.explain.cloud.controls import compliance_json, compliance_lines, frameworks_lines
    from bartizan.explain.cloud.lines import Ink
    from bartizan.explain.files import check_place, save_json
    from bartizan.explain.terminal import wants_colour
    from bartizan.review.cloud.checks.compliance import Status
    from bartizan.workbench import cloud

    if arguments.framework is None:
        print("\n".join(frameworks_lines(cloud.frameworks())))
        return CLEAN
    if arguments.oscal is not None:
        check_place(arguments.oscal)
    framework = cloud.framework(arguments.framework)
    found, oscal = cloud.compliance(facts(arguments), framework, cloud.Sought(checks=arguments.checks))
    if arguments.oscal is not None:
        save_json(arguments.oscal, oscal)
    if arguments.json:
        print(json.dumps(compliance_json(found), indent=1))
    else:
        for line in compliance_lines(found, Ink(colour=wants_colour(sys.stdout, os.environ))):
            print(line)
    return FOUND if found.counts[Status.FAILED] else CLEAN
