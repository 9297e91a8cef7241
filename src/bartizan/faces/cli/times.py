"""Read the times that people type."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bartizan.errors import UsageError
from bartizan.schema.columns import ABSENT
from bartizan.schema.time import clock

__all__ = ["moment", "zone"]

_SPANS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_AGO: Final = re.compile(r"(\d+)([mhdw])")


def moment(text: str, now: int, zone: tzinfo) -> int:
    """Return nanoseconds UTC of ``2026-11-23T08:00``, ``2026-11-23`` (in ``zone``) or ``36h`` (that long before ``now``)."""
    ago = _AGO.fullmatch(text)
    if ago:
        return now - int(ago[1]) * _SPANS[ago[2]] * 1_000_000_000
    found = clock(text, zone) if text[4:5] == "-" else ABSENT
    if isinstance(found, int):
        return found
    message = f"'{text}' is no time; write 2026-11-23, 2026-11-23T08:00, 2026-11-23T08:00+01:00, or 36h for 36 hours ago (m, h, d, w)"
    raise UsageError(message)


def zone(text: str) -> tzinfo:
    """Return the time zone of a name like ``Europe/Vienna``."""
    if text.upper() in {"UTC", "Z"}:
        return UTC
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"'{text}' is no time zone that this machine knows; write one like Europe/Vienna or UTC"
        raise UsageError(message) from error
