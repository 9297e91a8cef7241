"""Give results as polars frames, for people who go on in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bartizan.explain.summary import verdicts as shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from bartizan.detect.contract import Outcome

__all__ = ["balance", "findings", "verdicts"]


def findings(lines: Iterable[bytes]) -> pl.DataFrame:
    """Return one row per finding, in the order in which they were found; ``lines`` are OCSF Detection Findings as JSON."""
    import polars as pl  # noqa: PLC0415 - loaded by who asks for a frame

    schema: dict[str, Any] = {
        "time": pl.Datetime("ms", "UTC"),
        "rule_id": pl.String,
        "title": pl.String,
        "level": pl.String,
        "severity_id": pl.Int64,
        "record_id": pl.String,
        "path": pl.String,
        "record": pl.Int64,
        "raw": pl.String,
        "finding_uid": pl.String,
        "finding": pl.String,
    }
    rows = [_row(line) for line in lines]
    columns = dict(zip(schema, zip(*rows, strict=True), strict=True)) if rows else {}
    clock = pl.Series("time", columns.pop("time", ()), dtype=pl.Int64).cast(schema.pop("time"))
    return pl.DataFrame({name: columns.get(name, ()) for name in schema}, schema=schema).insert_column(0, clock)


def balance(outcome: Outcome) -> pl.DataFrame:
    """Return one row per file."""
    import polars as pl  # noqa: PLC0415 - loaded by who asks for a frame

    counts = ("read", "stored", "unparsed", "duplicate", "bytes")
    columns: dict[str, list[Any]] = {name: [getattr(file, name) for file in outcome.balance] for name in ("path", "source", *counts)}
    columns["problems"] = [list(file.problems) for file in outcome.balance]
    types: dict[str, Any] = {"path": pl.String, "source": pl.String, **dict.fromkeys(counts, pl.Int64), "problems": pl.List(pl.String)}
    return pl.DataFrame(columns, schema=types)


def verdicts(outcome: Outcome) -> pl.DataFrame:
    """Return one row per rule document, refused ones last."""
    import polars as pl  # noqa: PLC0415 - loaded by who asks for a frame

    names = ("id", "title", "level", "path", "logsource", "verdict", "reason")
    rows = shown(outcome.verdicts, outcome.refused)
    return pl.DataFrame(rows, schema={**dict.fromkeys(names, pl.String), "findings": pl.Int64}).rename({"id": "rule_id"})


def _row(line: bytes) -> tuple[object, ...]:
    found = msgspec.json.decode(line)
    evidence = found["evidences"][0]
    origin = evidence["data"]["origin"]
    analytic = found["finding_info"]["analytic"]
    return (
        found["time"],
        analytic["uid"],
        analytic["name"],
        found["severity"].lower(),
        found["severity_id"],
        evidence["uid"],
        origin["path"],
        origin["record"],
        evidence["data"]["raw_data"],
        found["finding_info"]["uid"],
        line.decode(),
    )
