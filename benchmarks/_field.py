"""Lay the field data out as plain files, as a shipper would have written them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from benchmarks.result import FIELD

__all__ = ["SIGMA", "WINDOWS_RULES", "otrf_windows", "sigma_packs"]

SIGMA = FIELD / "sigma"
ACTIVE = ("rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance", "rules-placeholder")
WINDOWS_RULES = ("rules/windows", "rules-emerging-threats", "rules-threat-hunting")


def sigma_packs(names: tuple[str, ...] = ACTIVE) -> list[str]:
    """Return ``--rules`` options for packs of SigmaHQ."""
    return [word for name in names for word in ("--rules", str(SIGMA / name))]


def otrf_windows(folder: Path) -> list[Path]:
    """Unpack every Windows data set of OTRF (NDJSON) into a folder; AppleDouble companions are left out."""
    packed = sorted([*FIELD.glob("otrf/*/windows/**/*.zip"), *FIELD.glob("otrf/compound/**/*.zip")])
    return [path for number, archive in enumerate(packed) for path in _unpack(archive, folder, number)]


def _unpack(archive: Path, folder: Path, number: int) -> list[Path]:
    found = []
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            name = Path(member.filename).name
            if name.endswith(".json") and not name.startswith("._"):
                path = folder / f"{number:03d}-{name}"
                path.write_bytes(members.read(member))
                found.append(path)
    return found
