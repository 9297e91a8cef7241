"""Tell by how a variable is used whether it only names things: then what stands for it is as good as what it will be."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.terraform.hcl.syntax import Binary, Conditional, For, GetAttr, Index, Literal, Template, Unary, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.terraform.blocks import Source
    from bartizan.collect.inventory.terraform.hcl.syntax import Body

__all__ = ["names_things"]

_NAMES: Final = ("name", "bucket", "identifier")
_CHOOSING: Final = (Binary, Conditional, For, Index, Unary)
"""What looks at a value instead of passing it on."""
_DEEPEST: Final = 60


def names_things(source: Source, name: str) -> bool:
    """Say whether the name of some resource is a text that a variable is a part of, and nothing is chosen by it.

    What is part of a name is neither a wildcard nor a network nor a truth value.
    """
    found = False
    for form in ("resource", "data", "module", "locals"):
        for block in source.blocks(form):
            for key, expression in _attributes(block.body):
                if key in ("count", "for_each"):
                    if any(True for _ in _uses(expression, name)):
                        return False
                    continue
                uses = list(_uses(expression, name))
                if "chosen" in uses:
                    return False
                found |= form == "resource" and key.endswith(_NAMES) and "text" in uses
    return found


def _attributes(body: Body, depth: int = 0) -> Iterator[tuple[str, Any]]:
    for one in body.attributes.values():
        yield one.name, one.expression
    for block in body.blocks if depth < _DEEPEST else ():
        yield from _attributes(block.body, depth + 1)


def _uses(expression: Any, name: str, how: str = "bare", depth: int = 0) -> Iterator[str]:  # noqa: ANN401 - part of an expression
    """Yield how each use of a variable uses it: ``text`` within other text, ``chosen`` where something hangs on it, or ``bare``."""
    if isinstance(expression, GetAttr) and expression.of == Variable("var"):
        if expression.name == name:
            yield how
    elif isinstance(expression, tuple):
        for one in expression:
            yield from _uses(one, name, how, depth)
    elif hasattr(expression, "__dataclass_fields__") and depth < _DEEPEST:
        if isinstance(expression, _CHOOSING):
            how = "chosen"
        elif isinstance(expression, Template) and any(isinstance(part, Literal) and part.value for part in expression.parts):
            how = how if how == "chosen" else "text"
        for part in fields(expression):
            yield from _uses(getattr(expression, part.name), name, how, depth + 1)
