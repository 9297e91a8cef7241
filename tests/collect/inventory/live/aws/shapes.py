"""Follow a JMESPath through the shapes of a service model, and say which members are not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jmespath.parser import Parser


@dataclass(frozen=True)
class Many:
    """A list of something."""

    of: Any


@dataclass
class Scope:
    """What an expression sees beside a shape: marks by name."""

    shape: Any = None
    marks: dict[str, Any] = field(default_factory=dict)

    def member(self, name: str, wrong: list[str]) -> Any:
        if name in self.marks:
            return self.marks[name]
        return None if name.startswith("_") else member(self.shape, name, wrong)


def member(shape: Any, name: str, wrong: list[str]) -> Any:
    if isinstance(shape, Scope):
        return shape.member(name, wrong)
    if isinstance(shape, dict):
        if name not in shape:
            wrong.append(f"{name} is none of {sorted(shape)}")
        return shape.get(name)
    if shape is None or getattr(shape, "type_name", "") == "map":
        return getattr(shape, "value", None)
    if getattr(shape, "document_type", False):
        return None
    if getattr(shape, "type_name", "") == "structure":
        if name not in shape.members:
            wrong.append(f"{shape.name} has no {name}, but {sorted(shape.members)}")
        return shape.members.get(name)
    wrong.append(f"{shape} is no structure that could have {name}")
    return None


def element(shape: Any) -> Any:
    if isinstance(shape, Many):
        return shape.of
    return shape.member if getattr(shape, "type_name", "") == "list" else None


class Follower:
    """Follows expressions."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def follow(self, text: str, shape: Any) -> Any:
        return self.node(Parser().parse(text).parsed, shape)

    def node(self, node: dict[str, Any], shape: Any) -> Any:
        kind, children = node["type"], node["children"]
        if kind == "field":
            return member(shape, node["value"], self.wrong)
        if kind in ("current", "identity"):
            return shape
        if kind in ("subexpression", "index_expression", "pipe"):
            for child in children:
                shape = self.node(child, shape)
            return shape
        if kind in ("index", "slice"):
            return element(shape)
        if kind == "flatten":
            inner = self.node(children[0], shape)
            held = element(inner)
            return Many(element(held) if isinstance(held, Many) or getattr(held, "type_name", "") == "list" else held)
        if kind == "projection":
            return Many(self.node(children[1], element(self.node(children[0], shape))))
        if kind == "filter_projection":
            left = element(self.node(children[0], shape))
            self.node(children[2], left)
            return Many(self.node(children[1], left))
        if kind == "value_projection":
            left = self.node(children[0], shape)
            held = getattr(left, "value", None)
            return Many(self.node(children[1], held))
        if kind == "multi_select_list":
            found = [self.node(child, shape) for child in children]
            return Many(found[0] if found else None)
        if kind == "multi_select_dict":
            return {child["value"]: self.node(child["children"][0], shape) for child in children}
        if kind == "function_expression":
            return self.function(node["value"], children, shape)
        found = [self.node(child, shape) for child in children]
        return found[0] if kind in ("or_expression",) else None

    def function(self, name: str, children: list[dict[str, Any]], shape: Any) -> Any:
        if name in ("where", "without"):
            rows = self.node(children[0], shape)
            if children[1]["type"] == "literal":
                self.follow(children[1]["value"], element(rows))
            self.node(children[2], shape)
            return Many(element(rows))
        found = [self.node(child, shape) for child in children]
        return found[0] if name in ("not_null", "distinct") else None
