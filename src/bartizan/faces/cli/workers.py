"""Ask how many processes to use."""

from __future__ import annotations

import argparse

__all__ = ["add_workers", "workers"]


def add_workers(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add the option ``--workers``."""
    parser.add_argument("--workers", type=_count, metavar="N", help="processes to use (default: one per processor)")


def workers(arguments: argparse.Namespace) -> int:
    """Return how many processes to use."""
    from bartizan.workbench import default_workers

    return default_workers() if arguments.workers is None else int(arguments.workers)


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        message = f"'{text}' is no number of processes; write 1 or more"
        raise argparse.ArgumentTypeError(message)
    return count
