"""Sources are looked for when tests are collected: apart from the mapping files and what is kept of those who run the tests."""

from __future__ import annotations

import os
import signal
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from tests.postgres import MISSING, Cluster, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HOME = tempfile.TemporaryDirectory(prefix="bartizan-tests-")
os.environ["XDG_CONFIG_HOME"] = os.path.join(_HOME.name, "config")  # noqa: PTH118 - one line, no module more
os.environ["XDG_CACHE_HOME"] = os.path.join(_HOME.name, "cache")  # noqa: PTH118 - as above

# Whoever runs the suites in the background of a shell has SIGINT ignored, and so would all that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is the machine's business, and a suite says the same of the same code whenever it is run. To look for
# what nobody has seen yet: HYPOTHESIS_PROFILE=searching, or `make bench NAME=fuzz`.
settings.register_profile("patient", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("searching", settings.get_profile("patient"), derandomize=False, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "patient"))


@pytest.fixture(scope="session")
def any_postgres() -> Iterator[Cluster | None]:
    with cluster() as made:
        yield made


@pytest.fixture
def postgres(any_postgres: Cluster | None) -> Cluster:
    """A PostgreSQL server."""
    return any_postgres or pytest.skip(MISSING)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a state database can be made: what holds of one server holds of the other."""
    return tmp_path / "watch.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres").new()
