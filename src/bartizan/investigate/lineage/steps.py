"""Read steps of one host from records that are kept.

Processes are told apart by the unique id that their log gives them; without one by their number on their host, which a later
process may have again: then a record speaks of the one that was started last before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.investigate.lineage.contract import Step, Thing, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from bartizan.investigate.places import Place

__all__ = ["Known", "steps_of"]

_Row: TypeAlias = Mapping[str, object]

_MILLI: Final = 1_000_000
_LAUNCH, _INJECT, _OPEN = 1, 4, 1
_WRITES: Final = (1, 3, 5)
"""OCSF ``activity_id`` of file activity that leaves other content at a path: create, update, rename."""
_INBOUND: Final = 1
_SAME: Final = 2_000_000_000
"""Nanoseconds within which two logs tell of the same start."""
_ALWAYS: Final = ("time", "metadata.uid", "device.hostname", "activity_id")
_DETAILS: Final = ("uid", "pid", "file.path", "cmd_line", "user.name")
_ACTOR: Final = tuple(f"actor.process.{name}" for name in _DETAILS)
_PROCESS: Final = tuple(f"process.{name}" for name in _DETAILS)
_TABLES: Final[Mapping[str, tuple[tuple[int, ...], tuple[str, ...]]]] = {
    "process_activity": ((_LAUNCH, _INJECT), (*_ACTOR, *_PROCESS)),
    "file_activity": (_WRITES, (*_ACTOR, "file.path")),
    "network_activity": (
        (_OPEN,),
        (*_ACTOR, "connection_info.direction_id", "src_endpoint.ip", "src_endpoint.port", "dst_endpoint.ip", "dst_endpoint.port"),
    ),
}
"""Which activities of which tables tell a step, and the columns that tell it."""


@dataclass(slots=True)
class Known:
    """The steps of a host, by time, and what is known of its processes beside their ids."""

    steps: list[Step] = field(default_factory=list)
    processes: dict[Thing, Told] = field(default_factory=dict)


def steps_of(place: Place, host: str) -> Known:
    """Return what the records of a host say, from all tables that tell steps; ``host`` as its records name it, in any case."""
    rows = {table: [row for path in place.tables.get(table, ()) for row in _rows(path, host.lower(), *_TABLES[table])] for table in _TABLES}
    reader = _Reader(host.lower(), _begun(rows["process_activity"]), _named(row for found in rows.values() for row in found))
    for table, read in (("process_activity", reader.process), ("file_activity", reader.file), ("network_activity", reader.network)):
        for row in rows[table]:
            read(row)
    reader.runs()
    known = reader.known
    known.steps = sorted(set(known.steps))
    return known


def _rows(path: Path, host: str, activities: Sequence[int], columns: Sequence[str]) -> Iterator[_Row]:
    """Yield the rows of a file that may tell a step; a column that the file lacks is null in each."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    scan = pl.scan_parquet(path)
    schema = scan.collect_schema()
    wanted = scan.filter(pl.col("activity_id").is_in(activities), _expression(schema, "device.hostname").str.to_lowercase() == host).select(
        [_expression(schema, name).alias(name) for name in (*_ALWAYS, *columns)]
    )
    yield from wanted.collect().iter_rows(named=True)


def _expression(schema: Mapping[str, pl.DataType], name: str) -> pl.Expr:
    """Return the expression of a dotted name; null where the file has no such field."""
    import polars as pl  # noqa: PLC0415 - as above

    first, *below = name.split(".")
    kind = schema.get(first)
    expression = pl.col(first)
    for part in below:
        fields = {one.name: one.dtype for one in getattr(kind, "fields", ())}
        if part not in fields:
            return pl.lit(None, pl.String)
        kind, expression = fields[part], expression.struct.field(part)
    return pl.lit(None, pl.String) if kind is None else expression


def _begun(launches: Sequence[_Row]) -> Mapping[int, list[tuple[int, str]]]:
    """Return when each process number of the host was given, by time, and the name of who got it.

    Two logs tell of one start (Sysmon and Security on Windows): where one of them has a unique id, that is the name.
    """
    begun: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for row in sorted(launches, key=lambda row: (not row["process.uid"], _time(row))):
        pid, uid, time = row["process.pid"], row["process.uid"], _time(row)
        if row["activity_id"] != _LAUNCH or not isinstance(pid, int):
            continue
        if uid:
            begun[pid].append((time, _bare(str(uid))))
        elif all(abs(before - time) > _SAME for before, _ in begun[pid]):
            begun[pid].append((time, f"{pid}@{time // _MILLI}"))
    return {pid: sorted(times) for pid, times in begun.items()}


def _named(rows: Iterable[_Row]) -> Mapping[int, str]:
    """Return the one name that records give to a process number, where no start is told of it and all of them agree."""
    names: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        for prefix in ("actor.process", "process"):
            pid, uid = row.get(f"{prefix}.pid"), row.get(f"{prefix}.uid")
            if isinstance(pid, int) and uid:
                names[pid].add(_bare(str(uid)))
    return {pid: next(iter(found)) for pid, found in names.items() if len(found) == 1}


def _bare(uid: str) -> str:
    return uid.strip("{}").lower()


def _time(row: _Row) -> int:
    time = row["time"]
    return time * _MILLI if isinstance(time, int) else 0


class _Reader:
    def __init__(self, host: str, begun: Mapping[int, list[tuple[int, str]]], named: Mapping[int, str]) -> None:
        self.known = Known()
        self._host, self._begun, self._named = host, begun, named
        self._launched: list[tuple[int, Thing, str]] = []

    def process(self, row: _Row) -> None:
        actor, process = self._process(row, "actor.process"), self._process(row, "process", own=row["activity_id"] == _LAUNCH)
        if process is None:
            return
        if row["activity_id"] == _LAUNCH:
            self._launched.append((_time(row), process, str(row["metadata.uid"])))
        if actor is not None and actor != process:
            self._step(row, "started" if row["activity_id"] == _LAUNCH else "injected", actor, process)

    def file(self, row: _Row) -> None:
        actor, path = self._process(row, "actor.process"), row["file.path"]
        if actor is not None and isinstance(path, str) and path and not path.startswith("<"):
            self._step(row, "wrote", actor, Thing("file", self._host, path.lower()))

    def network(self, row: _Row) -> None:
        actor = self._process(row, "actor.process")
        inbound = row["connection_info.direction_id"] == _INBOUND
        address = row["src_endpoint.ip" if inbound else "dst_endpoint.ip"]
        if actor is None or not isinstance(address, str) or not address:
            return
        port = None if inbound else row["dst_endpoint.port"]
        endpoint = Thing("endpoint", "", address if port is None else f"{address}:{port}")
        self._step(row, *(("reached", endpoint, actor) if inbound else ("connected", actor, endpoint)))

    def runs(self) -> None:
        """Add the steps from the file that a process runs, where that was written before it began."""
        written = {step.effect: step.time for step in sorted(self.known.steps, reverse=True) if step.verb == "wrote"}
        first = {process: (time, record) for time, process, record in sorted(self._launched, reverse=True)}
        for process, (time, record) in first.items():
            file = Thing("file", self._host, self.known.processes[process].path.lower())
            if file in written and written[file] <= time:
                self.known.steps.append(Step(time, "ran", file, process, record))

    def _step(self, row: _Row, verb: str, cause: Thing, effect: Thing) -> None:
        self.known.steps.append(Step(_time(row), verb, cause, effect, str(row["metadata.uid"])))

    def _process(self, row: _Row, prefix: str, *, own: bool = False) -> Thing | None:
        uid, pid = row[f"{prefix}.uid"], row[f"{prefix}.pid"]
        number = pid if isinstance(pid, int) else None
        if isinstance(uid, str) and uid:
            thing = Thing("process", self._host, _bare(uid))
        elif number is not None:
            begun = self._begun.get(number, [])
            at = bisect_right(begun, (_time(row) + _SAME, ""))
            thing = Thing("process", self._host, begun[at - 1][1] if at else self._named.get(number, str(number)))
        else:
            return None
        path, command, user = (str(row[f"{prefix}.{name}"] or "") for name in ("file.path", "cmd_line", "user.name"))
        told = Told(path, command, user, number)
        before = self.known.processes.get(thing)
        self.known.processes[thing] = told if before is None else told.completed(before) if own else before.completed(told)
        return thing
