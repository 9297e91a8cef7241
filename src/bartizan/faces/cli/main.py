"""Parse the command line and hand over to one command; the one place where an unexpected error ends a process politely."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NoReturn

from bartizan.version import __version__
from bartizan.errors import BartizanError
from bartizan.faces.cli import commands

if TYPE_CHECKING:
    from bartizan.faces.cli.contract import Command

__all__ = ["parser", "run"]

EXIT_CODES: Final = """exit codes:
  0    clean: everything was read, nothing found at or above --fail-on
  1    findings at or above --fail-on
  2    usage: wrong options, a path that cannot be read
  3    done, but part of the input could not be read (see the balance)
  4    a result could not be written
  70   a fault of bartizan itself
  130  interrupted; what was found until then is kept and marked partial"""
INTERNAL_FAULT: Final = 70
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"bartizan: {message}\ntry: {self.prog} --help\n")


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        parsed = parser(arguments).parse_args(arguments)
        return int(parsed.command.run(parsed))
    except BartizanError as error:
        sys.stderr.write(f"bartizan: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("bartizan: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`bartizan … | head`): point stdout elsewhere so that Python's own flush at exit stays silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception:  # noqa: BLE001 - the supervisor of the process: the one place that may catch everything
        import traceback

        traceback.print_exc()
        sys.stderr.write("bartizan: this is a fault of bartizan, not of your input; please report the lines above\n")
        return INTERNAL_FAULT


def parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Build the parser; where ``arguments`` name a command only that one is imported."""
    top = _Parser(
        prog="bartizan",
        description="The security engineer's workbench. Give it a folder of logs and it tells you what happened.",
        epilog=f"examples:\n  bartizan hunt /var/log\n  bartizan hunt evidence.zip --rules sigma/rules --out case-1\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"bartizan {__version__}")
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    names = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    asked = next((argument for argument in arguments if not argument.startswith("-")), "")
    for name in [asked] if asked in names else names:
        _add(subparsers, name)
    return top


def _add(subparsers: argparse._SubParsersAction[_Parser], name: str) -> None:
    module: Command = importlib.import_module(f"{commands.__name__}.{name}")
    epilog = "examples:\n" + "\n".join(f"  {example}" for example in module.EXAMPLES)
    command = subparsers.add_parser(
        name,
        help=module.HELP,
        description=module.__doc__,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=module)
    module.options(command)
