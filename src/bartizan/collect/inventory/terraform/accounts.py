"""Find out in which account and region a provider of Terraform makes things.

Providers rarely say. The account of an alias is, in this order: what its block says (``allowed_account_ids``, the role it assumes), the
variable ``ALIAS_account_id``, the variables ``account_id`` and ``aws_account_id``, what was given for the folder, and else a made-up one,
which is told: one for each profile or alias, but the same for aliases that only name a region.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.declared.standing import DEFAULT_REGION, made_up
from bartizan.collect.inventory.terraform.hcl.evaluation import evaluate
from bartizan.collect.inventory.terraform.hcl.syntax import Expression, GetAttr, Literal, Object, Variable
from bartizan.collect.inventory.terraform.nodes import body_values
from bartizan.collect.inventory.terraform.versions import major_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.terraform.blocks import Source
    from bartizan.collect.inventory.terraform.estate import Estate
    from bartizan.collect.inventory.terraform.hcl.evaluation import Scope
    from bartizan.collect.inventory.terraform.hcl.syntax import Block

__all__ = ["accounts", "provider_of"]

_ID: Final = re.compile(r"^\d{12}$")
_ROLE: Final = re.compile(r"^arn:aws[\w-]*:iam::(\d{12}):role/")
_REGIONAL: Final = re.compile(
    r"^$|region|east|west|north|south|central|global|virginia|ireland|frankfurt|acm|cloudfront|dns|cdn|replica|dr$"
)
_PLACES: Final = {"aws": ("region",), "azurerm": ("location",), "google": ("region", "location", "zone")}
"""Attributes of resources that say where one is to be, by the provider's name in Terraform."""
_UNKNOWN_ACCOUNT: Final = "000000000000"
"""Stands for an account of which nothing is known: AWS gives it to nobody."""


class Module(Protocol):
    """A module, as far as its providers go."""

    estate: Estate
    source: Source
    scope: Scope
    accounts: Mapping[str, Account]

    @property
    def parent(self) -> Module | None:
        """The module that calls it; None for the root."""
        ...


def accounts(module: Module, call: Block | None = None, parent: Module | None = None) -> Mapping[str, Account]:
    """Return where the providers of a module make things, by ``aws`` or ``aws.ALIAS``: its parent's, those its call hands on, its own."""
    made = dict(module.accounts)
    told = call.body.attributes.get("providers") if call else None
    if told is not None and parent is not None and isinstance(told.expression, Object):
        for key, value in told.expression.items:
            made[_alias(key)] = _account(parent, _alias(value))
    for block in module.source.blocks("provider"):
        values = body_values(block.body, module.scope)
        alias = values.get("alias")
        name = f"{block.labels[0]}.{alias}" if isinstance(alias, str) else block.labels[0]
        made[name] = _configured(module, name, values)
    return made


def provider_of(module: Module, block: Block) -> Account:
    """Return where a resource is made."""
    alias = block.body.attributes.get("provider")
    name = _alias(alias.expression) if alias else block.labels[0].partition("_")[0]
    where = _account(module, name)
    kind = block.labels[0].partition("_")[0]
    told = [block.body.attributes[one] for one in _PLACES.get(kind, ()) if one in block.body.attributes]
    value = next((found for one in told if isinstance(found := evaluate(one.expression, module.scope), str)), None)
    if value is None and kind in ("azurerm", "google"):
        value = ""
    return replace(where, region=value) if value is not None else where


def _account(module: Module, name: str) -> Account:
    return module.accounts.get(name) or _configured(module, name, {})


def _alias(expression: Expression) -> str:
    """Return ``aws.prod`` of a reference to a provider, or of its text."""
    if isinstance(expression, GetAttr):
        return f"{_alias(expression.of)}.{expression.name}"
    if isinstance(expression, Variable):
        return expression.name
    return str(expression.value) if isinstance(expression, Literal) else ""


def _configured(module: Module, name: str, values: Mapping[str, Any]) -> Account:
    given = module.estate.where
    region = values.get("region")
    region = region if isinstance(region, str) else given.region or DEFAULT_REGION
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else given.partition
    default = values.get("default_tags")
    tags = default[0].get("tags") if isinstance(default, list) and default and isinstance(default[0], dict) else None
    kept = {key: value for key, value in tags.items() if isinstance(value, str)} if isinstance(tags, dict) else {}
    return Account(_id(module, name, values), region, partition, kept, _version(module, name.partition(".")[0]))


def _version(module: Module, provider: str) -> int:
    """Return the version that the root asks for, or the module where that says nothing."""
    top = module
    while top.parent is not None:
        top = top.parent
    return major_version(top.source, module.estate.root, provider) or major_version(module.source, module.estate.root, provider)


def _id(module: Module, name: str, values: Mapping[str, Any]) -> str:
    said = values.get("allowed_account_ids") or values.get("project") or values.get("subscription_id")
    said = said[0] if isinstance(said, list) else said
    if isinstance(said, str):
        return said
    role = values.get("assume_role")
    arn = role[0].get("role_arn") if isinstance(role, list) and role and isinstance(role[0], dict) else None
    if isinstance(arn, str) and (found := _ROLE.match(arn)):
        return found[1]
    alias = name.partition(".")[2]
    variables = module.scope.roots["var"]
    for variable in ([f"{alias}_account_id"] if alias else []) + ["account_id", "aws_account_id"]:
        if module.source.find("variable", (variable,)):
            value = variables.attribute(variable)
            if isinstance(value, str) and _ID.match(value):
                return value
    if module.parent is not None:
        return _account(module.parent, name).account
    if module.estate.where.account:
        return module.estate.where.account
    profile = values.get("profile")
    seed = profile if isinstance(profile, str) else "" if _REGIONAL.search(alias) else alias
    taken = (made_up(f"{seed}_account_id") if seed else None) or _UNKNOWN_ACCOUNT
    module.estate.assume("", 0, f"provider.{name}", f"the account of the provider {name} is taken to be {taken}")
    return taken
