"""Read templates of Resource Manager: those that were exported of a resource group, and those that somebody wrote.

Parameters have their default values, variables and loops are computed, nested templates are entered. What nobody can compute before a
deployment stays unknown. Ids are made as the deployment would make them, in a subscription of zeros and a group named as the file.
Source: Azure Resource Manager documentation, "Understand the structure and syntax of ARM templates".
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Facts, Gap
from bartizan.collect.inventory.exports.azure.expressions import computed
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.exports.azure.rows import as_row, mapping, text
from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.inventory.exports.unresolved import Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Origin, Value

__all__ = ["FORMAT", "TemplateReading"]

_SUBSCRIPTION: Final = "/subscriptions/00000000-0000-0000-0000-000000000000"
_DEPLOYMENT: Final = "microsoft.resources/deployments"
_MOST: Final = 800
"""Turns of a loop: Azure takes no more."""
_NESTED: Final = 8
"""Templates in templates that are entered."""


class TemplateReading:
    """Everything read of templates so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._reading = AzureReading()
        self._gaps: list[Gap] = []

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take a template."""
        where = replace(origin, how="template")
        group = PurePath(origin.path).name.partition(".")[0].lower() or "template"
        self._entered(_Template(dict(record), {}, group), where, 0)

    def _entered(self, template: _Template, origin: Origin, depth: int) -> None:
        for row, why in template.rows():
            if why:
                self._gap(origin, why)
            if row is None:
                continue
            nested = mapping(row.get("properties")).get("template")
            if text(row.get("type")).lower() != _DEPLOYMENT or not isinstance(nested, dict):
                self._reading.take_row(as_row(row, origin))
            elif depth < _NESTED:
                given = mapping(mapping(row.get("properties")).get("parameters"))
                self._entered(
                    _Template(nested, {name: mapping(one).get("value") for name, one in given.items()}, template.group), origin, depth + 1
                )
            else:
                self._gap(origin, f"a template nested deeper than {_NESTED} others")

    def _gap(self, origin: Origin, why: str) -> None:
        place = " ".join(filter(None, (origin.path, origin.place)))
        self._gaps.append(Gap(provider="azure", call=place, reason="unresolved", detail=why))

    def facts(self) -> Facts:
        """Return everything read, put together."""
        facts = self._reading.facts()
        facts.gaps += self._gaps
        return facts


class _Template:
    """One template with what it was given: the scope in which its expressions are computed."""

    def __init__(self, told: dict[str, Value], given: Mapping[str, Value], group: str) -> None:
        self._told = told
        self._given = {name.lower(): value for name, value in given.items()}
        self._open: set[str] = set()
        self._turns: list[tuple[str, int]] = []
        self.group = group

    def rows(self) -> Iterator[tuple[dict[str, Value] | None, str]]:
        """Yield each resource as a row, and why one is none or may not be there."""
        told = self._told.get("resources")
        for one in list(told.values()) if isinstance(told, dict) else told if isinstance(told, list) else []:
            if isinstance(one, dict) and one.get("existing") is not True:
                yield from self._resource(one, "", "")
            elif not isinstance(one, dict):
                yield None, "a resource that is no object"

    def _resource(self, told: dict[str, Value], above: str, below: str) -> Iterator[tuple[dict[str, Value] | None, str]]:
        """Yield a resource, each turn of its loop, and its children; ``above`` is the type and ``below`` the name of its parent."""
        loop = mapping(told.get("copy"))
        count = computed(loop.get("count"), self) if loop else 1
        if not isinstance(count, int) or isinstance(count, bool):
            yield None, f"how often {told.get('name')} is there is not known"
            count = 1
        for turn in range(min(count, _MOST)):
            if loop:
                self._turns.append((text(loop.get("name")).lower(), turn))
            condition = computed(told.get("condition", True), self)
            if condition is not False:
                asked = condition.expression if isinstance(condition, Unresolved) else condition
                why = "" if condition is True else f"whether {told.get('name')} is there is not known: {asked}"
                yield from self._one(told, (above, below), why)
            if loop:
                self._turns.pop()

    def _one(self, told: dict[str, Value], parent: tuple[str, str], why: str) -> Iterator[tuple[dict[str, Value] | None, str]]:
        above, below = parent
        named = computed(told.get("name"), self)
        kind = f"{above}/{text(told.get('type'))}".lstrip("/")
        if not isinstance(named, str) or not kind:
            yield None, f"a {kind or 'resource'} whose name is not known: {told.get('name')}"
            return
        name = f"{below}/{named}".lstrip("/")
        whole = {
            key: value
            for key, value in told.items()
            if key not in ("resources", "copy", "dependsOn", "condition", "apiVersion", "comments")
        }
        nested = kind.lower() == _DEPLOYMENT
        own = told.get("properties")
        properties = dict(own) if isinstance(own, dict) else {}
        inner = properties.pop("template", None) if nested else None
        row = computed({**whole, "properties": own if isinstance(own, str) else self._looped(properties)}, self)
        if isinstance(row, dict):
            if nested and isinstance(row["properties"], dict):
                row["properties"]["template"] = inner
            scope = row.get("scope")
            uid = _id(kind, name, scope.rstrip("/") if isinstance(scope, str) and scope.startswith("/") else self._place(kind))
            yield {**row, "id": uid, "type": kind.lower(), "name": name.rpartition("/")[2]}, why
        children = told.get("resources")
        for child in children if isinstance(children, list) else []:
            if isinstance(child, dict):
                yield from self._resource(child, kind, name)

    def _looped(self, properties: dict[str, Value]) -> dict[str, Value]:
        """Write out loops in properties: ``copy: [{name, count, input}]``."""
        loops = properties.pop("copy", None)
        for loop in map(mapping, loops if isinstance(loops, list) else []):
            count, name = computed(loop.get("count"), self), text(loop.get("name"))
            if isinstance(count, int) and not isinstance(count, bool):
                made: list[Value] = []
                for turn in range(min(count, _MOST)):
                    self._turns.append((name.lower(), turn))
                    made.append(computed(loop.get("input"), self))
                    self._turns.pop()
                properties[name] = made
            else:
                properties[name] = Unresolved(f"a loop of {loop.get('count')}")
        return properties

    def _place(self, kind: str) -> str:
        lower = kind.lower()
        if lower.startswith("microsoft.management/"):
            return ""
        subscription = lower in ("microsoft.resources/resourcegroups", "microsoft.security/pricings", "microsoft.security/securitycontacts")
        schema = text(self._told.get("$schema")).lower()
        return (
            _SUBSCRIPTION if subscription or "subscriptiondeploymenttemplate" in schema else f"{_SUBSCRIPTION}/resourcegroups/{self.group}"
        )

    def call(self, name: str, given: Sequence[Value]) -> Value:
        """Return what a function of the template's own yields; KeyError if it is none."""
        return _OWN[name](self, *given)

    def parameter(self, name: Value) -> Value:
        """Return a parameter: what was given, else its default."""
        key = text(name).lower()
        if key in self._given:
            return self._given[key]
        told = next((mapping(one) for other, one in mapping(self._told.get("parameters")).items() if other.lower() == key), {})
        if "defaultValue" not in told or text(told.get("type")).lower().startswith("secure"):
            return Unresolved(f"[parameters('{name}')]")
        return self._once(f"p:{key}", told["defaultValue"])

    def variable(self, name: Value) -> Value:
        """Return a variable."""
        key = text(name).lower()
        held = next(((one,) for other, one in mapping(self._told.get("variables")).items() if other.lower() == key), None)
        return Unresolved(f"[variables('{name}')]") if held is None else self._once(f"v:{key}", held[0])

    def _once(self, key: str, told: Value) -> Value:
        """Compute a value that may ask for others; one that asks for itself cannot be computed."""
        if key in self._open:
            return Unresolved(f"{key[2:]} asks for itself")
        self._open.add(key)
        try:
            return computed(told, self)
        finally:
            self._open.discard(key)

    def index(self, *given: Value) -> Value:
        """Return the turn of a loop, by its name or the innermost."""
        name = text(given[0]).lower() if given and isinstance(given[0], str) else ""
        more = given[-1] if given and isinstance(given[-1], int) else 0
        turns = [turn for loop, turn in self._turns if loop == name or not name]
        return turns[-1] + more if turns else Unresolved("[copyIndex()]")

    def resource_id(self, *given: Value) -> Value:
        """Return the id of a resource, with the subscription and group before its type where they are given."""
        at = next((place for place, one in enumerate(given) if isinstance(one, str) and "/" in one), -1)
        names = given[at + 1 :]
        if at < 0 or not all(isinstance(one, str) for one in given):
            return Unresolved("[resourceId()]")
        place = f"{_SUBSCRIPTION}/resourcegroups/{given[at - 1] if at else self.group}"
        return _id(str(given[at]), "/".join(map(str, names)), place)

    def subscription_id(self, *given: Value) -> Value:
        """Return the id of a resource of the subscription."""
        known = [one for one in given if isinstance(one, str)]
        return (
            _id(known[0], "/".join(known[1:]), _SUBSCRIPTION) if len(known) == len(given) > 1 else Unresolved("[subscriptionResourceId()]")
        )

    def extension_id(self, *given: Value) -> Value:
        """Return the id of an extension of a resource."""
        known = [one for one in given if isinstance(one, str)]
        return _id(known[1], "/".join(known[2:]), known[0]) if len(known) == len(given) > 2 else Unresolved("[extensionResourceId()]")  # noqa: PLR2004 - resource, type, name

    def here(self) -> Value:
        """Return what is known of the resource group."""
        return {"id": f"{_SUBSCRIPTION}/resourcegroups/{self.group}", "name": self.group, "location": "resource-group-location"}


def _id(kind: str, name: str, place: str) -> str:
    provider, *types = kind.split("/")
    names = name.split("/")
    pairs = "/".join(f"{one}/{other}" for one, other in zip(types, names, strict=False))
    if kind.lower() == "microsoft.resources/resourcegroups":
        return f"{_SUBSCRIPTION}/resourcegroups/{name}".lower()
    return f"{place}/providers/{provider}/{pairs}".lower()


_OWN: Final[Mapping[str, Callable[..., Value]]] = {
    "parameters": _Template.parameter,
    "variables": _Template.variable,
    "copyindex": _Template.index,
    "resourceid": _Template.resource_id,
    "subscriptionresourceid": _Template.subscription_id,
    "tenantresourceid": lambda _, kind, *names: _id(str(kind), "/".join(map(str, names)), ""),
    "extensionresourceid": _Template.extension_id,
    "resourcegroup": _Template.here,
    "subscription": lambda _: {"id": _SUBSCRIPTION, "subscriptionId": _SUBSCRIPTION.rpartition("/")[2]},
}
"""Functions that ask the template, by name in lower case."""


def _claims(record: Mapping[str, Value]) -> bool:
    return "deploymenttemplate.json" in text(record.get("$schema")).lower() and isinstance(record.get("resources"), list | dict)


FORMAT: Final = Format(
    name="azure-template", provider="azure", title="templates of Azure Resource Manager", claims=_claims, begin=TemplateReading
)
