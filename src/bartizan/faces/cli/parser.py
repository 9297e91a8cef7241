"""Build the parser of the command line from the modules of ``commands/``; guess what a mistyped word was meant to be."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NoReturn

from bartizan.faces.cli import commands
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.faces.cli.contract import Command

__all__ = ["build"]

EXIT_CODES: Final = """exit codes:
  0    clean: everything was read, nothing found at or above --fail-on
  1    findings at or above --fail-on; a check that failed
  2    usage: wrong options, a path or rule that is not there
  3    done, but part of the input could not be read (see the balance)
  4    a result could not be written
  70   a fault of bartizan itself
  130  interrupted; what was found until then is kept and marked partial"""
_CHOICE: Final = re.compile(r"invalid choice: (['\"])(?P<word>.*?)\1 \(choose from (?P<choices>.*)\)", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are two lines: what is wrong, and what to do."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - passed on as argparse defines them
        """Take every option only in full: a shortened one would change its meaning with the next release."""
        super().__init__(**settings, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.set_defaults(parser=self)

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        from bartizan.explain.text import visible

        match = _CHOICE.search(message)
        hint = _meant(match["word"], (choice.strip(" '\"") for choice in match["choices"].split(","))) if match else ""
        self.exit(2, f"bartizan: {visible(message)}{hint}\ntry: {self.prog} --help\n")

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse; an option that does not exist is reported by the command that was given it."""
        parsed, rest = self.parse_known_args(arguments)
        if rest:
            parsed.parser.refuse(rest)
        return parsed

    def refuse(self, words: Sequence[str]) -> NoReturn:
        """End because of words that nobody asked for."""
        word = next((word for word in words if word.startswith("-")), words[0]).partition("=")[0]
        what = "option" if word.startswith("-") else "argument"
        self.error(f"{self.prog.removeprefix('bartizan ')} has no {what} '{word}'{_meant(word, self._option_string_actions)}")


def build(arguments: Sequence[str] = ()) -> Parser:
    """Build the parser; where ``arguments`` name a command only that one is imported."""
    top = Parser(
        prog="bartizan",
        description="The security engineer's workbench. Give it a folder of logs and it tells you what happened.",
        epilog=f"examples:\n  bartizan hunt /var/log\n  bartizan hunt evidence.zip --rules sigma/rules --out case-1\n\n{EXIT_CODES}",
    )
    top.add_argument("--version", action="version", version=f"bartizan {__version__}")
    top.set_defaults(whole=build)
    subparsers = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    names = sorted(module.name for module in pkgutil.iter_modules(commands.__path__))
    asked = next((argument for argument in arguments if not argument.startswith("-")), "")
    for name in [asked] if asked in names else names:
        _add(subparsers, name)
    return top


def _add(subparsers: argparse._SubParsersAction[Parser], name: str) -> None:
    module: Command = importlib.import_module(f"{commands.__name__}.{name}")
    epilog = "examples:\n" + "\n".join(f"  {example}" for example in module.EXAMPLES)
    command = subparsers.add_parser(name, help=module.HELP, description=module.__doc__, epilog=epilog)
    command.set_defaults(command=module)
    module.options(command)


def _meant(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
