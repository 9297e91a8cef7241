"""Read the identity facts that hunts kept, and choose among them: of one identity, of one kind, at one time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.detect.identities.contract import TABLE, Fact
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

__all__ = ["Chosen", "kept_facts", "kept_files", "rules_in"]

_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which facts are asked for; what is empty or None chooses nothing."""

    of: Sequence[str] = ()
    """Identities, in any case: facts that tie one of them to another."""
    kinds: Sequence[str] = ()
    """Kinds of identity: facts with one of them on either side."""
    rules: Sequence[str] = ()
    at: int | None = None
    """Epoch milliseconds UTC: facts that held then, and those that were last seen before and are not known to have ended."""
    most: int = 0
    """How many to return at most, 0 for all."""


def kept_files(paths: Sequence[str]) -> list[Path]:
    """Return the Parquet files of facts behind some paths: files, or folders that ``hunt --out`` made. InputError where there are none."""
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        files = [path] if path.is_file() else sorted((path / TABLE).glob("*.parquet")) or sorted(path.glob("*.parquet"))
        if not files:
            message = f"{path}: holds no identities; name a folder that `bartizan hunt --out` wrote"
            raise InputError(message)
        found.update(dict.fromkeys(files))
    return list(found)


def kept_facts(files: Sequence[Path], chosen: Chosen) -> tuple[list[Fact], int]:
    """Return the facts of some files that are asked for, in the order of the files, and how many there are of these.

    InputError where a file is none of facts.
    """
    found: list[Fact] = []
    count = 0
    for path in files:
        rows = _rows(path, chosen)
        count += rows.height
        room = rows.height if not chosen.most else max(chosen.most - len(found), 0)
        found += [Fact(**row) for row in rows.head(room).iter_rows(named=True)]
    return found, count


def rules_in(files: Sequence[Path]) -> list[tuple[str, str, str, int]]:
    """Return each rule with facts in some files, the kinds it ties together, and how many facts there are of it."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    rows = pl.concat([_rows(path, Chosen()).select("rule", "left_kind", "right_kind") for path in files])
    return rows.group_by("rule", "left_kind", "right_kind").len().sort("rule").rows()


def _rows(path: Path, chosen: Chosen) -> pl.DataFrame:
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    columns = list(Fact.__slots__)
    try:
        scan = pl.scan_parquet(path)
        missing = [name for name in columns if name not in scan.collect_schema()]
        if missing:
            message = f"{path}: holds no identities: it has no column {', '.join(missing)}"
            raise InputError(message)
        return scan.select(columns).filter(_asked(chosen)).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"{path}: is no Parquet file of identities: {' '.join(str(error).split())[:_SHOWN]}"
        raise InputError(message) from error


def _asked(chosen: Chosen) -> pl.Expr:
    import polars as pl  # noqa: PLC0415 - as above

    asked = pl.lit(value=True)
    if chosen.of:
        wanted = [text.strip("{}").lower() for text in chosen.of]
        asked &= pl.col("left").str.to_lowercase().is_in(wanted) | pl.col("right").str.to_lowercase().is_in(wanted)
    if chosen.kinds:
        asked &= pl.col("left_kind").is_in(chosen.kinds) | pl.col("right_kind").is_in(chosen.kinds)
    if chosen.rules:
        asked &= pl.col("rule").is_in(chosen.rules)
    if chosen.at is not None:
        asked &= (pl.col("valid_from") <= chosen.at) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= chosen.at))
    return asked
