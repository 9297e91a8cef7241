"""Judge what others put into a lake, as it comes: on this machine, or on the cluster that --engine names.

What is found is kept in the folder of the state and put into the lake itself, each once, whatever is killed in between; and printed
when it is made, one OCSF Detection Finding per line. Without a state all that the lake holds is judged first.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake
from bartizan.faces.cli.workers import add_workers, workers

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from bartizan.detect.stored.following import LakeFollower
    from bartizan.detect.watch.watcher import Piece
    from bartizan.lake.engines.contract import Engine

ACTION: Final = "follow"
HELP: Final = "judge what others put into a lake, as it comes"
LEVELS: Final = ("informational", "low", "medium", "high", "critical")
_NANO: Final = 1_000_000_000


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument(
        "--state", type=Path, required=True, metavar="DIR", help="the folder of what is known: findings, how far all is judged"
    )
    parser.add_argument(
        "--engine", default="local", metavar="ENGINE", help="local (the default), spark://HOST:PORT, sc://HOST:PORT or sail"
    )
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="Sigma rules, as for hunt; repeatable")
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[0], help="run rules of this level and above")
    parser.add_argument(
        "--lateness", type=float, default=300.0, metavar="SECONDS", help="how long correlations wait for late records (300)"
    )
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="how often to look for what came (10)")
    parser.add_argument("--once", action="store_true", help="judge what is there, and end")
    parser.add_argument("--from-now", action="store_true", help="where there is no state: pass over what the lake holds already")
    parser.add_argument("--quiet", action="store_true", help="print no findings")
    add_workers(parser)


def run(arguments: argparse.Namespace) -> int:
    """Follow."""
    from contextlib import closing

    from bartizan import workbench
    from bartizan.detect.hunt.setup import rules_for
    from bartizan.detect.stored.following import LakeFollower
    from bartizan.detect.watch.places import Places
    from bartizan.detect.watch.storing import LakeKeeper
    from bartizan.lake.engines.opening import open_engine
    from bartizan.lake.opening import open_lake

    places = Places(root=arguments.state)
    node = places.node
    request = workbench.watch_request(arguments.rules, arguments.state, workbench.Asked(level=arguments.level))
    with open_lake(arguments.lake) as lake, open_engine(arguments.engine, workers=workers(arguments)) as engine:
        keeper = LakeKeeper(arguments.lake, node=f"follow-{node}")
        follower = LakeFollower(lake, rules_for(request), request, places, lateness=int(arguments.lateness * _NANO))
        with closing(follower):
            for name in follower.anew:
                sys.stderr.write(f"bartizan: correlation {name} was changed and begins anew\n")
            if arguments.from_now and not follower.begun:
                follower.skip()

            def tell(piece: Piece) -> None:
                keeper.keep_findings(follower.ledger, follower.ledger)
                if not arguments.quiet:
                    sys.stdout.buffer.write(b"".join(alert.line + b"\n" for alert in piece.alerts))
                    sys.stdout.buffer.flush()

            keeper.keep_findings(follower.ledger, follower.ledger)
            _follow(follower, engine, tell, every=None if arguments.once else arguments.every)
    return 0


def _follow(follower: LakeFollower, engine: Engine, tell: Callable[[Piece], None], *, every: float | None) -> None:
    """Judge what comes until interrupted; ``every`` None: what is there."""
    idle = 0.0
    while True:
        piece = follower.step(engine)
        if piece is not None:
            idle = 0.0
        elif every is None:
            return
        else:
            time.sleep(every)
            idle += every
            piece = follower.rest(int(idle * _NANO))
        if piece is not None:
            tell(piece)
