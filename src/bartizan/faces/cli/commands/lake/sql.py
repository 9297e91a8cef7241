"""Answer one SELECT of DuckDB's SQL over the tables of a lake.

It runs in a process of its own that can only read the files named by the options, for so long, in so much memory. Columns
have the names of OCSF: process.cmd_line, device.hostname. `bartizan lake status` lists the tables.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.faces.cli.lakes import add_lake, add_part, part

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

ACTION: Final = "sql"
HELP: Final = "answer one SELECT"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("query", metavar="SELECT", help="one SELECT")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="what $NAME in the query stands for; repeatable")
    parser.add_argument("--max-rows", type=int, default=1_000, metavar="N", help="rows at most (default: 1000)")
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS", help="for how long it may run (default: 60)")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--ndjson", action="store_true", help="one JSON object per row")
    shape.add_argument("--csv", action="store_true", help="CSV, safe to open in a spreadsheet")
    add_part(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer."""
    from bartizan.explain.lakes import answer_csv, answer_lines
    from bartizan.lake.opening import open_lake

    params = _params(arguments.param)
    with open_lake(arguments.lake) as lake:
        over = part(lake, arguments)
        answer = lake.sql(arguments.query, params, over=over, timeout=arguments.timeout, max_rows=arguments.max_rows)
    if arguments.ndjson:
        for row in answer.rows:
            print(json.dumps(dict(zip(answer.columns, row, strict=True)), default=str))
    elif arguments.csv:
        print("".join(answer_csv(answer)), end="")
    else:
        print("\n".join(answer_lines(answer)))
    return 0


def _params(words: Sequence[str]) -> dict[str, object]:
    params: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            message = f"--param {word}: write NAME=VALUE"
            raise UsageError(message)
        params[name] = int(value) if value.lstrip("-").isdecimal() else value
    return params
