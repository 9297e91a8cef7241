"""Run a service in this process until it is told to end."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Final

from bartizan.faces.server.service import Service

if TYPE_CHECKING:
    from bartizan.faces.server.served import Served

__all__ = ["serve"]

_FILES: Final = 200
"""Files of the journal, the ledger and Python itself."""


def serve(served: Served) -> int:
    """Serve; 0 where it ended because it was told to."""
    _allow_files(2 * served.limits.connections + _FILES)
    asyncio.run(_run(served))
    return 0


def _allow_files(count: int) -> None:
    """Let the process have so many files and sockets, or as many as it may: many systems begin with 1,024."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = count if hard == resource.RLIM_INFINITY else min(count, hard)
        if soft != resource.RLIM_INFINITY and soft < allowed:
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


async def _run(served: Served) -> None:
    service = Service(served)
    await service.run(lambda port: served.log(f"listening on {served.host}:{port}"))
