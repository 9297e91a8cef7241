"""What became of a test of a rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["FAILED", "NOT_RUNNABLE", "PASSED", "Setting", "Tested", "files_under"]

PASSED: Final = "passed"
FAILED: Final = "failed"
NOT_RUNNABLE: Final = "not-runnable"


@dataclass(frozen=True, slots=True)
class Tested:
    """A test: where it stands, of which rule (title or id), its name, its ``outcome``, and why where that is not ``passed``."""

    path: str
    rule: str
    name: str
    outcome: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """With which rules tests are run: packs, and the lists that rules ask for."""

    packs: Sequence[Path] = ()
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def files_under(path: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    """Yield a file, or of a folder every file with one of the suffixes, by name. UsageError where there is no such path."""
    if not path.exists():
        message = f"{path}: there is no such file or folder"
        raise UsageError(message)
    if path.is_file():
        yield path
        return
    yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes and file.is_file())
