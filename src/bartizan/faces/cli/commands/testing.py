"""Hold an engine to what Sigma says, case by case.

Without --engine our own two are held to it. The protocol is in docs/guide/conformance.md.
"""

from __future__ import annotations

import json
import shlex
import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from bartizan.testing.conformance import Outcome

HELP: Final = "the conformance suite: hold any Sigma engine to the specification"
EXAMPLES: Final = (
    "bartizan testing conformance",
    "bartizan testing conformance --engine './my-engine --stdin' --only 'escapes/*'",
    "bartizan testing conformance --engine 'python -m bartizan.testing.conformance.peers.pysigma_sqlite' --json",
)
OURS: Final = ("fast", "reference")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    suite = actions.add_parser("conformance", help="run the suite", description="Run the cases and print who passes what, by chapter.")
    suite.set_defaults(action=_conformance)
    suite.add_argument(
        "--engine", metavar="CMD", help="a program that answers the protocol; by default our own engines, one after the other"
    )
    suite.add_argument("--only", metavar="PATTERN", default="*", help="cases whose id fits: 'modifiers/*', '*windash*'")
    suite.add_argument("--seconds", type=float, default=10.0, metavar="N", help="what a case may take (default: 10)")
    suite.add_argument("--json", action="store_true", help="print JSON: every case with its outcome")
    engine = actions.add_parser("engine", help="answer the protocol", description="Answer the protocol with one of our engines.")
    engine.set_defaults(action=_engine)
    engine.add_argument("which", choices=OURS, help="the engine of the hunt, or the reference matcher")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions."""
    return int(arguments.action(arguments))


def _conformance(arguments: argparse.Namespace) -> int:
    from bartizan.testing.conformance import Driver, read_cases

    cases = [case for case in read_cases() if fnmatchcase(case.id, arguments.only)]
    if not cases:
        message = f"no case fits '{arguments.only}'; cases are called like modifiers/contains"
        raise UsageError(message)
    outcomes: dict[str, list[Outcome]] = {}
    for name, command in _engines(arguments.engine).items():
        with Driver(command, seconds=arguments.seconds) as driver:
            outcomes[name] = list(driver.run(cases))
    if arguments.json:
        print(json.dumps({name: [_plain(outcome) for outcome in some] for name, some in outcomes.items()}, indent=1))
    else:
        _print(outcomes)
    return int(any(outcome.verdict in {"failed", "error"} for some in outcomes.values() for outcome in some))


def _engines(command: str | None) -> Mapping[str, Sequence[str]]:
    if command is None:
        return {name: [sys.executable, "-m", "bartizan", "testing", "engine", name] for name in OURS}
    try:
        words = shlex.split(command)
    except ValueError as error:
        message = f"--engine: {command}: {error}"
        raise UsageError(message) from error
    if not words:
        message = "--engine: names no program"
        raise UsageError(message)
    return {command: words}


def _plain(outcome: Outcome) -> dict[str, object]:
    case = outcome.case
    told = {"id": case.id, "cites": case.cites, "silent": bool(case.choice), "verdict": outcome.verdict}
    return {**told, "why": outcome.why} if outcome.why else told


def _print(outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    from bartizan.testing.conformance import table

    for name, some in outcomes.items():
        for outcome in some:
            if outcome.verdict != "passed":
                silent = " (where the specification is silent)" if outcome.case.choice else ""
                print(visible(f"{outcome.verdict}: {outcome.case.id}{silent}: {outcome.why}"))
        print(f"\n{visible(name)}\n\n" + "\n".join(table(some)))


def _engine(arguments: argparse.Namespace) -> int:
    from bartizan.testing.conformance.ours import answer
    from bartizan.testing.conformance.serving import serve_standard_streams

    serve_standard_streams(lambda asked: answer(asked, reference=arguments.which == "reference"))
    return 0
