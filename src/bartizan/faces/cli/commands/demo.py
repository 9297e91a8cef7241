"""Simulate a company's day with an intrusion in it, hunt through it with our own content, and score the result.

The truth of the day stands beside the logs and is not read by the hunt. The score says what was missed and what was a
false alarm.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.faces.cli.workers import add_workers, workers

if TYPE_CHECKING:
    import argparse

    from bartizan.simulate.score import Score

HELP: Final = "simulate a day with an intrusion, hunt through it, and score the result"
EXAMPLES: Final = ("bartizan demo", "bartizan demo --out demo-out --seed 11 --json")
MARK: Final = ".bartizan-demo"
"""Only a folder that a demo made is emptied for the next one."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--out", type=Path, default=Path("demo-out"), metavar="DIR", help="folder for logs and results (default: demo-out)")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another day (default: 7)")
    parser.add_argument("--events", type=int, default=220_000, metavar="N", help="about how many events (default: 220000)")
    add_workers(parser)
    parser.add_argument("--json", action="store_true", help="print only the score, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Simulate, hunt, score."""
    from bartizan import workbench

    _make_way(arguments.out)
    began = time.monotonic()
    with workbench.demo(arguments.out, seed=arguments.seed, workers=workers(arguments), events=arguments.events) as demo:
        if demo.hunt.outcome.partial:
            # A score of half a hunt would say that what was not read was missed.
            raise KeyboardInterrupt
        if arguments.json:
            print(json.dumps(_plain(demo.score), indent=1))
            return 0
        from bartizan.faces.cli import outputs

        outputs.show_story(demo.hunt)
        print(f"\nThe truth of this day, which the hunt did not see ({demo.truth.events:,} events):")
        print("\n".join(f"  {line}" for line in demo.score.lines()))
        print(f"\n{time.monotonic() - began:.0f} seconds. Open {arguments.out / 'result' / 'report.html'}")
    return 0


def _make_way(out: Path) -> None:
    if out.exists():
        if not (out / MARK).exists():
            message = f"{out}: is there and no demo made it; name another folder with --out"
            raise UsageError(message)
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).touch()
    sys.stderr.write(f"simulating a company's day in {out / 'logs'} …\n")


def _plain(score: Score) -> dict[str, object]:
    shares = {name: getattr(score, name) for name in ("actions", "techniques", "tactics", "findings", "groups")}
    told: dict[str, object] = {name: {"part": share.part, "whole": share.whole} for name, share in shares.items()}
    return {**told, "missed": [action.id for action in score.missed], "false_findings": dict(score.causes)}
