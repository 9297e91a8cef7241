from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.simulate.framing import DAY

from bartizan.simulate import Truth, company_day

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def small_day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """A day of 12,000 events: the intrusion whole, everything else small."""
    root = tmp_path_factory.mktemp("day")
    return root, company_day(root, day=DAY, events=12_000)
