"""Turn what engines say about a disk into our own words: no room, or what else is wrong and what to do."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bartizan.errors import BartizanError, NoRoom, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FULL", "is_full", "of_engine", "reason", "trouble"]

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SAID: Final = tuple(os.strerror(number) for number in sorted(FULL))
_ENGINES: Final = frozenset({"deltalake", "_internal", "pyarrow", "polars", "duckdb", "_duckdb"})
_SYSTEM_ERROR: Final = re.compile(r"([^:\s][^:\n]*) \(os error \d+\)")


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Raise NoRoom or OutputError, naming ``path``, for whatever else goes wrong inside."""
    try:
        yield
    except BartizanError:
        raise
    except Exception as error:
        if not of_engine(error):
            raise
        kind = NoRoom if is_full(error) else OutputError
        do = "make room and try again" if kind is NoRoom else "see that the folder is there and yours"
        message = f"{path}: cannot be read or written: {reason(error)}: {do}"
        raise kind(message) from error


def reason(error: Exception) -> str:
    """Return the operating system's words for an error; engines wrap them in their own."""
    match = _SYSTEM_ERROR.search(str(error))
    return match[1] if match else getattr(error, "strerror", None) or str(error).partition("\n")[0]


def is_full(error: Exception) -> bool:
    """Say whether an error is that of a disk, a quota or a limit that is full."""
    return (isinstance(error, OSError) and error.errno in FULL) or any(said in str(error) for said in _SAID)


def of_engine(error: Exception) -> bool:
    """Say whether an error is of the system or of an engine, not a mistake of ours."""
    return isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _ENGINES
