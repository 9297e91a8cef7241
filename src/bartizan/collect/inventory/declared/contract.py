"""What readers of files of declarations give: resources with their attributes, some of which nobody can know yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.plain import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Origin

__all__ = ["Account", "Declared", "makes_nothing", "provider_of_type"]

_PROVIDERS: Final = {"aws": "aws", "azurerm": "azure", "azuread": "azure", "google": "gcp", "kubernetes": "kubernetes"}

_OF_NO_CLOUD: Final = frozenset(
    {"archive", "cloudinit", "external", "http", "local", "null", "random", "template", "terraform", "time", "tls"}
)
"""Providers of Terraform that give values and files, and make nothing anywhere."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where a resource is to be made."""

    account: str = ""
    region: str = ""
    partition: str = "aws"
    tags: Mapping[str, str] = field(default_factory=dict)
    """What every resource is tagged with."""
    version: int = 0
    """The major version of Terraform's provider, 0 where it cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One resource; ``values`` hold ``Unknown`` where something cannot be known."""

    type: str
    """As Terraform or the template names it: ``aws_s3_bucket``, ``AWS::S3::Bucket``."""
    address: str
    """What names it in its files: ``module.a.aws_s3_bucket.b[0]``."""
    values: Mapping[str, Any]
    where: Account
    origin: Origin


def provider_of_type(declared: str) -> str:
    """Return the provider of what is declared by its type, "" for one that is no cloud of ours."""
    return "aws" if declared.startswith("AWS::") else _PROVIDERS.get(declared.partition("_")[0], "")


def makes_nothing(declared: str) -> bool:
    """Say whether there is nothing to be read of a type: its provider gives values alone, or it says nothing that is asked."""
    return declared.partition("_")[0] in _OF_NO_CLOUD or declared in PLAIN
