"""Judge what the lake holds by the rules as they are now; findings that are not there yet are kept and told like any other."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "backfill"
HELP: Final = "apply the rules to history"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    from bartizan.faces.cli.workers import add_workers

    parser.add_argument("file", type=Path, metavar="FILE", help="the settings of the server")
    parser.add_argument("--since", required=True, metavar="TIME", help="judge records from this time on: 30d, 2026-11-23")
    add_workers(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look back."""
    from contextlib import closing

    from bartizan import workbench
    from bartizan.detect.retro.backfill import backfill
    from bartizan.detect.watch.ledger import Ledger
    from bartizan.errors import UsageError
    from bartizan.faces.cli.times import moment
    from bartizan.faces.cli.workers import workers
    from bartizan.faces.server.assembling import places_of
    from bartizan.faces.server.settings import read_settings

    settings = read_settings(arguments.file)
    lake: Path | None = settings["lake"].value
    if lake is None:
        message = f"{arguments.file}: there is no lake to look back through: name one as `lake`"
        raise UsageError(message)
    asked = workbench.Asked(level=settings["level"].value)
    request = workbench.watch_request(settings["rules"].value, settings["state"].value, asked)
    places = places_of(settings)
    with closing(Ledger(places.ledger, places.node)) as ledger:
        since = moment(arguments.since, time.time_ns(), UTC)
        print(backfill(lake, replace(request, since=since), ledger, workers=workers(arguments)))
    return 0
