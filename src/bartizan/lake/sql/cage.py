"""Take from this process, for good, what a query has no need of: writing files, memory without end."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from contextlib import suppress
from typing import Final

__all__ = ["enter"]

_CREATE: Final = 444
_RESTRICT: Final = 446
_VERSION: Final = 1
"""Numbers of Landlock's system calls, alike on all architectures (Linux 5.13 and later, Documentation/userspace-api/landlock.rst)."""
_NO_NEW_PRIVILEGES: Final = 38
_WRITES: Final = (1 << 1) | sum(1 << bit for bit in range(4, 13))
"""``WRITE_FILE``, and from ``REMOVE_DIR`` to ``MAKE_SYM`` whatever changes a folder."""
_LATER: Final = {2: 1 << 13, 3: 1 << 14}
"""``REFER`` and ``TRUNCATE``, by the version that brought them."""


def enter(memory: int) -> bool:
    """Enter the cage; ``memory`` in bytes. Says whether the system also refuses to open files for writing (Linux, Landlock)."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for what, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory)):
        with suppress(ValueError, OSError):  # a limit that is lower already stays
            resource.setrlimit(what, (most, most))
    with suppress(OSError, AttributeError):
        return _no_writes()
    return False


def _no_writes() -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, _VERSION)
    if version < 1:
        return False
    handled = _WRITES | sum(bit for since, bit in _LATER.items() if version >= since)
    attribute = struct.pack("Q", handled)
    rules = libc.syscall(_CREATE, attribute, len(attribute), 0)
    if rules < 0:
        return False
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    refused = libc.syscall(_RESTRICT, rules, 0)
    os.close(rules)
    return bool(refused == 0)
