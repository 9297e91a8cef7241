"""Read what Terraform says into facts: a folder of HCL, a plan or a state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.declared.facts import facts_of
from bartizan.collect.inventory.terraform.documents import Document, form_of
from bartizan.collect.inventory.terraform.estate import Estate
from bartizan.collect.inventory.terraform.modules import Module
from bartizan.collect.inventory.terraform.variables import files_of_variables
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts

__all__ = ["MAX_BYTES", "read_before", "read_terraform"]

MAX_BYTES: Final = 512 << 20
"""The largest plan or state that is read: it is held in memory as a whole, some eight times its size."""


def read_terraform(
    path: Path, *, variables: Mapping[str, Any] | None = None, within: Path | None = None, where: Account | None = None
) -> Facts:
    """Read a folder of HCL, or a file that is a plan, a state or a raw state; InputError where there is none.

    ``variables`` are those of the root module, ``within`` is the folder that files may be read from (the folder itself without it),
    ``where`` is what holds for providers that do not say. What is not known is a gap with file and line, or ``Resource.unknown``.
    """
    root = Path(path).resolve()
    if root.is_file():
        return _read_file(root, str(path), where or Account())
    if not root.is_dir():
        message = f"{path}: there is no such file or folder"
        raise InputError(message)
    limit = Path(within).resolve() if within else root
    if not root.is_relative_to(limit):
        message = f"{path} does not lie within {within}"
        raise InputError(message)
    estate = Estate(root, limit, variables or {}, where or Account())
    inputs = {**files_of_variables(estate, root), **estate.given}
    Module(estate, root, "", inputs).declare()
    facts = facts_of(estate.declared, "terraform")
    facts.gaps[:0] = [*estate.gaps, *estate.losses()]
    return facts


def read_before(path: Path, *, where: Account | None = None) -> Facts:
    """Read what a plan says is there before it, of what it manages; nothing where the file is a state. InputError as ``read_terraform``."""
    return facts_of(_document(path.resolve(), str(path), where or Account()).before(), "terraform")


def _read_file(path: Path, shown: str, where: Account) -> Facts:
    read = _document(path, shown, where)
    facts = facts_of(read.declared(), "terraform", gone=read.gone())
    facts.gaps[:0] = read.gaps
    return facts


def _document(path: Path, shown: str, where: Account) -> Document:
    try:
        if path.stat().st_size > MAX_BYTES:
            message = f"{shown}: it has more than {MAX_BYTES >> 20} MiB: split the state, or read the account itself"
            raise InputError(message)
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        message = f"{shown}: it is no JSON of Terraform: {error}"
        raise InputError(message) from error
    if not form_of(document):
        message = f"{shown}: it is neither a plan nor a state (write one with: terraform show -json FILE)"
        raise InputError(message)
    return Document(document, path.name, where)
