"""Read files of variables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.declared.values import Unknown
from bartizan.collect.inventory.terraform.hcl.evaluation import Budget, Scope, evaluate
from bartizan.collect.inventory.terraform.hcl.files import Files
from bartizan.collect.inventory.terraform.hcl.parser import parse
from bartizan.collect.inventory.terraform.hcl.syntax import Broken
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.terraform.estate import Estate

__all__ = ["files_of_variables", "given_value"]


def files_of_variables(estate: Estate, folder: Path) -> Mapping[str, Any]:
    """Read terraform.tfvars and ``*.auto.tfvars`` of a folder, HCL or JSON, in the order in which Terraform does."""
    found: dict[str, Any] = {}
    named = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    automatic = sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])
    for path in (*named, *automatic):
        if path.is_file():
            found.update(_variables(estate, path))
    return found


def given_value(text: str) -> Any:  # noqa: ANN401 - any value of the language
    """Return the value of a variable that is given as text: a list or an object where it begins as one, else the text itself."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    nowhere = Path("/")
    try:
        expression = parse(f"value = {text}\n".encode()).attributes["value"].expression
    except Broken as broken:
        message = f"{text[:60]}: it is no value of Terraform: {broken.why}"
        raise UsageError(message) from broken
    return evaluate(
        expression, Scope({}, lambda name: Unknown(f"'{name}' in a value that is given"), Files(nowhere / "nowhere", nowhere), Budget())
    )


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
