"""Find what a hunt kept, or a lake keeps: files of findings, of records, and of identity facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.detect.tuning.past import past_findings
from bartizan.errors import InputError
from bartizan.lake.opening import is_lake, open_lake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Place", "place_at"]

_FINDINGS: Final = "detection_finding"
_FACTS: Final = "identities"


@dataclass(frozen=True, slots=True)
class Place:
    """Where records are: ``tables`` names the Parquet files of each, ``findings`` what holds findings."""

    root: Path
    findings: tuple[Path, ...]
    tables: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    facts: tuple[Path, ...] = ()
    is_lake: bool = False

    def lines(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield each file with findings and its findings as lines of JSON."""
        for path in self.findings:
            yield str(path), past_findings(path) or iter(())


def place_at(root: Path) -> Place:
    """Return what a folder of ``hunt --out`` or a lake holds. InputError where it is neither."""
    if is_lake(root):
        with open_lake(root) as lake:
            tables = {table.table: tuple(Path(file.path) for file in table.files) for table in lake.snapshot().tables}
        return Place(root, tables.pop(_FINDINGS, ()), {name: files for name, files in tables.items() if files}, is_lake=True)
    if past_findings(root) is None or not root.is_dir():
        message = f"{root}: holds no findings; name a folder that `bartizan hunt --out` wrote, or a lake"
        raise InputError(message)
    folders = sorted(path for path in (root / "ext").glob("*") if path.is_dir())
    tables = {folder.name: tuple(sorted(folder.rglob("*.parquet"))) for folder in folders if folder.name != _FINDINGS}
    return Place(root, (root,), tables, tuple(sorted((root / _FACTS).glob("*.parquet"))))
