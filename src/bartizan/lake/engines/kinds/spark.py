"""Apache Spark: a cluster that Spark itself schedules (``spark://host:port``), or any server of Spark Connect (``sc://host:port``).

Spark reads the files and sends batches to Python on the workers (``mapInArrow``); what a worker had that died is done again
by another. Workers need this package, of this version, for the Python that runs there.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from bartizan.errors import BartizanError, MissingExtra, UsageError
from bartizan.lake.engines.narrowing import has, narrowed
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.lake.contract import TableFiles
    from bartizan.lake.engines.contract import Job

__all__ = ["SCHEMES", "SparkEngine", "make", "reason", "session", "sliced"]

SCHEMES: Final = ("spark", "sc")
ROWS: Final = 20_000
"""Rows of a batch at most: a worker holds some of them, with all that is derived from them, and a raw record may be long."""
JOB_BYTES: Final = 8 << 30
"""Bytes of files of one job of Spark: what their results take is held in this process while they come."""
_SETTINGS: Final = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS),
    "spark.sql.files.maxPartitionBytes": str(16 << 20),  # some 300,000 records, ten seconds of work: what is lost with a worker
    "spark.sql.files.openCostInBytes": "65536",  # small files share a task: 4 MB, as Spark has it, would give each its own
}
_RAISED: Final = re.compile(r"(?:\w+\.)*\w*(?:Error|Exception|Extra)(?:: )(\S.*)")
"""The last line of what Python says of an exception."""
_MASTER: Final = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
"""What is only the affair of a driver of our own."""


class SparkEngine:
    """A session with a cluster."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - a session of Spark or of Spark Connect, which have no type in common
        """Use a session, and stop it when closed."""
        self._session = session

    def run(self, job: Job) -> Iterator[pa.RecordBatch]:
        """Yield what the function makes of every batch."""
        for tables in sliced(job.tables):
            frames = [self._columns(table, job.columns) for table in tables]
            if not frames:
                continue
            whole = frames[0]
            for frame in frames[1:]:
                whole = whole.unionAll(frame)
            made = whole.mapInArrow(partial(_each, job.function, job.columns, job.out), _ddl(job.out))
            yield from _collected(made, job.out)

    def close(self) -> None:
        """Stop the session; on a cluster its executors end."""
        self._session.stop()

    def _columns(self, table: TableFiles, columns: Sequence[str]) -> Any:  # noqa: ANN401 - as above
        """Return a table's columns under names without dots, which Spark would take for objects."""
        from pyspark.sql import functions  # noqa: PLC0415 - needs the extra

        known = table.shape or table.files[0].path
        with trouble(Path(known)):
            schema = pq.read_schema(known)
        there = [name for name in columns if has(schema, name)]
        frame = self._session.read.schema(narrowed(schema, there)).parquet(*(file.path for file in table.files))
        named = ((f"c{at}", name) for at, name in enumerate(columns))
        return frame.select(*(
            functions.col(_quoted(name)).alias(plain) if name in there else functions.lit(None).cast("string").alias(plain)
            for plain, name in named
        ))  # fmt: skip


def make(address: str, _workers: int) -> SparkEngine:
    """Return the engine at an address. MissingExtra without Spark's Python, UsageError where there is no Java or nobody answers."""
    connect = address.startswith("sc://")
    if importlib.util.find_spec("pyspark") is None:
        feature = f"--engine {address}"
        raise MissingExtra(feature, "sail" if connect else "spark")
    if not connect and shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        message = f"--engine {address}: Spark needs Java 17 or later here: install it, or use sc:// or sail, which do not"
        raise UsageError(message)
    return SparkEngine(session(address, connect=connect))


def session(address: str, *, connect: bool) -> Any:  # noqa: ANN401 - as above
    """Return a session of its own with a cluster."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - needs the extra

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("bartizan")
    settings = _SETTINGS if connect else {**_SETTINGS, **_MASTER}
    try:
        if connect:
            made = builder.remote(address).getOrCreate()
            for name, value in settings.items():
                made.conf.set(name, value)
            return made
        # Spark's Python takes a process in which Spark Connect was used for one that uses nothing else.
        os.environ.pop("SPARK_CONNECT_MODE_ENABLED", None)
        for name, value in settings.items():
            builder = builder.config(name, value)
        made = builder.master(address).getOrCreate()
        made.sparkContext.setLogLevel("ERROR")
    except Exception as error:
        message = f"--engine {address}: no session there: {reason(error)}: is the address right, and does the cluster run?"
        raise UsageError(message) from error
    return made


def sliced(tables: Sequence[TableFiles], most: int = JOB_BYTES) -> Iterator[list[TableFiles]]:
    """Cut files into groups of so many bytes, one file at least; files of one table stay together within a group."""
    group: list[TableFiles] = []
    held = 0
    for table in tables:
        taken: list[Any] = []
        for file in table.files:
            if held and held + file.bytes > most:
                yield [*group, replace(table, files=tuple(taken))] if taken else group
                group, taken, held = [], [], 0
            taken.append(file)
            held += file.bytes
        if taken:
            group.append(replace(table, files=tuple(taken)))
    if group:
        yield group


def _each(
    function: Callable[[pa.RecordBatch], pa.RecordBatch], columns: Sequence[str], out: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Give batches to the function, on a worker, under the names that it knows, and of the types that it gets elsewhere."""
    for batch in batches:
        made = function(pa.RecordBatch.from_arrays(batch.columns, names=list(columns)))
        if not made.schema.equals(out):
            message = f"the function promised {out.names} and gave {made.schema.names}: name and type every column as promised"
            raise UsageError(message)
        yield made


def _collected(made: Any, out: pa.Schema) -> list[pa.RecordBatch]:  # noqa: ANN401 - as above
    try:
        found: list[pa.RecordBatch] = made.toArrow().cast(out).to_batches()
    except Exception as error:
        text = str(error)
        if "No module named 'bartizan'" in text:
            message = "the workers of the cluster have no bartizan: install this version there, with the extra 'lake'"
            raise UsageError(message) from error
        message = f"Spark gave the job up: {reason(error)}"
        raise BartizanError(message) from error
    return found


def _ddl(out: pa.Schema) -> str:
    return narrowed(out, out.names)


def reason(error: Exception) -> str:
    """Return what went wrong: what Python said on a worker, where it did, else the first line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [match[1] for match in map(_RAISED.match, lines) if match is not None]
    return (said or lines[:1] or [type(error).__name__])[-1]


def _quoted(name: str) -> str:
    return ".".join(f"`{part}`" for part in name.split("."))
