"""Read what Terraform says into facts: a folder of HCL, a plan or a state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.declared.facts import facts_of
from bartizan.collect.inventory.terraform.estate import Estate
from bartizan.collect.inventory.terraform.modules import Module
from bartizan.collect.inventory.terraform.variables import files_of_variables
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts

__all__ = ["read_terraform"]


def read_terraform(
    path: Path, *, variables: Mapping[str, Any] | None = None, within: Path | None = None, where: Account | None = None
) -> Facts:
    """Read a folder; InputError where there is none.

    ``variables`` are those of the root module, ``within`` is the folder that files may be read from (the folder itself without it),
    ``where`` is what holds for providers that do not say. What is not known is a gap with file and line, or ``Resource.unknown``.
    """
    root = Path(path).resolve()
    if not root.is_dir():
        message = f"{path}: there is no such folder"
        raise InputError(message)
    limit = Path(within).resolve() if within else root
    if not root.is_relative_to(limit):
        message = f"{path} does not lie within {within}"
        raise InputError(message)
    estate = Estate(root, limit, variables or {}, where or Account())
    inputs = {**files_of_variables(estate, root), **estate.given}
    Module(estate, root, "", inputs).declare()
    facts = facts_of(estate.declared, "terraform")
    facts.gaps[:0] = estate.gaps
    return facts
