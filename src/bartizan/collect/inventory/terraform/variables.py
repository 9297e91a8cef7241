"""Read files of variables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.declared.values import Unknown
from bartizan.collect.inventory.terraform.hcl.evaluation import Scope, evaluate
from bartizan.collect.inventory.terraform.hcl.files import Files
from bartizan.collect.inventory.terraform.hcl.parser import parse
from bartizan.collect.inventory.terraform.hcl.syntax import Broken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.collect.inventory.terraform.estate import Estate

__all__ = ["files_of_variables"]


def files_of_variables(estate: Estate, folder: Path) -> Mapping[str, Any]:
    """Read terraform.tfvars and ``*.auto.tfvars`` of a folder, HCL or JSON, in the order in which Terraform does."""
    found: dict[str, Any] = {}
    named = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    automatic = sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])
    for path in (*named, *automatic):
        if path.is_file():
            found.update(_variables(estate, path))
    return found


def _variables(estate: Estate, path: Path) -> Mapping[str, Any]:
    shown = estate.shown(path)
    scope = Scope({}, lambda name: Unknown(f"'{name}' in a file of variables"), Files(estate.within, path.parent), estate.budget)
    try:
        content = path.read_bytes()
        if path.suffix == ".json":
            values = json.loads(content)
            return values if isinstance(values, dict) else {}
        return {name: evaluate(one.expression, scope) for name, one in parse(content, shown).attributes.items()}
    except Broken as broken:
        estate.lost(shown, broken.line, broken.why)
    except (OSError, ValueError, RecursionError) as error:
        estate.lost(shown, 0, str(error))
    return {}
