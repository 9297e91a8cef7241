"""Data sources of Terraform that can be told without asking a cloud: who we are, where we are, documents of policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Protocol

from bartizan.collect.inventory.contract import ROOT
from bartizan.collect.inventory.declared.rendering import stand_in
from bartizan.collect.inventory.declared.values import Encoded, Unknown, first_unknown
from bartizan.collect.inventory.managed import managed_arn
from bartizan.collect.inventory.terraform.hcl.encodings import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.declared.contract import Account

__all__ = ["DATA", "TOLD_ALIKE"]


class Source(Protocol):
    """A data source that is asked for an attribute."""

    address: str
    where: Account
    assume: Callable[[str], None]

    def written(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        """Return an attribute as it is written."""
        ...


def _elsewhere(source: Source, name: str) -> Unknown:
    return Unknown(f"data.{source.address.removeprefix('data.')}.{name} is told by the cloud alone")


def _caller(source: Source, name: str) -> Any:  # noqa: ANN401 - text or unknown
    where = source.where
    if name in ("account_id", "id"):
        return where.account
    if name != "arn":
        return _elsewhere(source, name)
    arn = f"arn:{where.partition}:iam::{where.account}:user/who-applies-this"
    source.assume(f"whoever applies it is taken to be {arn}: somebody of that account")
    return arn


def _region(source: Source, name: str) -> Any:  # noqa: ANN401 - text or unknown
    return source.where.region if name in ("name", "region", "id") else _elsewhere(source, name)


def _partition(source: Source, name: str) -> Any:  # noqa: ANN401 - text or unknown
    suffix = {"aws-cn": "amazonaws.com.cn"}.get(source.where.partition, "amazonaws.com")
    reverse = ".".join(reversed(suffix.split(".")))
    told = {"partition": source.where.partition, "id": source.where.partition, "dns_suffix": suffix, "reverse_dns_prefix": reverse}
    return told.get(name) or _elsewhere(source, name)


def _zones(source: Source, name: str) -> Any:  # noqa: ANN401 - a list or unknown
    if name == "names":
        return [f"{source.where.region}{letter}" for letter in "abc"]
    return _elsewhere(source, name)


def _organization(source: Source, name: str) -> Any:  # noqa: ANN401 - a list or unknown
    """Tell the root of the organization: there is one, and what is attached to it holds for every account but the management account."""
    return [{"id": ROOT, "name": "Root"}] if name == "roots" else _elsewhere(source, name)


def _policy(source: Source, name: str) -> Any:  # noqa: ANN401 - text or unknown
    """Tell a policy by its name or ARN; by its name it is one of AWS's only where AWS has one of that name."""
    given = source.written("arn") or source.written("name")
    if name in ("arn", "id") and isinstance(given, str):
        return given if given.startswith("arn:") else managed_arn(given) or _elsewhere(source, name)
    return _elsewhere(source, name)


def _default_id(prefix: str) -> Callable[[Source, str], Any]:
    """Make the rule of a thing that exists already: its id is a stand-in, all else is not known."""

    def told(source: Source, name: str) -> Any:  # noqa: ANN401 - text or unknown
        return prefix + stand_in(source.address, 17) if name in ("id", "image_id") else _elsewhere(source, name)

    return told


def _default_account(source: Source, name: str) -> Any:  # noqa: ANN401 - text or unknown
    """Tell the account that machines of Google Cloud have by default: the number of the project is a stand-in."""
    address = f"{str(int(stand_in(source.where.account, 12), 16))[-12:].rjust(12, '8')}-compute@developer.gserviceaccount.com"
    told = {"email": address, "member": f"serviceAccount:{address}"}
    return told.get(name) or _elsewhere(source, name)


def _document(source: Source, name: str) -> Any:  # noqa: ANN401 - text or unknown
    """Build the document that aws_iam_policy_document is."""
    if name not in ("json", "minified_json"):
        return _elsewhere(source, name)
    statements: list[Any] = []
    for text in source.written("source_policy_documents") or ():
        statements.extend(_statements_of(text))
    own = source.written("statement")
    statements.extend(_statement(one) for one in (own if isinstance(own, list) else [] if own is None else [own]))
    for text in source.written("override_policy_documents") or ():
        for one in _statements_of(text):
            sid = one.get("Sid") if isinstance(one, dict) else None
            statements = [held for held in statements if not (sid and isinstance(held, dict) and held.get("Sid") == sid)]
            statements.append(one)
    document: dict[str, Any] = {"Version": source.written("version") or "2012-10-17", "Statement": statements}
    if source.written("policy_id"):
        document["Id"] = source.written("policy_id")
    return Encoded(document) if first_unknown(document) else encode(document)


def _statements_of(document: Any) -> list[Any]:  # noqa: ANN401 - text or unknown
    if isinstance(document, Encoded):
        document = document.value
    elif isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return [Unknown("a source of the document is no JSON")]
    if not isinstance(document, dict):
        return [Unknown(document.why if isinstance(document, Unknown) else "a source of the document is none")]
    told = document.get("Statement", [])
    return told if isinstance(told, list) else [told]


def _statement(block: Any) -> Any:  # noqa: ANN401 - an object or unknown
    if not isinstance(block, dict):
        return block
    made: dict[str, Any] = {"Effect": block.get("effect", "Allow")}
    if block.get("sid"):
        made["Sid"] = block["sid"]
    for name, element in _ELEMENTS.items():
        if block.get(name):
            made[element] = _variables(block[name])
    for name, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if block.get(name):
            made[element] = _principals(block[name])
    tests: dict[str, dict[str, list[Any]]] = {}
    for condition in block.get("condition", ()):
        if not isinstance(condition, dict) or not isinstance(condition.get("test"), str) or not isinstance(condition.get("variable"), str):
            return Unknown("a condition is not known")
        values = _variables(condition.get("values"))
        held = tests.setdefault(condition["test"], {})
        held[condition["variable"]] = [*held.get(condition["variable"], []), *(values if isinstance(values, list) else [values])]
    return {**made, **({"Condition": tests} if tests else {})}


def _principals(blocks: list[Any]) -> Any:  # noqa: ANN401 - part of a policy
    made: dict[str, Any] = {}
    for block in blocks:
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(kind, str):
            return Unknown("a principal is not known")
        identifiers = block.get("identifiers")
        if kind == "*":
            return "*"
        made[kind] = [*made.get(kind, []), *(identifiers if isinstance(identifiers, list) else [identifiers])]
    return made


def _variables(value: Any) -> Any:  # noqa: ANN401 - text, a list or unknown
    """Write variables of policies as policies do: ``&{...}`` stands for them, since ``${...}`` is Terraform's."""
    if isinstance(value, list):
        return [_variables(one) for one in value]
    return value.replace("&{", "${") if isinstance(value, str) else value


_ELEMENTS: Final = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
DATA: Final[Mapping[str, Callable[[Source, str], Any]]] = {
    "aws_ami": _default_id("ami-"),
    "aws_availability_zones": _zones,
    "aws_caller_identity": _caller,
    "aws_iam_policy": _policy,
    "aws_iam_policy_document": _document,
    "aws_organizations_organization": _organization,
    "aws_partition": _partition,
    "aws_region": _region,
    "aws_security_group": _default_id("sg-"),
    "aws_subnet": _default_id("subnet-"),
    "aws_vpc": _default_id("vpc-"),
    "google_compute_default_service_account": _default_account,
}
"""By type: what gives an attribute that is not written."""
TOLD_ALIKE: Final = frozenset({("aws_organizations_organization", "roots")})
"""Attributes of resources that are told as those of the data source of the same type are."""
