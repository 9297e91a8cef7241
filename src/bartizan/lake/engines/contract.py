"""What an engine is: it reads columns of Parquet files in batches, gives each batch to a pure function, and hands back what that makes.

A module under ``kinds/`` with ``SCHEMES`` (how its addresses begin) and ``make(address, workers)`` is an engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from bartizan.lake.contract import TableFiles
    from bartizan.lake.mapping import Rows

__all__ = ["Engine", "Job"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The unit of work: files, columns of them by their dotted names, and what to make of each batch.

    ``function`` can be pickled, has no state and no effect, and takes any number of rows; what it gives back has the schema
    ``out``. How rows are put into batches is the engine's affair, and may be another each time: what comes out over all batches
    must not depend on it. A column that a table does not have is null in every row of it.
    """

    tables: Sequence[TableFiles]
    columns: tuple[str, ...]
    function: Callable[[pa.RecordBatch], pa.RecordBatch]
    out: pa.Schema
    rows: Mapping[str, Rows] = field(default_factory=dict)
    """The rows of files (by path) that are enough. An engine that cannot read single rows may read all of a file."""


class Engine(Protocol):
    """A way to run jobs. Close it when no more are run."""

    def run(self, job: Job) -> Iterator[pa.RecordBatch]:
        """Yield what the function makes of every batch, each once, in any order, whichever worker dies meanwhile.

        BartizanError where the job cannot be done; what was yielded until then is not all.
        """

    def close(self) -> None:
        """Let go of what was started or connected to."""
