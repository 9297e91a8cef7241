"""Say what a statement of a policy of AWS does, as far as it can be seen without deciding single requests."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.joins.addresses import anyone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.collect.inventory.contract import Condition, Statement

__all__ = ["actions_match", "everything", "is_anyone", "limits_who", "open_to_anyone", "refuses_plain", "whole", "whole_services", "writes"]

_WHO: Final = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "aws:calledvia",
        "aws:principalisawsservice",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "lambda:functionurlauthtype",
        "sns:endpoint",
    }
)
"""Keys of conditions that say who asks or from where, other than by address."""
_READS: Final = ("get", "list", "describe", "head", "view", "search", "select", "query", "scan", "batchget")


def is_anyone(principals: Iterable[tuple[str, str]]) -> bool:
    """Say whether a statement names everybody."""
    return any(value in {"*", "arn:aws:iam::*:root"} for kind, value in principals if kind in {"*", "AWS"})


def limits_who(conditions: Sequence[Condition]) -> bool:
    """Say whether some condition narrows down who asks: by account, organization, network, or an address that is not everybody's."""
    return any(_limits(one) for one in conditions)


def open_to_anyone(statement: Statement) -> bool:
    """Say whether a statement allows something to everybody: by name, or to all but a few, and no condition says who."""
    if statement.effect != "Allow" or limits_who(statement.conditions):
        return False
    return is_anyone(statement.principals) or bool(statement.not_principals)


def actions_match(statement: Statement, *wanted: str) -> bool:
    """Say whether a statement is about one of some actions (``iam:PassRole``), which may hold wildcards as the statement may."""
    lowered = [one.lower() for one in wanted]
    if statement.not_actions:
        return any(not any(fnmatchcase(one, pattern.lower()) for pattern in statement.not_actions) for one in lowered)
    return any(fnmatchcase(one, pattern.lower()) for one in lowered for pattern in statement.actions)


def writes(statement: Statement, service: str) -> bool:
    """Say whether a statement is about more than looking at something of a service."""
    if statement.not_actions:
        return True
    for action in statement.actions:
        prefix, _, verb = action.lower().partition(":")
        if action == "*" or (fnmatchcase(service, prefix) and not verb.startswith(_READS)):
            return True
    return False


def _limits(one: Condition) -> bool:
    operator = one.operator.lower().rpartition(":")[2].removesuffix("ifexists")
    key = one.key.lower()
    if one.operator.lower().endswith("ifexists") or "not" in operator or operator == "null":
        return False
    if key == "aws:sourceip":
        return not any(anyone(value) for value in one.values)
    return key in _WHO and "*" not in one.values


def everything(statement: Statement) -> bool:
    """Say whether a statement allows all actions on all resources, whatever the conditions."""
    acts = any(action in {"*", "*:*"} for action in statement.actions)
    return statement.effect == "Allow" and acts and ("*" in statement.resources or bool(statement.not_resources))


def whole(statement: Statement, service: str) -> bool:
    """Say whether a statement allows all actions, at least those of a service."""
    if statement.effect != "Allow":
        return False
    return bool(statement.not_actions) or any(
        one in {"*", "*:*"} or (service and one.lower() == f"{service}:*") for one in statement.actions
    )


def whole_services(statement: Statement) -> list[str]:
    """Return the services of which a statement names all actions."""
    return sorted({one.lower().removesuffix(":*") for one in statement.actions if one.endswith(":*") and one != "*:*"})


def refuses_plain(statement: Statement) -> bool:
    """Say whether a statement denies everybody what is asked without TLS."""
    if statement.effect != "Deny" or not is_anyone(statement.principals):
        return False
    wide = any(one == "*" or one.endswith(":*") for one in statement.actions)
    return wide and any(one.key.lower() == "aws:securetransport" and "false" in map(str.lower, one.values) for one in statement.conditions)
