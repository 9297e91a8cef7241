"""Make policy documents of declarations that are permissions, and find those that hold something unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Gap, Uid
from bartizan.collect.inventory.declared.values import HOLE, Encoded, Unknown, first_unknown
from bartizan.collect.inventory.policies import read_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Origin

__all__ = ["BUILDERS", "policy_facts"]


def policy_facts(document: Any, policy: Uid, *, origin: Origin, account: str) -> Facts:  # noqa: ANN401 - any value of a declaration
    """Read a document that may hold what is unknown: a statement that does is a gap of its policy, the others are read."""
    if isinstance(document, Encoded):
        document = document.value
    if isinstance(document, Unknown):
        try:
            document, why = json.loads(document.text or ""), document.why
        except ValueError:
            return Facts(gaps=[_gap(policy, f"it is not known: {document.why}", origin, account)])
        return _without_holes(document, policy, why, (origin, account))
    unknown = first_unknown(document)
    if unknown is None:
        return read_policy(document, policy, origin=origin, account=account)
    return _without_holes(document, policy, unknown.why, (origin, account))


def _without_holes(document: Any, policy: Uid, why: str, place: tuple[Origin, str]) -> Facts:  # noqa: ANN401 - as above
    origin, account = place
    told = document.get("Statement") if isinstance(document, dict) else None
    if not isinstance(told, list | dict):
        return Facts(gaps=[_gap(policy, f"it is not known: {why}", origin, account)])
    version = {name: held for name, held in document.items() if name == "Version"}
    if unknown := _hole(version, why):
        return Facts(gaps=[_gap(policy, f"its Version is not known: {unknown}", origin, account)])
    facts = Facts()
    for number, statement in enumerate(told if isinstance(told, list) else [told]):
        if unknown := _hole(statement, why):
            facts.gaps.append(_gap(policy, f"statement {number} is not known: {unknown}", origin, account))
            continue
        read = read_policy({**version, "Statement": [statement]}, policy, origin=origin, account=account)
        facts.statements.extend(_numbered(one, number) for one in read.statements)
        facts.gaps.extend(read.gaps)
    return facts


def _numbered(statement: Any, number: int) -> Any:  # noqa: ANN401 - a Statement
    return replace(statement, number=number)


def _hole(statement: Any, why: str) -> str:  # noqa: ANN401 - any value of a declaration
    unknown = first_unknown(statement)
    if unknown is not None:
        return unknown.why
    return why if HOLE in json.dumps(statement, ensure_ascii=False) else ""


def _gap(policy: Uid, why: str, origin: Origin, account: str) -> Gap:
    told = f"the policy {policy}: {why}"
    return Gap(provider="aws", call=f"{origin.path}:{origin.place}", reason="unresolved", detail=told, account=account, uid=policy)


def _principal(value: str) -> Any:  # noqa: ANN401 - a part of a policy
    if value == "*":
        return "*"
    return {"Service": value} if ".amazonaws." in value else {"AWS": value}


def _lambda_permission(values: Mapping[str, Any], uid: str) -> dict[str, Any]:
    """Make the statement that AddPermission of Lambda makes; names as in Terraform (in CloudFormation they differ by letter case alone)."""
    held = {name.replace("_", "").lower(): value for name, value in values.items()}
    statement: dict[str, Any] = {"Effect": "Allow", "Action": held.get("action"), "Resource": uid}
    principal = held.get("principal")
    statement["Principal"] = principal if isinstance(principal, Unknown) else _principal(str(principal))
    tests = {
        "sourcearn": ("ArnLike", "AWS:SourceArn"),
        "sourceaccount": ("StringEquals", "AWS:SourceAccount"),
        "principalorgid": ("StringEquals", "aws:PrincipalOrgID"),
        "functionurlauthtype": ("StringEquals", "lambda:FunctionUrlAuthType"),
        "invokedviafunctionurl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    }
    condition: dict[str, Any] = {}
    for name, (operator, key) in tests.items():
        if held.get(name) is not None:
            condition.setdefault(operator, {})[key] = held[name]
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}


BUILDERS: Final[Mapping[str, Callable[[Mapping[str, Any], str], dict[str, Any]]]] = {"lambda_permission": _lambda_permission}
"""By name: what makes a policy document of the values of a declaration and the uid of its resource."""
