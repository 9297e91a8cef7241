"""Run a service in this process until it is told to end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bartizan.faces.server.service import Service

if TYPE_CHECKING:
    from bartizan.faces.server.served import Served

__all__ = ["serve"]


def serve(served: Served) -> int:
    """Serve; 0 where it ended because it was told to."""
    asyncio.run(_run(served))
    return 0


async def _run(served: Served) -> None:
    service = Service(served)
    await service.run(lambda port: served.log(f"listening on {served.host}:{port}"))
