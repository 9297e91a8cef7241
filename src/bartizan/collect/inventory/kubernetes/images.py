"""Take the reference of an image apart."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["image_parts"]

_REFERENCE: Final = re.compile(
    r"(?P<path>[^@\s]+?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>[a-z0-9]+:[0-9a-fA-F]+))?"
)
_HUB: Final = "docker.io"


def image_parts(reference: str) -> dict[str, str]:
    """Return registry, repository, tag and digest, each where it is there; a tag that is not written is ``latest`` without a digest."""
    found = _REFERENCE.fullmatch(reference.strip())
    if found is None:
        return {}
    path, tag, digest = found["path"], found["tag"], found["digest"]
    first, slash, rest = path.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, repository = (first, rest) if has_registry else (_HUB, path)
    parts = {"registry": registry, "repository": repository, "tag": tag or ("" if digest else "latest"), "digest": digest or ""}
    return {key: value for key, value in parts.items() if value}
