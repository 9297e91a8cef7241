"""Read the labelled alerts of AIT-ADS as findings, and rank them as a peer does."""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from bartizan.detect.alerts.contract import RuleFacts, Subject
from bartizan.detect.alerts.ledger import SPAN, Portion
from bartizan.schema.entities import Entity, EntityKind
from benchmarks.result import FIELD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

ARCHIVE: Final = FIELD / "ait-ads" / "alerts_csv.zip"
NANO: Final = 1_000_000_000
DAY_SPANS: Final = 288

Line = tuple[str, str, int]
"""A rule on a host in one span."""


@dataclass(frozen=True)
class Ranked:
    """Groups in the order in which they would be read, each as its lines."""

    groups: Sequence[Sequence[Line]]

    def reached(self, steps: dict[Line, set[str]], top: int) -> float:
        """Return the share of steps that the first groups hold a finding of."""
        every = set().union(*steps.values())
        return len({step for group in self.groups[:top] for line in group for step in steps.get(line, ())}) / len(every)

    def precision(self, steps: dict[Line, set[str]], top: int) -> float:
        """Return the share of the lines of the first groups that hold a finding of the attack."""
        lines = [line for group in self.groups[:top] for line in group]
        return sum(line in steps for line in lines) / max(1, len(lines))


def read(text: bytes) -> pl.DataFrame:
    """Return the alerts of a scenario, one per row."""
    import polars as pl

    return pl.read_csv(io.BytesIO(text)).with_row_index("row")


def portion_of(frame: pl.DataFrame) -> Portion:
    """Return alerts as findings for the ledger."""
    subjects = frame.select("name", "host").unique(maintain_order=True).with_row_index("code")
    codes = frame.join(subjects, on=["name", "host"], how="left", maintain_order="left")["code"].to_numpy().astype(np.int64)
    entities = [Entity(EntityKind.HOST, host) for host in subjects["host"]]
    made = [Subject(name, ((entity.kind.value, entity.value),), (entity,)) for name, entity in zip(subjects["name"], entities, strict=True)]
    digests = b"".join(hashlib.sha256(b"%d" % row).digest()[:16] for row in frame["row"])
    uids = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    rules = [RuleFacts(name, name) for name in subjects["name"].unique()]
    return Portion(frame["time"].to_numpy() * NANO, codes, uids, made, rules)


def steps_of(frame: pl.DataFrame) -> dict[Line, set[str]]:
    """Return the steps of the attack that each line holds a finding of."""
    import polars as pl

    found: defaultdict[Line, set[str]] = defaultdict(set)
    marked = frame.filter(pl.col("event_label") != "-").select("name", "host", span_of(), "event_label").unique()
    for name, host, span, step in marked.iter_rows():
        found[name, host, span].add(step)
    return dict(found)


def span_of() -> pl.Expr:
    """Return the span of an alert."""
    import polars as pl

    return (pl.col("time") // (SPAN // NANO)).alias("span")


def risk_per_entity(frame: pl.DataFrame) -> Ranked:
    """Group by host and day, the most distinct rules first."""
    return ranked_by(frame, lambda line: (line[1], line[2] // DAY_SPANS), lambda lines: len({line[0] for line in lines}))


def ranked_by(frame: pl.DataFrame, key: Callable[[Line], object], worth: Callable[[dict[Line, int]], int]) -> Ranked:
    """Group alerts by something of their line, and rank the groups by what they are worth."""
    groups: defaultdict[object, dict[Line, int]] = defaultdict(dict)
    for name, host, span, count in frame.group_by("name", "host", span_of()).len().iter_rows():
        groups[key((name, host, span))][name, host, span] = count
    return Ranked([list(lines) for _, lines in sorted(groups.items(), key=lambda item: (-worth(item[1]), repr(item[0])))])
