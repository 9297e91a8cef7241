"""Follow a JMESPath through the shapes of a service model, and say which members are not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeAlias

from jmespath.parser import Parser

Shape: TypeAlias = Any
"""A shape of botocore, or what an expression makes of shapes; None where nobody can tell."""
Node: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Many:
    """A list of something."""

    of: Shape


@dataclass
class Scope:
    """What an expression sees beside a shape: marks by name."""

    shape: Shape = None
    marks: dict[str, Any] = field(default_factory=dict)

    def member(self, name: str, wrong: list[str]) -> Shape:
        if name in self.marks:
            return self.marks[name]
        return None if name.startswith("_") else member(self.shape, name, wrong)


def member(shape: Shape, name: str, wrong: list[str]) -> Shape:
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


def element(shape: Shape) -> Shape:
    if isinstance(shape, Many):
        return shape.of
    return shape.member if getattr(shape, "type_name", "") == "list" else None


class Follower:
    """Follows expressions."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def follow(self, text: str, shape: Shape) -> Shape:
        return self.node(Parser().parse(text).parsed, shape)

    def node(self, node: Node, shape: Shape) -> Shape:
        kind, children = node["type"], node["children"]
        if kind == "field":
            return member(shape, node["value"], self.wrong)
        if kind == "function_expression":
            return self.function(node["value"], children, shape)
        if kind.endswith("projection") or kind == "flatten":
            return self.projected(kind, children, shape)
        if kind in ("current", "identity", "subexpression", "index_expression", "pipe"):
            return reduce(lambda held, child: self.node(child, held), children, shape)
        if kind == "multi_select_dict":
            return {child["value"]: self.node(child["children"][0], shape) for child in children}
        return self.combined(kind, children, shape)

    def projected(self, kind: str, children: list[Node], shape: Shape) -> Shape:
        left = self.node(children[0], shape)
        if kind == "flatten":
            held = element(left)
            return Many(element(held) if isinstance(held, Many) or getattr(held, "type_name", "") == "list" else held)
        held = getattr(left, "value", None) if kind == "value_projection" else element(left)
        for condition in children[2:]:
            self.node(condition, held)
        return Many(self.node(children[1], held))

    def combined(self, kind: str, children: list[Node], shape: Shape) -> Shape:
        if kind in ("index", "slice"):
            return element(shape)
        found = [self.node(child, shape) for child in children]
        if kind == "multi_select_list":
            return Many(found[0] if found else None)
        return found[0] if kind == "or_expression" else None

    def function(self, name: str, children: list[Node], shape: Shape) -> Shape:
        if name in ("where", "without"):
            rows = self.node(children[0], shape)
            if children[1]["type"] == "literal":
                self.follow(children[1]["value"], element(rows))
            self.node(children[2], shape)
            return Many(element(rows))
        found = [self.node(child, shape) for child in children]
        return found[0] if name in ("not_null", "distinct") else None
