"""Read the token that a request carries, in the ways in which senders carry one."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.collect.receivers.contract import Asked

__all__ = ["carried"]


def carried(asked: Asked) -> str:
    """Return the token of ``Authorization``: a scheme and the token, or the password of Basic; "" where there is none."""
    scheme, _, rest = asked.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "basic":
        return rest.strip()
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
