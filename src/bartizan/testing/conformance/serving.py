"""Answer the protocol from inside an engine: read requests, judge each, print answers."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

__all__ = ["serve", "serve_standard_streams"]


def serve(judge: Callable[[Mapping[str, Any]], Mapping[str, Any]], requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer every request until there is no more.

    ``judge`` is given a request and returns the answer without its ``id``; what it raises becomes an ``error``.
    """
    for line in requests:
        asked = json.loads(line)
        try:
            told = judge(asked)
        except Exception as error:  # noqa: BLE001 - whatever an engine does wrong is the answer
            told = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps({"id": asked["id"], **told}).encode() + b"\n")
        answers.flush()


def serve_standard_streams(judge: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """Answer what comes on standard input; whatever libraries print goes to standard error instead of between the answers."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(judge, sys.stdin.buffer, answers)
