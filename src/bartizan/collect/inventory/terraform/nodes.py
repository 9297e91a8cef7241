"""Resources and data sources of a module as values: their attributes are evaluated when they are asked for, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.contract import Declared
from bartizan.collect.inventory.declared.rendering import Rendering, stand_in
from bartizan.collect.inventory.declared.sections import attribute_template, maker
from bartizan.collect.inventory.declared.values import Namespace, Unknown
from bartizan.collect.inventory.terraform.credentials import CREDENTIALS
from bartizan.collect.inventory.terraform.data import DATA, TOLD_ALIKE
from bartizan.collect.inventory.terraform.hcl.evaluation import Scope, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Origin
    from bartizan.collect.inventory.declared.contract import Account
    from bartizan.collect.inventory.terraform.hcl.syntax import Block, Body

__all__ = ["Node", "Unclear", "body_values"]

_CIRCLE: Final = " refers to itself"
_META: Final = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"})
_RANDOM: Final[Mapping[str, int]] = {"hex": 8, "id": 8, "result": 8, "b64_std": 8, "b64_url": 8, "keepers": 0}


class Node(Namespace):
    """One instance of a resource or a data source."""

    def __init__(self, block: Block, address: str, scope: Scope, where: Account, origin: Origin) -> None:
        """Hold what it says and what its names mean."""
        self.type = block.labels[0]
        self.address = address
        self.where = where
        self.origin = origin
        self.is_data = block.type == "data"
        self.assume: Callable[[str], None] = _untold
        """Tells what was taken for something that only the cloud knows."""
        self._body = block.body
        self._scope = scope
        self._held: dict[str, Any] = {}

    def attribute(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        """Return an attribute: as it is written, or as it will come to be; a name that is not known as that which stands for it."""
        written = self.written(name)
        return self._computed(name) if written is None or (isinstance(written, Unknown) and self._names(name)) else written

    def written(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        """Return an attribute or the blocks of a name as written; None where there is nothing."""
        if name not in self._held:
            self._held[name] = Unknown(f"{self.address}.{name}{_CIRCLE}")
            self._held[name] = _written(self._body, name, self._scope)
        return self._held[name]

    def declared(self) -> Declared:
        """Return the resource with all that it says."""
        names = dict.fromkeys([*self._body.attributes, *_block_names(self._body)])
        values = {name: value for name in names if name not in _META and (value := self.written(name)) is not None}
        if self.where.version:
            values["provider_version"] = self.where.version
        return Declared(type=self.type, address=self.address, values=values, where=self.where, origin=self.origin)

    def _computed(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        key = f"({name})"
        if key not in self._held:
            self._held[key] = Unknown(f"{self.address}.{name}{_CIRCLE}")
            self._held[key] = self._foretold(name)
        return self._held[key]

    def _names(self, name: str) -> bool:
        """Say whether an attribute is part of what names the resource: whoever refers to it means this resource, whatever it is called."""
        entry = None if self.is_data or self._held[name].why.endswith(_CIRCLE) else maker("terraform", self.type)
        return entry is not None and attribute_template(entry, name) == f"{{{name}}}"

    def _foretold(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        """Return what an attribute will be that the provider makes, as far as that can be told."""
        if (self.is_data or (self.type, name) in TOLD_ALIKE) and self.type in DATA:
            return DATA[self.type](self, name)
        if name in CREDENTIALS.get(f"{'data.' if self.is_data else ''}{self.type}", ()):
            return Unknown(f"{self.address}.{name} is known only once it exists", credential=True)
        if self.type.startswith("random_") and name in _RANDOM:
            return stand_in(self.address, _RANDOM[name])
        entry = maker("terraform", self.type)
        if entry is None:
            return Unknown(f"{self.address}.{name} is known only once it exists")
        rendering = Rendering(self.address, self.where, self.written)
        rendering.uid = rendering.render(entry.uid)
        template = attribute_template(entry, name)
        if template is None and name == "tags_all":
            return {**self.where.tags, **(self.written("tags") or {})}
        if template is None and name == "name" and self.written("name_prefix"):
            template = "{name}"
        return Unknown(f"{self.address}.{name} is known only once it exists") if template is None else rendering.render(template)


def _untold(_detail: str) -> None:
    """Tell nobody."""


class Unclear(Namespace):
    """Things of which nobody knows how many there are; ``made`` is one that stands for all."""

    def __init__(self, made: Any, why: str) -> None:  # noqa: ANN401 - a node or a module
        """Hold the one and the reason."""
        self.made = made
        self.why = why

    def attribute(self, name: str) -> Unknown:  # noqa: ARG002 - whatever is asked for
        """Return that nothing is known of any of them."""
        return Unknown(self.why)


def body_values(body: Body, scope: Scope) -> dict[str, Any]:
    """Return what a body says, blocks as lists of objects."""
    names = dict.fromkeys([*body.attributes, *_block_names(body)])
    return {name: value for name in names if (value := _written(body, name, scope)) is not None}


def _block_names(body: Body) -> list[str]:
    return [block.labels[0] if block.type == "dynamic" and block.labels else block.type for block in body.blocks]


def _written(body: Body, name: str, scope: Scope) -> Any:  # noqa: ANN401 - any value of the language
    if name in body.attributes:
        return evaluate(body.attributes[name].expression, scope)
    made: list[Any] = []
    for block in body.blocks:
        if block.type == name:
            made.append(body_values(block.body, scope))
        elif block.type == "dynamic" and block.labels == (name,):
            made.extend(_dynamic(block, name, scope))
    return made or None


def _dynamic(block: Block, name: str, scope: Scope) -> list[Any]:
    """Expand a dynamic block: its content once for each item."""
    content = next((one for one in block.body.blocks if one.type == "content"), None)
    each = block.body.attributes.get("for_each")
    if content is None or each is None:
        return [Unknown(f"the dynamic block {name} has no for_each or no content")]
    items = evaluate(each.expression, scope)
    if not isinstance(items, list | dict):
        return [Unknown(items.why if isinstance(items, Unknown) else f"for_each of the dynamic block {name} is no collection")]
    pairs = list(items.items()) if isinstance(items, dict) else [(item, item) for item in items]
    named = block.body.attributes.get("iterator")
    word = getattr(named.expression, "name", name) if named else name
    if not scope.budget.spend(len(pairs)):
        return [Unknown("the folder takes too long to evaluate")]
    return [body_values(content.body, scope.named({word: {"key": key, "value": value}})) for key, value in pairs]
