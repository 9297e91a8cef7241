"""Read whatever is named into facts: which reader takes a folder or a file is found out from what it holds, never from its name alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Facts
from bartizan.collect.inventory.exports.reading import read_exports
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["read", "terraform_roots"]

_ENDINGS: Final = (".tf", ".tf.json")
_PASSED: Final = frozenset({".terraform", ".git", ".terragrunt-cache", "node_modules", "__pycache__"})
"""Folders that tools fill with copies of others."""
_SOURCE: Final = re.compile(r'^\s*source\s*=\s*"(\.{1,2}/[^"]*)"', re.MULTILINE)
_LONGEST: Final = 1 << 20
"""Bytes of one file that are searched for the modules that it calls."""
_OTHERS: Final = (".json", ".yaml", ".yml", ".template", ".tfstate", ".ndjson", ".jsonl", ".gz", ".zip", ".zst", ".tar", ".tgz")


def read(paths: Sequence[str | Path]) -> Facts:
    """Read files and folders: folders of Terraform as such, everything else by the format that claims it.

    In a folder, files of Terraform belong to the topmost folder that has any, and of the others those are read that can hold facts
    (JSON, YAML, archives). A file that is named is always read. InputError where a path is not there.
    """
    facts = Facts()
    others: list[str] = []
    for path in map(Path, paths):
        if not path.is_dir():
            others.append(str(path))
            continue
        roots = terraform_roots(path)
        for root in roots:
            facts.add(read_terraform(root, within=path))
        others += sorted(str(file) for file in _files(path, roots) if file.name.endswith(_OTHERS))
    if others:
        facts.add(read_exports(others))
    return facts


def terraform_roots(folder: Path) -> list[Path]:
    """Return the folders of Terraform that stand for themselves: the topmost ones with files of it that no other one calls as a module."""
    top, called = [], set()
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _PASSED)
        held = [Path(place, name) for name in sorted(files) if name.endswith(_ENDINGS)]
        if held:
            top.append(Path(place))
            called |= {Path(place, source).resolve() for file in held for source in _sources(file)}
    roots: list[Path] = []
    for one in top:
        inside = any(root in one.parents for root in roots)
        if not inside and one.resolve() not in called:
            roots.append(one)
    return roots


def _sources(file: Path) -> list[str]:
    try:
        with file.open("rb") as opened:
            return _SOURCE.findall(opened.read(_LONGEST).decode("utf-8", "replace"))
    except OSError as error:
        message = f"{file}: cannot be read: {error.strerror or error}"
        raise InputError(message) from error


def _files(folder: Path, roots: Iterable[Path]) -> Iterable[Path]:
    """Yield the files of a folder that are beneath no root of Terraform."""
    inside = set(roots)
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _PASSED and Path(place, name) not in inside)
        if Path(place) not in inside:
            yield from (Path(place, name) for name in files)
