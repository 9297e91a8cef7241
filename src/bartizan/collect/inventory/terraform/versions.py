"""Find out which major version of a provider a folder of Terraform asks for: what holds where nothing is said differs between them.

The lock file says it exactly. Else the constraints do where they leave one; ``>= 4.0`` leaves any newer one, so that nothing is known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.terraform.hcl.parser import MAX_BYTES, parse
from bartizan.collect.inventory.terraform.hcl.syntax import Broken, Literal, Object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.collect.inventory.terraform.blocks import Source
    from bartizan.collect.inventory.terraform.hcl.syntax import Expression

__all__ = ["major_version"]

_CONSTRAINT: Final = re.compile(r"(~>|>=|<=|!=|=|<|>)?\s*v?(\d+)((?:\.\d+)*)")


def major_version(source: Source, root: Path, provider: str) -> int:
    """Return the major version of a provider, 0 where it cannot be told."""
    locked = _locked(root, provider)
    if locked:
        return locked
    constraints = [text for name, text in _asked(source) if name == provider]
    return _only(",".join(constraints)) if constraints else 0


def _locked(root: Path, provider: str) -> int:
    path = root / ".terraform.lock.hcl"
    try:
        with path.open("rb") as file:
            blocks = parse(file.read(MAX_BYTES), path.name).blocks
    except (Broken, OSError, RecursionError):
        return 0
    for block in blocks:
        if block.type == "provider" and block.labels and block.labels[0].rpartition("/")[2] == provider:
            told = block.body.attributes.get("version")
            found = _CONSTRAINT.match(_text(told.expression) if told else "")
            return int(found[2]) if found else 0
    return 0


def _asked(source: Source) -> Iterator[tuple[str, str]]:
    """Yield the constraints of ``required_providers`` and of blocks of providers, as those of old had them."""
    for block in source.blocks("terraform"):
        for inner in block.body.blocks:
            for one in inner.body.attributes.values() if inner.type == "required_providers" else ():
                yield one.name, _version(one.expression)
    for block in source.blocks("provider"):
        if "version" in block.body.attributes:
            yield block.labels[0], _text(block.body.attributes["version"].expression)


def _version(expression: Expression) -> str:
    if not isinstance(expression, Object):
        return _text(expression)
    return next((_text(value) for key, value in expression.items if _text(key) == "version"), "")


def _text(expression: Expression) -> str:
    return expression.value if isinstance(expression, Literal) and isinstance(expression.value, str) else ""


def _only(constraints: str) -> int:
    """Return the newest major version that constraints leave, 0 where they leave any newer one."""
    newest: list[int] = []
    for operator, major, rest in _CONSTRAINT.findall(constraints):
        number, exact = int(major), not rest.strip(".0")
        if operator in ("", "=", "<=") or (operator == "~>" and rest):
            newest.append(number)
        elif operator == "<":
            newest.append(number - 1 if exact else number)
    return min(newest, default=0)
