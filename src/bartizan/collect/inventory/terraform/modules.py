"""Evaluate one module: what its names mean, how many of each resource there are, and the modules that it calls."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.standing import made_up, naming_word
from bartizan.collect.inventory.declared.values import Namespace, Unknown, text_of
from bartizan.collect.inventory.terraform.accounts import accounts, provider_of
from bartizan.collect.inventory.terraform.estate import MAX_INSTANCES, Estate
from bartizan.collect.inventory.terraform.hcl.evaluation import Scope, evaluate
from bartizan.collect.inventory.terraform.hcl.files import Files
from bartizan.collect.inventory.terraform.naming import names_things
from bartizan.collect.inventory.terraform.nodes import Node, Unclear
from bartizan.collect.inventory.terraform.source import read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bartizan.collect.inventory.declared.contract import Account
    from bartizan.collect.inventory.terraform.blocks import Source
    from bartizan.collect.inventory.terraform.hcl.syntax import Block

__all__ = ["Module"]

_MAX_DEPTH: Final = 12
_STEPS: Final = 100
"""What a call of a module costs at least."""


class _Names(Namespace):
    """A root of references: what gives each name, once."""

    def __init__(self, what: str, give: Callable[[str], Any]) -> None:
        self._what = what
        self._give = give
        self._held: dict[str, Any] = {}

    def attribute(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        """Return what a name means."""
        if name not in self._held:
            self._held[name] = Unknown(f"{self._what}.{name} refers to itself")
            self._held[name] = self._give(name)
        return self._held[name]


class Module(Namespace):
    """One call of a module, or the root."""

    def __init__(self, estate: Estate, folder: Path, address: str, inputs: Mapping[str, Any], parent: Module | None = None) -> None:
        """Read the files of a module; nothing is evaluated yet."""
        self.estate = estate
        self.address = address
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self._folder = folder
        self._inputs = inputs
        self.source: Source = read_source(estate, folder)
        here = os.path.relpath(folder, estate.root)
        path = {"module": here, "root": ".", "cwd": "."}
        roots = {
            "var": _Names("var", self._variable),
            "local": _Names("local", self._local),
            "module": _Names("module", self._called),
            "data": _Names("data", lambda kind: self._of_type("data", kind)),
            "path": path,
            "terraform": {"workspace": "default"},
        }
        resources = _Names("", lambda kind: self._of_type("resource", kind))
        self.scope = Scope(roots, resources.attribute, Files(estate.within, estate.root), estate.budget)
        self.accounts: Mapping[str, Account] = {} if parent is None else parent.accounts
        self.accounts = accounts(self)
        self._calls: dict[str, Any] = {}

    def declare(self) -> None:
        """Add the resources of the module, and of those that it calls, to the estate."""
        for block in self.source.blocks("resource"):
            for node in _items(self.node("resource", block.labels[0], block.labels[1])):
                if len(self.estate.declared) >= MAX_INSTANCES:
                    self.estate.gap(block.file, block.line, f"more than {MAX_INSTANCES} resources: the others are not read")
                    return
                self.estate.declared.append(node.declared())
        for block in self.source.blocks("module"):
            for module in _items(self._module(block.labels[0])):
                if isinstance(module, Module):
                    module.declare()

    def attribute(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        """Return an output of the module."""
        block = self.source.find("output", (name,))
        if block is None or "value" not in block.body.attributes:
            return Unknown(f"the module has no output '{name}'")
        return evaluate(block.body.attributes["value"].expression, self.scope)

    def node(self, form: str, kind: str, name: str) -> Any:  # noqa: ANN401 - a node, several, or unknown
        """Return a resource or data source: one node, a list of them (count) or an object of them (for_each)."""
        block = self.source.find(form, (kind, name))
        prefix = f"{self.address}{'data.' if form == 'data' else ''}{kind}.{name}"
        if block is None:
            return Unknown(f"{prefix} is declared nowhere")
        where = provider_of(self, block)

        def make(scope: Scope, key: str = "") -> Node:
            node = Node(block, prefix + key, scope, where, self.estate.origin(block.file, block.line))
            node.assume = partial(self.estate.assume, block.file, block.line, prefix)
            return node

        return self._repeated(block, prefix, make)

    def _repeated(self, block: Block, address: str, make: Callable[..., Any]) -> Any:  # noqa: ANN401 - one or several of what is made
        """Make one thing, or as many as count or for_each say; where that is not known, one that stands for all."""
        count, each = block.body.attributes.get("count"), block.body.attributes.get("for_each")
        if count is not None:
            number = evaluate(count.expression, self.scope)
            try:
                wanted = int(text_of(number))
            except (TypeError, ValueError):
                wanted = -1
            if 0 <= wanted <= MAX_INSTANCES // 10:
                return [make(self.scope.named({"count": {"index": at}}), f"[{at}]") for at in range(wanted)]
            return self._unclear(block, address, number, make)
        if each is not None:
            items = evaluate(each.expression, self.scope)
            if isinstance(items, dict):
                pairs = list(items.items())
            elif isinstance(items, list) and all(isinstance(item, str) for item in items):
                pairs = [(item, item) for item in items]
            else:
                return self._unclear(block, address, items, make)
            return {key: make(self.scope.named({"each": {"key": key, "value": value}}), f'["{key}"]') for key, value in pairs}
        return make(self.scope)

    def _unclear(self, block: Block, address: str, found: Any, make: Callable[..., Any]) -> Any:  # noqa: ANN401 - any value
        why = found.why if isinstance(found, Unknown) else "it is no number and no collection, or too many"
        self.estate.gap(
            block.file,
            block.line,
            f"how many {address} there are is not known: {why}",
            type_=block.labels[0] if block.type == "resource" else "",
        )
        unknown = Unknown(why)
        return Unclear(make(self.scope.named({"count": {"index": unknown}, "each": {"key": unknown, "value": unknown}}), "[*]"), why)

    def _of_type(self, form: str, kind: str) -> Any:  # noqa: ANN401 - names or unknown
        if not any(block.labels[0] == kind for block in self.source.blocks(form)):
            return Unknown(f"there is no '{kind}'")
        return _Names(f"{self.address}{kind}", lambda name: self.node(form, kind, name))

    def _variable(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        block = self.source.find("variable", (name,))
        default = None if block is None else block.body.attributes.get("default")
        if name in self._inputs:
            given = self._inputs[name]
            if given is not None or default is None:
                return given
        if block is None:
            return Unknown(f"there is no variable '{name}'")
        if default is not None:
            return evaluate(default.expression, self.scope)
        value = made_up(name) or (naming_word(name) if names_things(self.source, name) else None)
        if value is None:
            self.estate.assume(block.file, block.line, f"var.{name}", f"the variable {self.address}{name} has no value and none is given")
            return Unknown(f"the variable {name} has no value")
        self.estate.assume(block.file, block.line, f"var.{name}", f"the variable {self.address}{name} is taken to be {value}")
        return value

    def _local(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        for block in self.source.blocks("locals"):
            if name in block.body.attributes:
                return evaluate(block.body.attributes[name].expression, self.scope)
        return Unknown(f"there is no local '{name}'")

    def _called(self, name: str) -> Any:  # noqa: ANN401 - modules or unknown
        return self._module(name)

    def _module(self, name: str) -> Any:  # noqa: ANN401 - modules or unknown
        if name not in self._calls:
            self._calls[name] = Unknown(f"module.{name} refers to itself")
            self._calls[name] = self._call(name)
        return self._calls[name]

    def _call(self, name: str) -> Any:  # noqa: ANN401 - modules or unknown
        block = self.source.find("module", (name,))
        if block is None:
            return Unknown(f"there is no module '{name}'")
        folder = self._folder_of(block)
        if isinstance(folder, Unknown):
            self.estate.gap(block.file, block.line, f"the module {self.address}{name} is not read: {folder.why}")
            return folder
        address = f"{self.address}module.{name}"

        def make(scope: Scope, key: str = "") -> Any:  # noqa: ANN401 - a module, or unknown
            if not self.estate.budget.spend(_STEPS):
                return Unknown("the folder takes too long to evaluate")
            inputs = {one.name: evaluate(one.expression, scope) for one in block.body.attributes.values()}
            child = Module(self.estate, folder, f"{address}{key}.", inputs, self)
            child.accounts = accounts(child, block, self)
            return child

        return self._repeated(block, address, make)

    def _folder_of(self, block: Block) -> Path | Unknown:
        told = block.body.attributes.get("source")
        source = evaluate(told.expression, self.scope) if told else None
        if not isinstance(source, str):
            return Unknown("its source is not known")
        if self.depth >= _MAX_DEPTH:
            return Unknown(f"modules call modules deeper than {_MAX_DEPTH}")
        if source.startswith(("./", "../")):
            place: Path | None = (self._folder / source).resolve()
        else:
            place = self.estate.fetched(f"{self.address}module.{block.labels[0]}")
        if place is None:
            return Unknown(f"its source '{source[:80]}' is not in this folder (terraform init fetches it)")
        if not place.is_relative_to(self.estate.within):
            return Unknown(f"its source '{source[:80]}' lies outside of the folder that is read; name a folder that holds both")
        return place if place.is_dir() else Unknown(f"there is no folder '{source[:80]}'")


def _items(found: Any) -> list[Any]:  # noqa: ANN401 - one, several or unknown
    if isinstance(found, Unknown):
        return []
    if isinstance(found, Unclear):
        return [found.made]
    return list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else [found]
