"""Clusters for tests: one of Spark for the whole run, made when it is first asked for."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks._cluster import cluster, lacking

if TYPE_CHECKING:
    from benchmarks._cluster import Cluster

__all__ = ["SAIL", "SPARK", "Shared"]

SPARK = lacking()
"""Why there can be no cluster of Spark here, "" where there can."""
SAIL = "" if not SPARK or "Java" in SPARK else SPARK
"""Why Sail cannot run here."""


class Shared:
    """A cluster that tests share; one that was hurt is left and a new one made."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: Cluster | None = None

    def get(self) -> Cluster:
        if self._running is None:
            folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bartizan-cluster-"))
            self._running = self._stack.enter_context(cluster(Path(folder)))
        return self._running

    def leave(self) -> None:
        self._stack.close()
        self._running = None
