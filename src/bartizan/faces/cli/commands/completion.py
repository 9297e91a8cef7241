"""Print a script that completes commands and options in your shell."""

from __future__ import annotations

import argparse
from typing import Final

HELP: Final = "print a completion script for your shell"
EXAMPLES: Final = (
    "bartizan completion bash > ~/.local/share/bash-completion/completions/bartizan",
    "bartizan completion zsh > ~/.zfunc/_bartizan",
)


_FILES: Final = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}
"""What shtab calls a shell's own completion of file names."""
_PLACES: Final = frozenset({"PATH", "FILE", "DIR", "PACK", "OUT"})


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="your shell")


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    parser = arguments.whole()
    _complete_files(parser)
    print(shtab.complete(parser, shell=arguments.shell))
    return 0


def _complete_files(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask a parser for its arguments
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - as above
            for below in action.choices.values():
                _complete_files(below)
        elif action.metavar in _PLACES:
            action.complete = _FILES  # type: ignore[attr-defined]  # where shtab looks
