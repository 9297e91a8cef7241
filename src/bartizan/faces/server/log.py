"""Write what operators read: lines for people on a terminal, one JSON object a line for machines, and never a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Collection, MutableMapping
    from typing import Any, TextIO

try:
    import structlog
except ImportError as error:
    feature = "the server"
    raise MissingExtra(feature, "serve") from error

__all__ = ["Log"]

_HIDDEN: Final = "[secret]"
_SHORT: Final = 6
"""Characters below which a text is not hidden: it would be found in words, and is no secret that could be kept."""
_SECRET: Final = re.compile(r"(?=\D*\d)[^.]{6,}|[^.]{20,}")
"""A part of an address that may be the secret in it: words of a path have no digits, hosts have dots."""
_PARTS: Final = re.compile(r"[/?&=@:\s]+")


class Log:
    """A log on a stream. Whatever it is told, no secret that it knows of is written."""

    def __init__(self, stream: TextIO, *, machine: bool) -> None:
        """Write to a stream, as JSON for machines."""
        self._secrets: re.Pattern[str] | None = None
        stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
        shape = [stamp, structlog.processors.JSONRenderer()] if machine else [_plain]
        processors = [structlog.processors.add_log_level, self._hide, *shape]
        self._inner = structlog.wrap_logger(structlog.PrintLogger(stream), processors=processors, wrapper_class=structlog.BoundLogger)

    def hide(self, secrets: Collection[str]) -> None:
        """Write none of these from now on, nor what they are made of: a part of an address can be the secret in it."""
        parts = {part for secret in secrets for part in _PARTS.split(secret) if _SECRET.fullmatch(part)}
        longest = sorted({*parts, *(secret for secret in secrets if len(secret) >= _SHORT)}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest))) if longest else None

    def __call__(self, line: str, level: str = "info") -> None:
        """Write a line; ``level`` is ``info`` or, where somebody should look, ``warning``."""
        getattr(self._inner, level)(line)

    def _hide(self, _logger: Any, _name: str, told: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's own
        if self._secrets is not None:
            told["event"] = self._secrets.sub(_HIDDEN, str(told["event"]))
        return told


def _plain(_logger: Any, _name: str, told: MutableMapping[str, Any]) -> str:  # noqa: ANN401 - structlog's own
    return f"bartizan: {told['event']}"
