"""Hunt through a lake that a path names, on the engine that an address names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.errors import UsageError
from bartizan.lake.opening import is_lake, open_lake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.detect.contract import Outcome
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Means

__all__ = ["hunt_stored"]


def hunt_stored(paths: Sequence[str | Path], engine: str, request: Request, means: Means) -> Outcome:
    """Judge what a lake holds of the time that the request names. UsageError where the paths are not one lake."""
    from bartizan.detect.stored.run import run_stored  # noqa: PLC0415 - imports polars: every hunt imports this module, few have an engine
    from bartizan.lake.engines.opening import open_engine  # noqa: PLC0415 - as above

    lakes = [path for path in paths if is_lake(Path(path))]
    if len(paths) != 1 or not lakes:
        message = f"--engine {engine}: name one lake and nothing else: an engine reads the files of a lake"
        raise UsageError(message)
    with open_lake(Path(paths[0])) as lake:
        over = lake.snapshot(start=request.since, end=request.until)
    with open_engine(engine, workers=means.workers) as opened:
        return run_stored(over, opened, request, means)
