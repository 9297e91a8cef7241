"""The intrinsic functions of CloudFormation. Source: AWS CloudFormation User Guide, "Intrinsic function reference"."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from ipaddress import ip_network
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

from bartizan.collect.inventory.declared.values import HOLE, Encoded, Unknown, first_unknown, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FUNCTIONS", "NO_VALUE"]


class _NoValue:
    """What ``AWS::NoValue`` is: the property that has it is not set."""


NO_VALUE: Final = _NoValue()
_HELD: Final = re.compile(r"\$\{(!?)([^${}]+)\}")
_MOST_NETWORKS: Final = 256


class Template(Protocol):
    """What functions ask of the template they stand in."""

    mappings: Mapping[str, Any]

    def value(self, node: Any) -> Any:  # noqa: ANN401 - any value of a template
        """Return the value of a part."""
        ...

    def reference(self, name: str) -> Any:  # noqa: ANN401 - as above
        """Return what ``Ref`` gives."""
        ...

    def attribute(self, name: str, attribute: str) -> Any:  # noqa: ANN401 - as above
        """Return what ``Fn::GetAtt`` gives."""
        ...

    def condition(self, name: str) -> Any:  # noqa: ANN401 - as above
        """Return whether a condition holds."""
        ...


def _get_att(template: Template, argument: Any) -> Any:  # noqa: ANN401 - any value of a template
    name, _, attribute = argument.partition(".") if isinstance(argument, str) else (argument[0], "", argument[1])
    attribute = template.value(attribute)
    return attribute if isinstance(attribute, Unknown) else template.attribute(name, text_of(attribute))


def _sub(template: Template, argument: Any) -> Any:  # noqa: ANN401 - text or unknown
    text, names = (argument, {}) if isinstance(argument, str) else (argument[0], template.value(argument[1]))
    unknown: list[Unknown] = []

    def fill(found: re.Match[str]) -> str:
        if found[1]:
            return f"${{{found[2]}}}"
        name, _, attribute = found[2].strip().partition(".")
        value = names.get(found[2]) if found[2] in names else template.attribute(name, attribute) if attribute else template.reference(name)
        if isinstance(value, str | int | float):
            return text_of(value)
        unknown.append(value if isinstance(value, Unknown) else Unknown(f"{found[2]} is no text"))
        return HOLE

    made = _HELD.sub(fill, text)
    return Unknown(unknown[0].why, made) if unknown else made


def _join(template: Template, argument: Any) -> Any:  # noqa: ANN401 - text or unknown
    between, parts = argument[0], template.value(argument[1])
    if isinstance(parts, Unknown):
        return Unknown(parts.why)
    unknown = first_unknown(parts)
    text = str(between).join(HOLE if isinstance(part, Unknown) else text_of(part) for part in parts)
    return Unknown(unknown.why, text) if unknown else text


def _known(function: Callable[..., Any]) -> Callable[[Template, Any], Any]:
    """Make a function of its evaluated arguments, unknown where one of them is."""

    def called(template: Template, argument: Any) -> Any:  # noqa: ANN401 - any value of a template
        value = template.value(argument)
        unknown = first_unknown(value)
        return Unknown(unknown.why) if unknown else function(value)

    return called


def _select(template: Template, argument: Any) -> Any:  # noqa: ANN401 - any value of a template
    at, items = template.value(argument[0]), template.value(argument[1])
    for one in (at, items):
        if isinstance(one, Unknown):
            return Unknown(one.why)
    return items[int(at)]


def _if(template: Template, argument: Any) -> Any:  # noqa: ANN401 - any value of a template
    holds = template.condition(argument[0])
    return holds if isinstance(holds, Unknown) else template.value(argument[1] if holds else argument[2])


def _and(template: Template, argument: Any) -> Any:  # noqa: ANN401 - a truth value or unknown
    values = [template.value(one) for one in argument]
    return False if False in values else next((one for one in values if isinstance(one, Unknown)), True)


def _or(template: Template, argument: Any) -> Any:  # noqa: ANN401 - a truth value or unknown
    values = [template.value(one) for one in argument]
    return True if True in values else next((one for one in values if isinstance(one, Unknown)), False)


def _find(template: Template, argument: Any) -> Any:  # noqa: ANN401 - any value of a template
    keys = [template.value(one) for one in argument[:3]]
    for key in keys:
        if isinstance(key, Unknown):
            return Unknown(key.why)
    try:
        return template.mappings[text_of(keys[0])][text_of(keys[1])][text_of(keys[2])]
    except (KeyError, TypeError):
        otherwise = argument[3].get("DefaultValue") if len(argument) > len(keys) and isinstance(argument[3], dict) else None
        return Unknown(f"there is no {'.'.join(map(str, keys))} in the mappings") if otherwise is None else template.value(otherwise)


def _zones(template: Template, argument: Any) -> Any:  # noqa: ANN401 - a list or unknown
    region = template.value(argument) or template.reference("AWS::Region")
    return region if isinstance(region, Unknown) else [f"{text_of(region)}{letter}" for letter in "abc"]


def _cidr(values: list[Any]) -> list[str]:
    network, count = ip_network(values[0]), int(values[1])
    bits = int(values[2]) if len(values) > 2 else 8  # noqa: PLR2004 - the third argument
    prefix = network.max_prefixlen - bits
    return [str(one) for one in islice(network.subnets(new_prefix=prefix), min(count, _MOST_NETWORKS))]


def _json(template: Template, argument: Any) -> Any:  # noqa: ANN401 - text or unknown
    value = template.value(argument)
    return Encoded(value) if first_unknown(value) else json.dumps(value)


def _elsewhere(what: str) -> Callable[[Template, Any], Any]:
    return lambda _template, argument: Unknown(f"{what} {json.dumps(argument, default=str)[:80]} is known only once it is deployed")


FUNCTIONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "Ref": lambda template, name: template.reference(name),
    "Condition": lambda template, name: template.condition(name),
    "Fn::And": _and,
    "Fn::Base64": _known(lambda text: b64encode(text_of(text).encode()).decode()),
    "Fn::Cidr": _known(_cidr),
    "Fn::Equals": _known(lambda values: values[0] == values[1] or str(values[0]) == str(values[1])),
    "Fn::FindInMap": _find,
    "Fn::GetAZs": _zones,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _elsewhere("the export"),
    "Fn::Join": _join,
    "Fn::Length": _known(len),
    "Fn::Not": _known(lambda values: not values[0]),
    "Fn::Or": _or,
    "Fn::Select": _select,
    "Fn::Split": _known(lambda values: text_of(values[1]).split(values[0])),
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _json,
    "Fn::Transform": _elsewhere("the transform"),
}
"""By name: what it gives for the template it stands in and its argument, not yet evaluated."""
