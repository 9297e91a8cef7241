"""Simulate a company's day with an intrusion in it, hunt through it with our own content, and score the result.

The truth of the day stands beside the logs and is not read by the hunt. The score says what was missed and what was a
false alarm.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from bartizan.simulate.score import Score

HELP: Final = "simulate a day with an intrusion, hunt through it, and score the result"
EXAMPLES: Final = ("bartizan demo", "bartizan demo --out demo-out --seed 11 --json")
MARK: Final = ".bartizan-demo"
"""Only a folder that a demo made is emptied for the next one."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--out", type=Path, default=Path("demo-out"), metavar="DIR", help="folder for logs and results (default: demo-out)")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another day (default: 7)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes to use (default: one per processor)")
    parser.add_argument("--json", action="store_true", help="print only the score, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Simulate, hunt, score."""
    import json

    from bartizan import workbench

    _make_way(arguments.out)
    began = time.monotonic()
    workers = workbench.default_workers() if arguments.workers is None else arguments.workers
    with workbench.demo(arguments.out, seed=arguments.seed, workers=workers) as demo:
        if arguments.json:
            print(json.dumps(_plain(demo.score), indent=1))
            return 0
        from bartizan.faces.cli import outputs

        outputs.keep(demo.hunt, arguments.out / "result")
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
