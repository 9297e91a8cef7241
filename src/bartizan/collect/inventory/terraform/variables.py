"""Give variables their values: what is given, files of variables, defaults; and stand-ins where a name is all that hangs on it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.rendering import stand_in
from bartizan.collect.inventory.declared.values import Unknown
from bartizan.collect.inventory.terraform.hcl.evaluation import Scope, evaluate
from bartizan.collect.inventory.terraform.hcl.files import Files
from bartizan.collect.inventory.terraform.hcl.parser import parse
from bartizan.collect.inventory.terraform.hcl.syntax import Broken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.collect.inventory.terraform.estate import Estate

__all__ = ["default_region", "files_of_variables", "made_up"]

default_region: Final = "us-east-1"
_ACCOUNT: Final = re.compile(r"(^|_)account(_?id|_?number)?$")
_REGION: Final = re.compile(r"(^|_)region$")
_NAMING: Final = re.compile(r"(^|_)(suffix|prefix|environment|env|stage|project|namespace|workspace|owner|team|name|tag|id)$")
_IDS: Final = {"vpc": "vpc-", "subnet": "subnet-", "security_group": "sg-", "sg": "sg-", "ami": "ami-", "instance": "i-"}


def made_up(name: str) -> str | None:
    """Return what stands for a variable that has no value, where it only names things; None where a judgement would hang on it.

    Account ids are twelve digits that differ by the variable's name; a region is the first of AWS.
    """
    if _ACCOUNT.search(name):
        return str(int(stand_in(name, 12), 16))[-11:].rjust(12, "9")
    if _REGION.search(name):
        return default_region
    if _NAMING.search(name):
        for word, prefix in _IDS.items():
            if re.search(rf"(^|_){word}\d*_id$", name):
                return prefix + stand_in(name, 17)
        return f"{name.replace('_', '-')}-{stand_in(name, 6)}"
    return None


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
        estate.gap(shown, broken.line, f"the file is not read: {broken.why}")
    except (OSError, ValueError, RecursionError) as error:
        estate.gap(shown, 0, f"the file is not read: {error}")
    return {}
