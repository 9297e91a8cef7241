"""Connect findings into cases: what belongs together, why, how far it reaches, what is not known, and what was decided about it.

Works on a folder that bartizan hunt --out wrote, or on a lake. A case is named by its place in the list (1), its id, or the
beginning of one. Cases follow from records and links; what people decide is kept in cases/journal.ndjson of the folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "findings connected into cases: summary, timeline, scope, why, what next"
EXAMPLES: Final = (
    "bartizan case list case-1",
    "bartizan case show case-1 1",
    "bartizan case show case-1 a173 --plain",
    "bartizan case why case-1 1 web-01 dc-01",
    "bartizan case cut case-1 1 domain:example.net",
    "bartizan case close case-1 1 --reason true-positive --comment 'rebuilt' --by alice@example.com",
    "bartizan case export case-1 1 --format bundle --out case.zip",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
