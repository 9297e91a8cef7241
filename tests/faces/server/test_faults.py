"""Disks, clocks and bytes that fail under a running server: each fault is made, and what is documented happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks._faults import FAULTS, Untried

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_and_nothing_told_twice(fault: str, tmp_path: Path) -> None:
    try:
        assert FAULTS[fault](tmp_path) == []
    except Untried as error:
        pytest.skip(f"cannot be made here: {error}")
