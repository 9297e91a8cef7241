"""Ask how many processes to use."""

from __future__ import annotations

import argparse

__all__ = ["add_workers", "count", "workers"]


def add_workers(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the option ``--workers``."""
    parser.add_argument("--workers", type=count, metavar="N", help="processes to use (default: one per processor)")


def workers(arguments: argparse.Namespace) -> int:
    """Return how many processes to use."""
    from bartizan.workbench import default_workers

    return default_workers() if arguments.workers is None else int(arguments.workers)


def count(text: str) -> int:
    """Return a number of processes that was typed."""
    try:
        found = int(text)
    except ValueError:
        found = 0
    if found < 1:
        message = f"'{text}' is no number of processes; write 1 or more"
        raise argparse.ArgumentTypeError(message)
    return found
