"""Sail: a server of Spark Connect without Java, started here for as long as it is needed (``sail``)."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import MissingExtra
from bartizan.lake.engines.kinds.spark import SparkEngine, session

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from bartizan.lake.engines.contract import Job

__all__ = ["SCHEMES", "SailEngine", "make"]

SCHEMES: Final = ("sail",)


class SailEngine:
    """A server within this process, on a port of the loopback: it asks nobody who they are, so others on this machine could use it too."""

    def __init__(self, server: Any) -> None:  # noqa: ANN401 - the package carries no types
        """Use a server, started here."""
        self._server = server
        server.start(background=True)
        host, port, *_ = server.listening_address
        self._spark = SparkEngine(session(f"sc://{host}:{port}", connect=True))

    def run(self, job: Job) -> Iterator[pa.RecordBatch]:
        """Yield what the function makes of every batch."""
        return self._spark.run(job)

    def close(self) -> None:
        """Stop the server."""
        self._spark.close()
        self._server.stop()


def make(_address: str, _workers: int) -> SailEngine:
    """Return the engine. MissingExtra where it is not installed."""
    if importlib.util.find_spec("pysail") is None or importlib.util.find_spec("pyspark") is None:
        feature = "--engine sail"
        raise MissingExtra(feature, "sail")
    from pysail.spark import SparkConnectServer  # noqa: PLC0415 - needs the extra

    return SailEngine(SparkConnectServer("127.0.0.1", 0))
