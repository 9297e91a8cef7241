from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.clusters import SAIL, SPARK, Shared

from bartizan.lake.engines.opening import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.lake.engines.contract import Engine


@pytest.fixture(scope="session")
def spark_cluster() -> Iterator[Shared]:
    """A cluster of Spark."""
    shared = Shared()
    yield shared
    shared.leave()


@pytest.fixture(
    params=[
        "local",
        "local with two processes",
        pytest.param("sail", marks=[pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.skipif(bool(SAIL), reason=SAIL)]),
        pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.skipif(bool(SPARK), reason=SPARK)]),
    ]
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Every engine there is, one after the other."""
    name, _, more = request.param.partition(" ")
    address = request.getfixturevalue("spark_cluster").get().address if name == "spark" else name
    with open_engine(address, workers=2 if more else 1) as opened:
        yield opened
