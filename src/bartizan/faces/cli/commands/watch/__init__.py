"""Work on the state of a watch, beside `bartizan serve` or while it does not run: look back, tokens, what may be forgotten, copies.

FILE is the file of settings of the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "look back with new rules, and keep the state of the server"
EXAMPLES: Final = (
    "bartizan watch backfill watch.yml --since 30d",
    "bartizan watch forget watch.yml --days 90",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
