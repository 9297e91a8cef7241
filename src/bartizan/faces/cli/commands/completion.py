"""Print a script that completes commands and options in your shell."""

from __future__ import annotations

import argparse
from typing import Final

HELP: Final = "print a completion script for your shell"
EXAMPLES: Final = (
    "bartizan completion bash > ~/.local/share/bash-completion/completions/bartizan",
    "bartizan completion zsh > ~/.zfunc/_bartizan",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    import shtab

    from bartizan.faces.cli.main import parser

    print(shtab.complete(parser(), shell=arguments.shell))
    return 0
