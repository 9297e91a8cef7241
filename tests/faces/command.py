"""Run the command: in this process where that will do, in one of its own where the process is what is tested."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bartizan.faces.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["COMMAND", "Said", "bartizan", "spawn"]

COMMAND = [sys.executable, "-m", "bartizan"]


@dataclass(frozen=True)
class Said:
    """What a run of the command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def bartizan(*words: str | Path) -> Said:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(word) for word in words])
        out.flush()
        err.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]  # the BytesIO given above
    return Said(code, *texts)


def spawn(*words: str | bytes | Path, env: Mapping[str, str] | None = None, **settings: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - as Popen takes them
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*COMMAND, *map(os.fsdecode, words)], env={**os.environ, **(env or {})}, **{**pipes, **settings})
