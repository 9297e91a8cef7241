"""Find the field data that lies beside the repository, or skip the test that needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

FIELD = Path(__file__).parents[2] / "shared" / "field"


def field_data(*parts: str) -> Path:
    """Return a path of the field data; skip the test where it is absent."""
    path = FIELD.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the field data ../shared/field/{'/'.join(parts)}, which is not here")
    return path
