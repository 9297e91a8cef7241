"""The collecting room's own sources read what the simulation writes: nothing unparsed but the garbage put in on purpose."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import pytest
from tests.simulate.framing import files, head, records

from bartizan.collect import sources
from bartizan.collect.contract import Context, Source
from bartizan.schema.columns import ABSENT
from bartizan.schema.expressions import evaluate

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.simulate import Truth

KINDS = {
    "windows": "*.ndjson*",
    "cloudtrail": "*.json.gz",
    "linux-auth": "auth.log*",
    "linux-audit": "audit.log*",
    "nginx": "access.log*",
    "zeek": "*.log*",
}
NANOSECONDS = 10**9
DAY_BEGINS, DAY_ENDS = 1_773_100_800, 1_773_187_200
WRONG_CLOCK, NO_ZONE = 11_245, 3600


@cache
def every_source() -> tuple[Source, ...]:
    names = (entry.name for entry in walk_packages(sources.__path__, f"{sources.__name__}."))
    held = (getattr(import_module(name), "SOURCE", None) for name in names)
    return tuple(source for source in held if isinstance(source, Source))


def taken_by(raws: list[bytes]) -> Source | None:
    sample = raws[:64]
    best = max(every_source(), key=lambda source: source.recognise(sample), default=None)
    return best if best is not None and best.recognise(sample) > len(sample) // 2 else None


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_reads_all_but_the_garbage_and_tells_the_time_of_each(small_day: tuple[Path, Truth], kind: str) -> None:
    root, truth = small_day
    for path in files(root, kind.partition("-")[0]):
        if not path.match(KINDS[kind]):
            continue
        raws = records(path)
        source = taken_by(raws)
        if source is None:
            pytest.skip(f"no source takes {path.name} yet")
        parsed = source.parse(raws, Context(head=head(path), modified=path.stat().st_mtime))
        garbage = truth.files[str(path.relative_to(root))].garbage
        assert len(parsed.unparsed) <= garbage, (path.name, list(parsed.unparsed.items())[:3])
        assert sum(len(part.rows) for part in parsed.parts) + len(parsed.unparsed) == len(raws)
        for part in parsed.parts:
            times = evaluate(part.route.ocsf, part.frame).column("time").cells()
            early = [time for time in times if time is ABSENT or not isinstance(time, int) or time < (DAY_BEGINS - NO_ZONE) * NANOSECONDS]
            late = [time for time in times if isinstance(time, int) and time > (DAY_ENDS + WRONG_CLOCK) * NANOSECONDS]
            assert (early, late) == ([], []), (path.name, part.route.name)
