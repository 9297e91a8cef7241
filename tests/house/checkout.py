"""Find the files of the project: those that are tracked, or would be."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "bartizan"


@cache
def files() -> tuple[str, ...]:
    """Return the paths of all files that git tracks or would track, relative to the root."""
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        told = subprocess.run(asked, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and a checkout: what belongs to the project is what git tracks")
    return tuple(sorted(name for name in told.split("\0") if name and (ROOT / name).is_file()))


@cache
def modules() -> dict[str, ast.Module]:
    """Return the syntax trees of the package, by path relative to the root."""
    return {str(path.relative_to(ROOT)): ast.parse(path.read_bytes()) for path in sorted(PACKAGE.rglob("*.py"))}
