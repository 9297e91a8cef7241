"""Keep plans of mapping files between runs, by content: reading YAML costs ten times what building a source costs.

A store that is damaged, of another version or not there is as good as empty; one that cannot be written is done without.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.collect.mapped.plan import VERSION, Plan
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["default_folder", "digest", "load", "save"]

_HASH_BYTES: Final = 32


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What a store holds: for which versions, and the plan of each file by the hash of its content."""

    identity: str
    plans: dict[bytes, Plan]


def default_folder() -> Path | None:
    """Return the folder for what can be built again (XDG Base Directory Specification); None for a user without a home."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        try:
            cache = Path.home() / ".cache"
        except RuntimeError:
            return None
    return cache / "bartizan" / "sources"


def digest(content: bytes) -> bytes:
    """Return the name of a file's content."""
    return hashlib.sha256(content).digest()


def load(path: Path) -> dict[bytes, Plan]:
    """Return the plans in a store; none where it is damaged, of another version or not there."""
    try:
        stored = path.read_bytes()
    except OSError:
        return {}
    if digest(stored[_HASH_BYTES:]) != stored[:_HASH_BYTES]:
        return {}
    try:
        kept = msgspec.msgpack.decode(memoryview(stored)[_HASH_BYTES:], type=_Kept)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return kept.plans if kept.identity == _identity() else {}


def save(path: Path, plans: Mapping[bytes, Plan]) -> bool:
    """Replace a store in one step; say whether that worked."""
    content = msgspec.msgpack.encode(_Kept(_identity(), dict(plans)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
            try:
                file.write(digest(content) + content)
                file.close()
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError:
        return False
    return True


def _identity() -> str:
    return f"{VERSION} {__version__} {sys.version_info[0]}.{sys.version_info[1]}"
