"""Keep compiled packs between runs, by content.

A store holds, for one list of packs and one set of placeholder lists, what each file compiled to under the hash of its
bytes: a file that did not change is not compiled again, a file that did is. A store that is damaged, of another version or
not there is as good as empty; one that cannot be written is done without.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.rules.plan import VERSION, Compiled, Correlation, Filter, Refuse
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Outcome", "Store", "default_folder", "digest"]

Outcome = Compiled | Correlation | Filter | Refuse
KEPT: Final = 32
"""Stores kept in the folder, newest first: each pack list with each set of placeholder lists has one of some 4 MB."""
_HASH: Final = hashlib.sha256
_HASH_BYTES: Final = 32
_SUFFIX: Final = ".plans"


class _Content(msgspec.Struct, frozen=True, array_like=True):
    """What a store holds; ``identity`` says for which versions and placeholders."""

    identity: bytes
    entries: dict[bytes, list[Outcome]]


_DECODER: Final = msgspec.msgpack.Decoder(_Content)


def default_folder() -> Path:
    """Return the folder for what can be built again (XDG Base Directory Specification).

    A user without a home (a container run under a number that it does not know) has a folder that cannot be: nothing is kept.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        try:
            cache = Path.home() / ".cache"
        except RuntimeError:
            cache = Path(os.devnull)
    return cache / "bartizan" / "rules"


def digest(content: bytes | memoryview) -> bytes:
    """Return the name of a file's content."""
    return _HASH(content).digest()


class Store:
    """One file of compiled rules; ``entries`` is what it held."""

    def __init__(self, folder: Path, packs: Iterable[str | Path], placeholders: Mapping[str, Sequence[str]]) -> None:
        """Read the store of a list of packs."""
        self._identity = digest(msgspec.msgpack.encode((_versions(), sorted((name, list(one)) for name, one in placeholders.items()))))
        roots = "\0".join(os.path.abspath(pack) for pack in packs)  # noqa: PTH100 - resolve() would follow links and touch the disk
        self._path = folder / (digest(self._identity + roots.encode("utf-8", "surrogatepass")).hex()[:32] + _SUFFIX)
        self.entries = self._read()

    def write(self, entries: Mapping[bytes, list[Outcome]]) -> bool:
        """Replace the store in one step; say whether that worked."""
        content = msgspec.msgpack.encode(_Content(self._identity, dict(entries)))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".tmp", delete=False) as file:
                try:
                    file.write(digest(content) + content)
                    file.close()
                    Path(file.name).replace(self._path)
                except OSError:
                    Path(file.name).unlink(missing_ok=True)
                    raise
        except OSError:
            return False
        self._prune()
        return True

    def _read(self) -> dict[bytes, list[Outcome]]:
        try:
            stored = self._path.read_bytes()
        except OSError:
            return {}
        held = memoryview(stored)[_HASH_BYTES:]
        if digest(held) != stored[:_HASH_BYTES]:
            return {}
        try:
            content = _DECODER.decode(held)
        except (msgspec.DecodeError, RecursionError):
            return {}
        return content.entries if content.identity == self._identity else {}

    def _prune(self) -> None:
        """Drop the stores that were not written for longest; another run may be doing the same."""
        with contextlib.suppress(OSError):
            stores = sorted(self._path.parent.glob("*" + _SUFFIX), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in stores[KEPT:]:
                path.unlink(missing_ok=True)


def _versions() -> list[str]:
    python = ".".join(map(str, sys.version_info[:2]))
    return [str(VERSION), __version__, version("pysigma"), version("pyyaml"), python]
