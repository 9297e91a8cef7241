"""Put junk somewhere into a record."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def spoil(value: Any, path: list[int], junk: Any) -> None:  # noqa: ANN401 - anything that JSON holds
    """Put junk in place of what a path of steps leads to."""
    for step in path:
        keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
        if not keys:
            return
        key = keys[step % len(keys)]
        if step == path[-1] or not isinstance(value[key], dict | list):
            value[key] = junk
            return
        value = value[key]
