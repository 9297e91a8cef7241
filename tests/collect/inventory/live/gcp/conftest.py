"""A Google Cloud of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks._gcp import google

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks._gcp import Google


@pytest.fixture
def cloud() -> Iterator[Google]:
    with google() as made:
        yield made
