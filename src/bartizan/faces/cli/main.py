"""Run one command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.faces.cli.parser import build
from bartizan.faces.cli.supervisor import supervised

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    return supervised(lambda: _run(list(arguments)))


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:], "--help"]
    parser = build(arguments)
    if not arguments:
        parser.print_help()
        return 0
    parsed = parser.parse(arguments)
    return int(parsed.command.run(parsed))
