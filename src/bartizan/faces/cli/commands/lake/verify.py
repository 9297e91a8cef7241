"""Read every file of a lake and say what is not as it should be: damage, loss, a ledger that was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "verify"
HELP: Final = "say what is damaged, lost or changed"
WHOLE, FAULTY = 0, 1


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)


def run(arguments: argparse.Namespace) -> int:
    """Verify."""
    from bartizan.explain.text import visible
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        faults = lake.verify()
        there = lake.listed()
        rows, files = there.rows, len(there.paths)
    for fault in faults:
        print(visible(f"{fault.path}: {fault.what}"))
    print(f"{files} files with {rows:,} records read: {f'{len(faults)} faults' if faults else 'everything is as it was written'}")
    return FAULTY if faults else WHOLE
