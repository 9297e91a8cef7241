"""Make a lake of many records of processes and connections, the same each time, and keep it for the next run.

The raw records are events of Sysmon as flat JSON, and the columns what its mapping makes of them, as far as they are filled.
The values repeat as those of a company do: 2,000 hosts, 5,000 users, 3,000 programs, 300,000 addresses of which few are met
often; ids, and most command lines, are met once. Each append holds a million records of one day, which is what maintenance
makes of the small files of a day.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from bartizan.collect.catalogue import catalogue
from bartizan.lake.declared import declare
from bartizan.lake.delta.appending import Sheet, append_frames
from bartizan.lake.opening import make_lake
from bartizan.lake.policy import Policy
from bartizan.lake.table import Builder

if TYPE_CHECKING:
    from numpy.random import Generator

    from bartizan.lake.delta.lake import DeltaLake

__all__ = ["DAY", "DAYS", "FIRST", "NEEDLE", "RARE", "lake_of", "rows_asked"]

DAY: Final = 86_400_000
FIRST: Final = 1_772_323_200_000
"""2026-03-01, epoch milliseconds."""
DAYS: Final = 10
RARE: Final = "203.0.113.9"
"""An address met three times in all."""
NEEDLE: Final = "Invoke-Nightfall"
"""Text in three command lines of the last day."""
_BATCH: Final = 1_000_000
_PROVIDER: Final = "Microsoft-Windows-Sysmon"
_PROCESSES: Final = 0.6
_UNMERGED: Final = 4
"""Files of the index, from which on it is maintained as a lake in use is."""
_WORDS: Final = ("update", "backup", "sync", "report", "index", "build", "check", "fetch", "render", "export")


def rows_asked() -> int:
    """Return how many records the lake shall have: ``BARTIZAN_BENCH_ROWS``, else 50 million."""
    return int(os.environ.get("BARTIZAN_BENCH_ROWS", "50_000_000"))


def lake_of(rows: int) -> DeltaLake:
    """Open the lake of so many records; what of it is missing is made."""
    root = Path(os.environ.get("BARTIZAN_BENCH_FOLDER", tempfile.gettempdir())) / f"bartizan-bench-sysmon-lake-{rows}"
    lake = make_lake(root, declare(route.ocsf for source in catalogue().sources for route in source.routes))
    schemas = {name: Builder(lake.tables[name]).build([]).schema for name in ("process_activity", "network_activity")}
    batches = max(1, rows // _BATCH)
    for number in range(batches):
        name = ("bench", f"batch-{number}")
        append_frames(
            lake.stores,
            (Sheet(table, _nested(flat, schemas[table]), frozenset()) for table, flat in _batch(number, batches, rows // batches)),
            name,
        )
    if len(lake.stores.index.files()[1]) >= _UNMERGED:
        lake.maintain(Policy())
    return lake


def _batch(number: int, batches: int, rows: int) -> list[tuple[str, dict[str, pl.Series]]]:
    random = np.random.default_rng(number)
    day = number * DAYS // batches
    processes = int(rows * _PROCESSES)
    last = number == batches - 1
    return [
        ("process_activity", _processes(random, day, processes, last=last)),
        ("network_activity", _connections(random, day, rows - processes, last=last)),
    ]


def _processes(random: Generator, day: int, rows: int, *, last: bool) -> dict[str, pl.Series]:
    flat = _every(random, day, rows, 1007)
    user = _picked(random, "user", 5_000, rows)
    image = _picked(random, "C:\\Program Files\\Vendor\\program", 3_000, rows, ".exe")
    word = pl.Series(_WORDS).gather(random.integers(0, len(_WORDS), rows))
    tail = pl.Series(random.integers(0, rows, rows).astype("U"))
    line = pl.select(pl.format('"{}" --{} /id:{} --config C:\\ProgramData\\Vendor\\settings-{}.json', image, word, tail, tail)).to_series()
    if last:
        texts = line.to_list()
        for row in range(3):
            texts[row * 1000 + 7] = f"powershell.exe -NoProfile -Command {NEEDLE} -Target db{row}"
        line = pl.Series(texts)
    digest = _hashes(random, rows)
    flat |= {
        "actor.user.name": user,
        "process.pid": pl.Series(random.integers(4, 60_000, rows)),
        "process.name": image.str.split("\\").list.last(),
        "process.file.path": image,
        "process.cmd_line": line,
        "process.uid": _ids(random, rows),
    }
    flat["observables"] = _observables(
        {"actor.user.name": (4, user), "process.file.path": (45, image), "process.file.hashes": (8, digest)}, flat
    )
    flat["raw_data"] = _raw(
        1,
        flat,
        {
            "Computer": "device.hostname",
            "ParentUser": "actor.user.name",
            "Image": "process.file.path",
            "CommandLine": "process.cmd_line",
            "ProcessId": "process.pid",
            "ProcessGuid": "process.uid",
        },
    )
    return flat


def _connections(random: Generator, day: int, rows: int, *, last: bool) -> dict[str, pl.Series]:
    flat = _every(random, day, rows, 4001)
    source = _addresses("10", np.minimum(random.zipf(1.3, rows), 4_000))
    target = _addresses("198", np.minimum(random.zipf(1.15, rows), 300_000))
    if last:
        texts = target.to_list()
        for row in range(3):
            texts[row * 1000 + 11] = RARE
        target = pl.Series(texts)
    flat |= {
        "src_endpoint.ip": source,
        "src_endpoint.port": pl.Series(random.integers(1024, 65_535, rows)),
        "dst_endpoint.ip": target,
        "dst_endpoint.port": pl.Series(random.choice(np.array([53, 80, 443, 445, 3389]), rows)),
    }
    flat["observables"] = _observables({"src_endpoint.ip": (2, source), "dst_endpoint.ip": (2, target)}, flat)
    flat["raw_data"] = _raw(
        3,
        flat,
        {
            "Computer": "device.hostname",
            "SourceIp": "src_endpoint.ip",
            "SourcePort": "src_endpoint.port",
            "DestinationIp": "dst_endpoint.ip",
            "DestinationPort": "dst_endpoint.port",
        },
    )
    return flat


def _every(random: Generator, day: int, rows: int, class_uid: int) -> dict[str, pl.Series]:
    constant = {
        "class_uid": class_uid,
        "category_uid": class_uid // 1000,
        "activity_id": 1,
        "type_uid": class_uid * 100 + 1,
        "metadata.version": "1.8.0",
        "metadata.log_provider": _PROVIDER,
        "metadata.log_source": "sysmon.json",
    }
    return {
        **{name: pl.Series([value]).new_from_index(0, rows) for name, value in constant.items()},
        "time": pl.Series(FIRST + day * DAY + np.sort(random.integers(0, DAY, rows))),
        "severity_id": pl.Series(random.choice(np.array([1, 1, 1, 1, 1, 1, 2, 2, 3, 4]), rows)),
        "metadata.uid": _ids(random, rows),
        "device.hostname": _picked(random, "ws", 2_000, rows, ".example.com"),
    }


def _picked(random: Generator, before: str, many: int, rows: int, after: str = "") -> pl.Series:
    return pl.Series([f"{before}{number}{after}" for number in range(many)]).gather(random.integers(0, many, rows))


def _addresses(first: str, numbers: Any) -> pl.Series:  # noqa: ANN401 - an array
    part = pl.Series(numbers.astype(np.int64))
    return pl.select(pl.format("{}.{}.{}.{}", pl.lit(first), part // 65_536, part // 256 % 256, part % 256)).to_series()


def _ids(random: Generator, rows: int) -> pl.Series:
    text = random.bytes(16 * rows).hex()
    return pl.Series([text[at : at + 32] for at in range(0, 32 * rows, 32)])


def _hashes(random: Generator, rows: int) -> pl.Series:
    fixed = np.random.default_rng(4711).bytes(32 * 20_000).hex()
    return pl.Series([fixed[at : at + 64] for at in range(0, 64 * 20_000, 64)]).gather(random.integers(0, 20_000, rows))


def _observables(named: dict[str, tuple[int, pl.Series]], flat: dict[str, pl.Series]) -> pl.Series:
    rows, columns = len(flat["time"]), {**named, "device.hostname": (1, flat["device.hostname"])}
    stacked = pl.concat([_observable(name, kind, values) for name, (kind, values) in columns.items()])
    order = np.arange(rows * len(columns)).reshape(len(columns), rows).T.ravel()
    return stacked[order].to_struct("observables").reshape((rows, len(columns))).arr.to_list()


def _observable(name: str, kind: int, values: pl.Series) -> pl.DataFrame:
    text, number = pl.lit(None, dtype=pl.String), pl.lit(kind, dtype=pl.Int64)
    return pl.DataFrame({"value": values}).select(
        text.alias("event_uid"),
        pl.lit(name).alias("name"),
        text.alias("reputation"),
        text.alias("type"),
        number.alias("type_id"),
        pl.lit(None, dtype=pl.Int64).alias("type_uid"),
        "value",
    )


def _raw(event: int, flat: dict[str, pl.Series], names: dict[str, str]) -> pl.Series:
    frame = pl.DataFrame({name: flat[column] for name, column in names.items()}).select(
        pl.lit(event).alias("EventID"),
        pl.lit("Microsoft-Windows-Sysmon/Operational").alias("Channel"),
        pl.lit(_PROVIDER).alias("Provider_Name"),
        pl.from_epoch(flat["time"], "ms").dt.to_string("%Y-%m-%d %H:%M:%S%.3f").alias("UtcTime"),
        pl.all(),
    )
    return frame.select(pl.struct(pl.all()).struct.json_encode().alias("raw"))["raw"]


def _nested(flat: dict[str, pl.Series], schema: pl.Schema) -> pl.DataFrame:
    rows = len(flat["time"])

    def made(path: str, name: str, dtype: object) -> pl.Series:
        if isinstance(dtype, pl.Struct):
            return pl.DataFrame([made(f"{path}.{field.name}", field.name, field.dtype) for field in dtype.fields]).to_struct(name)
        found = flat.get(path)
        return pl.Series(name, [None], dtype=dtype).new_from_index(0, rows) if found is None else found.cast(dtype).alias(name)  # type: ignore[arg-type]  # a data type, whatever its kind

    return pl.DataFrame([made(name, name, dtype) for name, dtype in schema.items()])
