"""Evaluate a template: parameters, mappings, conditions, and the functions that refer to them and to resources."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Origin, Uid
from bartizan.collect.inventory.declared.contract import Declared
from bartizan.collect.inventory.declared.rendering import Rendering, stand_in
from bartizan.collect.inventory.declared.sections import attribute_template, maker
from bartizan.collect.inventory.declared.standing import made_up
from bartizan.collect.inventory.declared.values import Unknown, text_of
from bartizan.collect.inventory.templates.functions import FUNCTIONS, NO_VALUE
from bartizan.collect.inventory.templates.serverless import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.declared.contract import Account
    from bartizan.documents import Map

__all__ = ["Stack"]

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MAX_RESOURCES: Final = 5_000
_IDS: Final = {"VPC": "vpc-", "Subnet": "subnet-", "SecurityGroup": "sg-", "Image": "ami-", "Instance": "i-"}


class Stack:
    """One template, and what is known of where it is to be deployed."""

    def __init__(self, document: Map, *, file: str, name: str, given: Mapping[str, Any], where: Account) -> None:
        """Hold a template; nothing is evaluated yet."""
        self.gaps: list[Gap] = []
        self.where = where
        self.name = name
        self.mappings = _mapping(document.get("Mappings"))
        self._file = file
        self._given = given
        self._parameters = _mapping(document.get("Parameters"))
        self._conditions = _mapping(document.get("Conditions"))
        self._resources = _mapping(document.get("Resources"))
        self._lines: Mapping[str, int] = getattr(document.get("Resources"), "lines", {})
        self._held: dict[str, Any] = {}
        self._depth = 0
        if "Transform" in document:
            self._transform(document["Transform"])

    def declared(self) -> list[Declared]:
        """Return the resources whose condition holds."""
        made: list[Declared] = []
        for name, resource in self._resources.items():
            told = resource if isinstance(resource, dict) else {}
            if not isinstance(told.get("Type"), str) or len(made) >= _MAX_RESOURCES:
                self._gap(name, f"{name}: it has no Type, or there are more than {_MAX_RESOURCES} resources")
                continue
            if self._exists(name, told):
                made.append(self._declared(name, told))
        return made

    def value(self, node: Any) -> Any:  # noqa: ANN401 - any value of a template
        """Return the value of a part of the template."""
        self._depth += 1
        try:
            if self._depth > 120:  # noqa: PLR2004 - twice as deep as a document can be
                return Unknown("it refers to itself")
            if isinstance(node, list):
                return [value for one in node if (value := self.value(one)) is not NO_VALUE]
            if not isinstance(node, dict):
                return node.isoformat() if isinstance(node, date) else node  # YAML sees dates where AWS sees text
            if len(node) == 1 and (name := next(iter(node))) in FUNCTIONS:
                return self._called(name, node[name])
            return {str(key): value for key, one in node.items() if (value := self.value(one)) is not NO_VALUE}
        finally:
            self._depth -= 1

    def _called(self, name: str, argument: Any) -> Any:  # noqa: ANN401 - any value of a template
        try:
            return FUNCTIONS[name](self, argument)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
            return Unknown(f"{name}: {' '.join(str(error).split())[:120] or 'it does not take that'}")

    def reference(self, name: str) -> Any:  # noqa: ANN401 - any value of a template
        """Return what ``Ref`` gives."""
        if name in self._parameters:
            return self._once(f"parameter {name}", lambda: self._parameter(name))
        if name.startswith("AWS::"):
            return self._pseudo(name[5:])
        return self._of_resource(name, "id")

    def attribute(self, name: str, attribute: str) -> Any:  # noqa: ANN401 - any value of a template
        """Return what ``Fn::GetAtt`` gives."""
        return self._of_resource(name, "arn" if attribute == "Arn" else attribute)

    def condition(self, name: str) -> Any:  # noqa: ANN401 - a truth value or unknown
        """Return whether a condition holds."""
        if name not in self._conditions:
            return Unknown(f"there is no condition {name}")
        return self._once(f"condition {name}", lambda: self.value(self._conditions[name]))

    def _once(self, key: str, make: Any) -> Any:  # noqa: ANN401 - any value of a template
        if key not in self._held:
            self._held[key] = Unknown(f"the {key} refers to itself")
            self._held[key] = make()
        return self._held[key]

    def _pseudo(self, name: str) -> Any:  # noqa: ANN401 - text, no value or unknown
        where, unique = self.where, stand_in(self.name, 17)
        suffix = "amazonaws.com.cn" if self.where.partition == "aws-cn" else "amazonaws.com"
        told = {
            "AccountId": self.where.account,
            "Region": self.where.region,
            "Partition": self.where.partition,
            "StackName": self.name,
            "StackId": f"arn:{where.partition}:cloudformation:{where.region}:{where.account}:stack/{self.name}/{unique}",
            "URLSuffix": suffix,
            "NoValue": NO_VALUE,
        }
        return told.get(name, Unknown(f"AWS::{name} is known only once it is deployed"))

    def _parameter(self, name: str) -> Any:  # noqa: ANN401 - any value of a template
        told = _mapping(self._parameters[name])
        kind = str(told.get("Type", "String"))
        value = self._given.get(name, told.get("Default"))
        if value is None:
            return self._assumed(name, kind)
        if kind.startswith("AWS::SSM::"):
            return Unknown(f"the parameter {name} is kept in Systems Manager")
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return [part.strip() for part in text_of(value).split(",")] if not isinstance(value, list) else value
        return value if isinstance(value, str | int | float | bool) else Unknown(f"the parameter {name} is no text")

    def _assumed(self, name: str, kind: str) -> Any:  # noqa: ANN401 - text or unknown
        prefix = next((prefix for word, prefix in _IDS.items() if kind == f"AWS::EC2::{word}::Id"), "")
        value = prefix + stand_in(name, 17) if prefix else made_up(_WORD.sub("_", name).lower())
        told = f"the parameter {name} " + (f"is taken to be {value}" if value else "has no value and none is given")
        self.gaps.append(Gap(provider="aws", call=self._file, reason="assumed", detail=told, uid=Uid(f"template:{name}")))
        return value or Unknown(f"the parameter {name} has no value")

    def _of_resource(self, name: str, attribute: str) -> Any:  # noqa: ANN401 - text or unknown
        return self._once(f"attribute {name}.{attribute}", lambda: self._foretold(name, attribute))

    def _foretold(self, name: str, attribute: str) -> Any:  # noqa: ANN401 - text or unknown
        told = _mapping(self._resources.get(name))
        if name not in self._resources or not isinstance(told.get("Type"), str):
            return Unknown(f"there is no resource {name}")
        entry = maker("template", told["Type"])
        template = attribute_template(entry, attribute) if entry else None
        if entry is None or template is None:
            return Unknown(f"{name}.{attribute} is known only once it is deployed")
        properties = _mapping(told.get("Properties"))
        rendering = Rendering(f"{self.name}/{name}", self.where, lambda one: self.value(properties.get(one)))
        rendering.uid = rendering.render(entry.uid)
        return rendering.render(template)

    def _exists(self, name: str, told: Mapping[str, Any]) -> bool:
        if "Condition" not in told:
            return True
        holds = self.condition(str(told["Condition"]))
        if isinstance(holds, Unknown):
            self._gap(name, f"whether {name} is made is not known: {holds.why}; it is read as if it were")
            return True
        return bool(holds)

    def _declared(self, name: str, told: Mapping[str, Any]) -> Declared:
        values = self.value(told.get("Properties") or {})
        if not isinstance(values, dict):
            self._gap(name, f"the properties of {name} are not known")
            values = {}
        held = {key: value for key, value in values.items() if value is not None}
        origin = Origin("template", self._file, f"line {self._lines[name]}" if name in self._lines else f"/Resources/{name}")
        return Declared(type=told["Type"], address=f"{self.name}/{name}", values=held, where=self.where, origin=origin)

    def _transform(self, told: Any) -> None:  # noqa: ANN401 - any value of a template
        for name in told if isinstance(told, list) else [told]:
            if name == "AWS::Serverless-2016-10-31":
                self._resources, problems = expanded(self._resources)
                lines = dict(self._lines)
                for made in self._resources:
                    lines.setdefault(made, next((line for held, line in self._lines.items() if made.startswith(held)), 0))
                self._lines = {key: line for key, line in lines.items() if line}
                for resource, why in problems:
                    self._gap(resource, why)
            else:
                self._gap("", f"the transform {name} is not applied: what it makes is not read")

    def _gap(self, name: str, detail: str) -> None:
        place = f"{self._file}:line {self._lines[name]}" if name in self._lines else self._file
        self.gaps.append(Gap(provider="aws", call=place, reason="unresolved", detail=detail))


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any value of a template
    return value if isinstance(value, dict) else {}
