"""Parse files of Terraform in JSON into the same bodies as HCL.

JSON does not tell a block from an attribute that is an object: names in ``blocks`` are blocks, so that they come out as lists of objects.

Source: "JSON Configuration Syntax" of Terraform's documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.terraform.hcl.expressions import Expressions
from bartizan.collect.inventory.terraform.hcl.syntax import Attribute, Block, Body, Broken, Expression, Literal, Object, Tuple
from bartizan.collect.inventory.terraform.hcl.templates import template
from bartizan.documents import Document, Map, documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["parse_json"]

_LABELS: Final = {"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "locals": 0, "terraform": 0}


def parse_json(content: bytes, file: str, blocks: Callable[[str], frozenset[str]]) -> Body:
    """Parse a file; Broken with its line where it is none. ``blocks`` gives the names of the blocks of a type of resource."""
    read = list(documents(content))
    if len(read) != 1 or not isinstance(read[0], Document):
        why, line = next(((one.why, one.line) for one in read if not isinstance(one, Document)), (f"it has {len(read)} documents", 0))
        raise Broken(why, line)
    document = read[0].value
    if not isinstance(document, Map):
        message = "it is no object"
        raise Broken(message, 1)
    made = Body()
    for form, held in document.items():
        for labels, value in _labelled(held, _LABELS.get(str(form), 0), ()):
            names = blocks(labels[0]) if form in ("resource", "data") else frozenset()
            made.blocks.append(Block(str(form), labels, _body(value, names, plain=form == "variable"), value.line, file))
    return made


def _labelled(held: Any, count: int, labels: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Map]]:  # noqa: ANN401 - JSON
    """Yield the bodies under as many labels; a list stands for several of the same labels."""
    for one in held if isinstance(held, list) else [held]:
        if not isinstance(one, Map):
            message = f"{'.'.join(labels) or 'what stands at the top'} is no object"
            raise Broken(message, getattr(held, "line", 0))
        if count == 0:
            yield labels, one
        for name, inner in one.items() if count else ():
            yield from _labelled(inner, count - 1, (*labels, str(name)))


def _body(held: Map, blocks: frozenset[str], *, plain: bool = False) -> Body:
    """Make a body; ``plain``: its texts are no templates."""
    made = Body()
    for name, value in held.items():
        line = held.lines.get(name, held.line)
        if name == "dynamic" and isinstance(value, Map):
            made.blocks.extend(_dynamic(value, blocks))
        elif name != "//":
            made.attributes[str(name)] = Attribute(str(name), _expression(value, str(name), blocks, line, plain=plain), line)
    return made


def _dynamic(held: Map, blocks: frozenset[str]) -> Iterator[Block]:
    for labels, value in _labelled(held, 1, ()):
        body = _body(Map(value.line), blocks)
        for name, inner in value.items():
            if name == "content" and isinstance(inner, Map):
                body.blocks.append(Block("content", (), _body(inner, blocks), inner.line))
            else:
                body.attributes[str(name)] = Attribute(str(name), _expression(inner, "", blocks, value.line), value.line)
        yield Block("dynamic", labels, body, value.line)


def _expression(value: Any, name: str, blocks: frozenset[str], line: int, *, plain: bool = False) -> Expression:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        return Literal(value) if plain else template(value, line, Expressions)
    if isinstance(value, list):
        return Tuple(tuple(_expression(one, "", blocks, line, plain=plain) for one in value))
    if isinstance(value, dict):
        items = tuple(
            (Literal(str(key)), _expression(one, str(key), blocks, line, plain=plain)) for key, one in value.items() if key != "//"
        )
        return Tuple((Object(items),)) if name in blocks else Object(items)
    return Literal(value if isinstance(value, int | float | bool) or value is None else str(value))
