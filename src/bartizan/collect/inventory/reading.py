"""Read whatever is named into facts: which reader takes a folder or a file is found out from what it holds, never from its name alone."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.collect.inventory.contract import Facts
from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.exports.reading import read_exports
from bartizan.collect.inventory.templates.reading import is_template, read_template, template_of
from bartizan.collect.inventory.terraform.documents import form_of
from bartizan.collect.inventory.terraform.reading import MAX_BYTES, read_before, read_terraform
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["before", "read", "terraform_roots"]

_ENDINGS: Final = (".tf", ".tf.json")
_PASSED: Final = frozenset({".terraform", ".git", ".terragrunt-cache", "node_modules", "__pycache__"})
"""Folders that tools fill with copies of others."""
_SOURCE: Final = re.compile(r'^\s*source\s*=\s*"(\.{1,2}/[^"]*)"', re.MULTILINE)
_HEAD: Final = 1 << 16
_TERRAFORM: Final = re.compile(rb'"(terraform_version|format_version)"')
_TEMPLATE: Final = re.compile(rb"AWSTemplateFormatVersion|AWS::[A-Z]")
"""What stands in the first bytes of a plan or state, and of a template."""
_RECORDING: Final = b'{"format":"bartizan-'
"""How a recording of a running cloud begins."""
_LONGEST: Final = 1 << 20
"""Bytes of one file that are searched for the modules that it calls."""
_OTHERS: Final = (".json", ".yaml", ".yml", ".template", ".tfstate", ".ndjson", ".jsonl", ".gz", ".zip", ".zst", ".tar", ".tgz")


def read(paths: Sequence[str | Path], *, variables: Mapping[str, Any] | None = None, account: str = "", region: str = "") -> Facts:
    """Read files and folders: folders of Terraform as such, everything else by the format that claims it.

    In a folder, files of Terraform belong to the topmost folder that has any, and of the others those are read that can hold facts
    (JSON, YAML, archives). A file that is named is always read. InputError where a path is not there. ``variables`` are those of
    Terraform and the parameters of templates; ``account`` is whose they are, and ``region`` where, where they do not say.
    """
    facts = Facts()
    given: dict[str, Any] = {"variables": variables, "where": Account(account, region)}
    others: list[str] = []
    for path in map(Path, paths):
        if not path.is_dir():
            others.append(str(path))
            continue
        roots = terraform_roots(path)
        for root in roots:
            facts.add(_placed(read_terraform(root, within=path, **given), root, path))
        others += sorted(str(file) for file in _files(path, roots) if file.name.endswith(_OTHERS))
    facts.add(_read_files(list(map(Path, others)), given))
    return facts


def _read_files(files: Sequence[Path], given: Mapping[str, Any]) -> Facts:
    """Read files: those that are something as a whole first, then exports together, then recordings together."""
    facts = Facts()
    readers = {file: _reader_of(file) for file in files}
    for file, reader in readers.items():
        if reader is not None and reader is not _recorded:
            facts.add(_placed(reader(file, **given), file.parent, file.parent))
    exports = [str(file) for file, reader in readers.items() if reader is None]
    recordings = [file for file, reader in readers.items() if reader is _recorded]
    if exports:
        facts.add(read_exports(exports))
    if recordings:
        facts.add(_recorded_in(recordings))
    return facts


def before(paths: Sequence[str | Path], *, account: str = "", region: str = "") -> Facts:
    """Read what plans among files say is there before them; other files say nothing of it."""
    facts = Facts()
    for path in map(Path, paths):
        for file in [path] if not path.is_dir() else sorted(one for one in _files(path, terraform_roots(path)) if one.suffix == ".json"):
            if _reader_of(file) is read_terraform:
                facts.add(read_before(file, where=Account(account, region)))
    return facts


def _reader_of(file: Path) -> Callable[..., Facts] | None:
    """Return what reads a file as a whole: a plan, a state, a template, a recording; None for everything that is read as an export."""
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD)
            if head.startswith(_RECORDING):
                return _recorded
            if not (_TERRAFORM.search(head) or _TEMPLATE.search(head)):
                return None
            content = head + opened.read(MAX_BYTES)
    except OSError:
        return None  # what reads exports says what is wrong with it
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return read_template if template_of(content)[0] is not None else None
    if form_of(document):
        return read_terraform
    return read_template if is_template(document) else None


def _recorded(file: Path, **_given: object) -> Facts:
    return _recorded_in([file])


def _recorded_in(files: Sequence[Path]) -> Facts:
    from bartizan.collect.inventory.estates.recordings import read_recordings  # noqa: PLC0415 - knows every cloud that is read live

    return read_recordings(*files)


def _placed(facts: Facts, root: Path, within: Path) -> Facts:
    """Name files as they were given, and not from the folder that was read."""

    @cache
    def named(path: str) -> str:
        return str(next((folder / path for folder in (root, within) if path and (folder / path).exists()), path))

    placed = Facts()
    for name in Facts.__slots__:
        rows = getattr(placed, name)
        for one in getattr(facts, name):
            if name == "gaps":
                file, mark, rest = one.call.partition(":")
                rows.append(replace(one, call=f"{named(file)}{mark}{rest}"))
            else:
                rows.append(replace(one, origin=replace(one.origin, path=named(one.origin.path))))
    return placed


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
