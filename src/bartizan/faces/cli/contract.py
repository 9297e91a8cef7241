"""What a command is: a module of ``commands/`` named as users type it. Nobody edits a list to add one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ["Action", "Command"]


class Command(Protocol):
    """A command module: its docstring is its description; options stand beside the code that reads them."""

    __doc__: str | None
    HELP: str
    EXAMPLES: Sequence[str]

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit code."""


class Action(Protocol):
    """One action of a command that has several: a module beside the others, called ``ACTION`` on the command line."""

    __doc__: str | None
    ACTION: str
    HELP: str

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the action's options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit code."""
