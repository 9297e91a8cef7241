"""A million indicators against twenty million observables, beside the same join in DuckDB."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from bartizan.detect.hunt.setup import rest_collector
from bartizan.detect.indicators.contract import Indicator, Kind
from bartizan.detect.indicators.index import Index, Keys
from bartizan.detect.indicators.values import normal
from benchmarks.result import Result, skipped

INDICATORS, OBSERVABLES = 1_000_000, 20_000_000
DISTINCT = 0.02
"""Of the observables, as many are distinct: 1.4 to 2.2 in a hundred cells are in the field data."""
SHARED = 20
"""One of so many distinct observables is an indicator."""
BATCH = 2_000_000
TRIES = 3


def measure() -> Result:
    """Measure the join that the hunt makes, on columns of distinct values and codes, and on observables that are all distinct."""
    try:
        import duckdb
    except ImportError:
        return skipped("indicators", "duckdb is not installed")
    random = np.random.default_rng(7)
    listed, built = _texts(np.arange(INDICATORS)), _memory()
    index, build = _built(listed)
    distinct = int(OBSERVABLES * DISTINCT)
    numbers = np.arange(distinct) * SHARED % (INDICATORS * SHARED)
    numbers[distinct // SHARED :] += INDICATORS + 1
    values = _texts(random.permutation(numbers))
    codes = (distinct * random.random(OBSERVABLES) ** 2).astype(np.int32)
    pairs = [_pair(text) for text in values.to_list()]
    normalising = _normalising(pairs)
    ours = min(_ours(index, pairs, codes) for _ in range(TRIES))
    unique = _texts(random.permutation(np.arange(OBSERVABLES) + INDICATORS - INDICATORS // SHARED))
    keys = Keys(listed.to_list())
    ours_unique = min(_keys(keys, unique) for _ in range(TRIES))
    held = _memory() - built
    peer, peer_unique = _peers(duckdb.connect(), listed, (values.gather(codes), unique))
    if ours[2] != peer[2] or ours_unique[2] != peer_unique[2]:
        return skipped("indicators", f"the joins disagree: {ours[2]} and {peer[2]}, {ours_unique[2]} and {peer_unique[2]} matches")
    details: dict[str, object] = {
        "matches": f"{ours[2]:,} of {OBSERVABLES:,} observables, {distinct:,} distinct",
        "wall seconds": f"{ours[1]:.3f}, DuckDB {peer[1]:.3f}",
        "all distinct, equal values, CPU seconds": f"{ours_unique[0]:.3f}, DuckDB {peer_unique[0]:.3f}",
        "all distinct, wall seconds": f"{ours_unique[1]:.3f}, DuckDB {peer_unique[1]:.3f}; {ours_unique[2]:,} matches",
        "names above a domain, networks": "looked for too in the first figure; DuckDB joins equal values only",
        "bringing the distinct observables into their normal form": f"{normalising:.2f} CPU seconds, before either join",
        "building the index": f"{build:.2f} CPU seconds, most memory {held:,.0f} MiB with the observables",
    }
    return Result(
        name="indicators",
        figure=ours[0],
        unit="CPU seconds",
        bar=peer[0],
        higher=False,
        peer="DuckDB, hash join of the same values, 2 threads",
        peer_figure=peer[0],
        ratio=peer[0] / ours[0],
        ratio_bar=1.0,
        details=details,
    )


def _texts(numbers: np.ndarray) -> pl.Series:
    """Return a value of some kind for each number: addresses, domains, URLs and hashes in turn."""
    frame = pl.DataFrame({"n": numbers.astype(np.int64)})
    n = pl.col("n")
    mixed = (n * 2_654_435_761) % (1 << 32)
    word = mixed.cast(pl.String).str.zfill(10)
    address = pl.concat_str([(n // 4 // (1 << shift) % 256).cast(pl.String) for shift in (24, 16, 8, 0)], separator=".")
    return frame.select(
        pl.when(n % 4 == 0)
        .then(pl.lit("i") + pl.lit("2") + address)
        .when(n % 4 == 1)
        .then(pl.lit("d") + word + pl.lit(".host.example"))
        .when(n % 4 == 2)  # noqa: PLR2004 - of four
        .then(pl.lit("uhttp://") + word + pl.lit(".example/a/") + n.cast(pl.String))
        .otherwise(pl.lit("h") + (word + n.cast(pl.String).str.zfill(10)).str.replace_all("-", "0").str.pad_start(64, "a"))
    ).to_series()


def _pair(text: str) -> tuple[Kind, str]:
    return {"i": Kind.IP, "d": Kind.DOMAIN, "u": Kind.URL, "h": Kind.HASH}[text[0]], text[1:]


def _built(listed: pl.Series) -> tuple[Index, float]:
    """Build the index as a hunt does, which looks for reference cycles seldom."""
    rest_collector()
    begin = time.process_time()
    index = Index([Indicator(*_pair(text), "bench", "bench", row) for row, text in enumerate(listed.to_list())])
    return index, time.process_time() - begin


def _normalising(pairs: list[tuple[Kind, str]]) -> float:
    begin = time.process_time()
    for kind, value in pairs:
        normal(kind, value)
    return time.process_time() - begin


def _ours(index: Index, pairs: list[tuple[Kind, str]], codes: np.ndarray) -> tuple[float, float, int]:
    """Match distinct values, then find the rows that hold them: CPU seconds, wall seconds, matches."""
    cpu, wall = time.process_time(), time.perf_counter()
    met = np.zeros(len(pairs), np.bool_)
    met[list(index.match(pairs))] = True
    rows = int(np.count_nonzero(met[codes]))
    return time.process_time() - cpu, time.perf_counter() - wall, rows


def _keys(keys: Keys, asked: pl.Series) -> tuple[float, float, int]:
    cpu, wall = time.process_time(), time.perf_counter()
    found = sum(len(keys.find(asked.slice(begin, BATCH))[0]) for begin in range(0, len(asked), BATCH))
    return time.process_time() - cpu, time.perf_counter() - wall, found


def _peers(base: object, listed: pl.Series, observed: tuple[pl.Series, ...]) -> list[tuple[float, float, int]]:
    """Join each of several tables of observables with the indicators."""
    base.execute("SET threads = 2")  # type: ignore[attr-defined]  # a connection
    with tempfile.TemporaryDirectory() as folder:
        _table(base, folder, "indicators", listed)
        found = []
        for number, values in enumerate(observed):
            _table(base, folder, f"observables_{number}", values)
            found.append(min(_peer(base, f"observables_{number}") for _ in range(TRIES)))
        return found


def _table(base: object, folder: str, name: str, values: pl.Series) -> None:
    path = Path(folder) / f"{name}.parquet"
    pl.DataFrame({"value": values}).write_parquet(path)
    base.execute(f"CREATE TABLE {name} AS SELECT value FROM read_parquet('{path}')")  # type: ignore[attr-defined]  # a connection
    path.unlink()


def _peer(base: object, table: str) -> tuple[float, float, int]:
    cpu, wall = time.process_time(), time.perf_counter()
    [found] = base.execute(f"SELECT count(*) FROM {table} JOIN indicators USING (value)").fetchone()  # type: ignore[attr-defined]  # as above
    return time.process_time() - cpu, time.perf_counter() - wall, found


def _memory() -> float:
    """Return the most memory held so far, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
