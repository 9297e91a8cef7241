"""Look back: judge the records of a lake by rules that came later, and read only what they could fire on.

What a rule must find is looked up first, in the index of the lake and in single columns of its files; the engine of `bartizan hunt`
then judges the raw text of the records that are left. It finds what a hunt through the whole lake would. A rule that says nothing
that can be looked up, or a correlation that asks for what is absent, has every record of its kind read.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.times import moment
from bartizan.faces.cli.workers import add_workers, workers

if TYPE_CHECKING:
    import argparse

HELP: Final = "judge a lake's records by new rules"
EXAMPLES: Final = (
    "bartizan retro --rules new-rule.yml --lake records",
    "bartizan retro --rules new-rules/ --lake records --since 90d --ndjson",
)
CLEAN, FOUND, INTERRUPTED = 0, 1, 130


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "--rules", action="append", required=True, metavar="PACK", help="Sigma rules: a file, folder, zip or git checkout; repeatable"
    )
    parser.add_argument("--lake", required=True, type=Path, metavar="LAKE", help="the folder of the lake")
    parser.add_argument("--since", metavar="TIME", help="judge records from this time on: 2026-11-23T08:00 (UTC), or 36h")
    parser.add_argument("--until", metavar="TIME", help="judge records before this time")
    parser.add_argument(
        "--whole", action="store_true", help="read every record: also what an older version understood otherwise when it was stored"
    )
    parser.add_argument("--ndjson", action="store_true", help="print one OCSF Detection Finding per line")
    parser.add_argument("--fail-on-match", action="store_true", help="exit with 1 if something was found")
    parser.add_argument(
        "--engine", default="local", metavar="ENGINE", help="what judges: local (the default), spark://HOST:PORT, sc://HOST:PORT"
    )
    add_workers(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look back."""
    from contextlib import closing

    from bartizan import workbench
    from bartizan.detect.hunt.run import Means
    from bartizan.detect.hunt.setup import judge_for, rest_collector, rules_for
    from bartizan.detect.hunt.spool import Spool
    from bartizan.explain.retro import looked_line, retro_lines
    from bartizan.lake.opening import open_lake

    rest_collector()
    now = time.time_ns()
    since, until = (None if text is None else moment(text, now, UTC) for text in (arguments.since, arguments.until))
    request = workbench.request_of(workbench.Asked(since=since, until=until, now=now), arguments.rules, records=False)
    rules = rules_for(request)
    with open_lake(arguments.lake) as lake, closing(Spool()) as spool:
        from bartizan.detect.retro.run import Back, look_back  # needs the extra, which opening the lake has looked for
        from bartizan.lake.engines.opening import open_engine  # as above

        means = Means(judge=judge_for(request, rules), rules=rules, spool=spool)
        with open_engine(arguments.engine, workers=workers(arguments)) as engine:
            back = Back(lake, lake.listed(start=since, end=until), engine, arguments.whole)
            outcome, looked = look_back(back, request, rules, means)
        if arguments.ndjson:
            sys.stdout.flush()
            for block in spool.blocks():
                sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
            sys.stderr.write(f"bartizan: {looked_line(outcome, looked)}\n")
        else:
            print("\n".join([*retro_lines(outcome), looked_line(outcome, looked)]))
    if outcome.partial:
        return INTERRUPTED
    return FOUND if arguments.fail_on_match and outcome.findings else CLEAN
