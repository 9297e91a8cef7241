"""Use the configuration in a plan: where its providers are, and what an attribute that is not known yet refers to.

A plan does not know the ARN of a role that it will make, and so not to which a function is given. Its configuration says which resource is
referred to: that is enough to name it, as a folder's reading names it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.rendering import Rendering
from bartizan.collect.inventory.declared.sections import attribute_template, entries, maker
from bartizan.collect.inventory.declared.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.declared.contract import Account, Declared

__all__ = ["Configuration"]

_REFERENCE: Final = re.compile(r"^([a-z]\w*_\w+)\.([\w-]+)(\[[^\]]*\])?\.(\w+)$")
_INDEX: Final = re.compile(r"\[[^\]]*\]")
_ROOT: Final = re.compile(r"[A-Za-z_]\w*")


class Configuration:
    """The configuration of a plan; one that is not there says nothing."""

    def __init__(self, told: Any, where: Account) -> None:  # noqa: ANN401 - JSON
        """Hold the configuration and what holds where it says nothing."""
        self._where = where
        self._providers = told.get("provider_config", {}) if isinstance(told, dict) else {}
        self._resources: dict[str, Mapping[str, Any]] = {}
        for address, resource in _resources(told.get("root_module") if isinstance(told, dict) else None, "", 0):
            self._resources[address] = resource

    def where(self, address: str, kind: str) -> Account:
        """Return where a resource is made, as far as its provider says."""
        key = str(self._resources.get(_INDEX.sub("", address), {}).get("provider_config_key") or kind.partition("_")[0])
        told = self._providers.get(key) if isinstance(self._providers, dict) else None
        expressions = told.get("expressions") if isinstance(told, dict) else None
        region = _constant(expressions, "region")
        project = _constant(expressions, "project") or _constant(expressions, "subscription_id")
        return replace(self._where, account=self._where.account or project, region=region or self._where.region)

    def resolved(self, declared: list[Declared]) -> list[Declared]:
        """Return declarations in which what only names another resource is that resource's name."""
        held = {one.address: one for one in declared}
        return [self._resolved(one, held) for one in declared]

    def _resolved(self, one: Declared, held: Mapping[str, Declared]) -> Declared:
        expressions = self._resources.get(_INDEX.sub("", one.address), {}).get("expressions")
        if not isinstance(expressions, dict):
            return one
        prefix = one.address[: one.address.rindex(one.type)] if one.type in one.address else ""
        values = dict(one.values)
        for name in naming(one.type) & values.keys():
            values[name] = _named(values[name], expressions.get(name), prefix, held)
        return replace(one, values=values)


@cache
def naming(kind: str) -> frozenset[str]:
    """Return the attributes of a type that name other resources, so that no text can stand around a reference in them."""
    paths: list[str] = []
    for entry in entries("terraform").get(kind, ()):
        paths += [entry.of, *(told["to"] for told in entry.edges), *(told["managed"] for told in entry.policies if "managed" in told)]
        for told in entry.gives.values():
            if isinstance(told, dict) and "is" in told:
                paths += [told["at"]] if isinstance(told["at"], str) else told["at"]
    return frozenset(found[0] for path in paths if (found := _ROOT.match(path)))


def _named(value: Any, expression: Any, prefix: str, held: Mapping[str, Declared]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Unknown) and isinstance(expression, dict):
        found = [name for told in _texts(expression.get("references")) if (name := _name(told, prefix, held))]
        return found[0] if len(found) == 1 else value
    if isinstance(value, list) and isinstance(expression, list):
        padded = [*expression, *[None] * len(value)]
        return [_named(one, padded[at], prefix, held) for at, one in enumerate(value)]
    if isinstance(value, dict) and isinstance(expression, dict):
        return {name: _named(one, expression.get(name), prefix, held) for name, one in value.items()}
    return value


def _name(reference: str, prefix: str, held: Mapping[str, Declared]) -> str:
    """Return the attribute of a planned resource that a reference names, as it will be."""
    found = _REFERENCE.match(reference)
    target = held.get(f"{prefix}{found[1]}.{found[2]}{found[3] or ''}") if found else None
    entry = maker("terraform", target.type) if target else None
    if found is None or target is None or entry is None:
        return ""
    known = target.values.get(found[4])
    if isinstance(known, str):
        return known
    template = attribute_template(entry, found[4])
    if template is None:
        return ""
    rendering = Rendering(target.address, target.where, target.values.get)
    rendering.uid = rendering.render(entry.uid)
    return rendering.render(template)


def _resources(module: Any, prefix: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:  # noqa: ANN401 - JSON
    if not isinstance(module, dict) or depth > 60:  # noqa: PLR2004 - as deep as modules are read
        return
    for one in _objects(module.get("resources")):
        yield f"{prefix}{one.get('address')}", one
    calls = module.get("module_calls")
    for name, call in calls.items() if isinstance(calls, dict) else ():
        if isinstance(call, dict):
            yield from _resources(call.get("module"), f"{prefix}module.{name}.", depth + 1)


def _objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _constant(expressions: Any, name: str) -> str:  # noqa: ANN401 - JSON
    told = expressions.get(name) if isinstance(expressions, dict) else None
    value = told.get("constant_value") if isinstance(told, dict) else None
    return value if isinstance(value, str) else ""
