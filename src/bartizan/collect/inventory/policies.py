"""Read IAM policy documents into statements, one row each, for every origin.

Nothing is interpreted: patterns and variables stay as written. What a statement says that the grammar of policies does not know
makes a ``Gap`` for that policy, so that nobody takes half a policy for the whole. A policy of the version 2008-10-17, which is also that of
one that says no version, knows no variables: its ``${`` is written ``${$}{``, as version 2012-10-17 writes the same.

Source: IAM User Guide, "Grammar of the IAM JSON policy language" and "IAM JSON policy elements: Version"; IAM Access Analyzer, "policy
check reference" (empty arrays have no effect).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from bartizan.collect.inventory.contract import Condition, Facts, Gap, Statement, Uid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Origin, Value

__all__ = ["read_policy", "strings"]

_TOP: Final = frozenset({"Version", "Id", "Statement"})
_PRINCIPALS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_ELEMENTS: Final = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"},
)
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
"""The first knows policy variables."""
_NOTHING: Final = ("",)
"""Patterns that no action and no ARN is of: what an empty array says."""
_MAX_STATEMENTS: Final = 5_000
"""The largest policy that AWS takes (a bucket policy, 20 KB) holds some 400."""


class _Wrong(Exception):  # noqa: N818 - a verdict on a statement, caught where its policy is read
    """Part of a policy is none."""


def read_policy(document: Value, policy: Uid, *, origin: Origin, account: str = "") -> Facts:
    """Read a policy document, decoded or as JSON text (URL-encoded or not), into statements; what is none is a gap with the policy's uid.

    A document that says nothing (``None``, ``""``) has no statements and makes no gap.
    """
    facts = Facts()
    if document is None or document == "":
        return facts
    try:
        _statements(_decoded(document), policy, origin, facts, account)
    except _Wrong as wrong:
        facts.gaps.append(_gap(str(wrong), policy, origin, account))
    return facts


def strings(value: Value) -> tuple[str, ...]:
    """Return one text or a list of texts as a tuple; numbers and truth values as policies write them. ValueError for anything else."""
    return tuple(map(_text, value if isinstance(value, list) else [value]))


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    message = f"{json.dumps(value)[:60]} is no text"
    raise ValueError(message)


def _gap(detail: str, policy: Uid, origin: Origin, account: str) -> Gap:
    place = ":".join(part for part in (origin.path, origin.place) if part)
    told = f"the policy {policy}: {detail}"
    return Gap(provider="aws", call=place or origin.how, reason="unresolved", detail=told, account=account, uid=policy)


def _decoded(document: Value) -> Mapping[str, Value]:
    if isinstance(document, str):
        text = unquote(document) if document.lstrip()[:3].upper() == "%7B" else document
        try:
            document = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            message = f"it is no JSON: {error}"
            raise _Wrong(message) from error
    if not isinstance(document, dict):
        message = f"it is no document but {json.dumps(document)[:60]}"
        raise _Wrong(message)
    return document


def _once(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    """Make an object of pairs whose names differ: which of two equal ones would hold is nowhere said."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        message = f"{next(name for name in names if names.count(name) > 1)} stands twice in one object"
        raise ValueError(message)
    return made


def _statements(document: Mapping[str, Value], policy: Uid, origin: Origin, facts: Facts, account: str) -> None:
    if strange := sorted(document.keys() - _TOP):
        facts.gaps.append(_gap(f"it has {', '.join(strange)}, which no policy has", policy, origin, account))
    told = document.get("Statement")
    rows = told if isinstance(told, list) else [told]
    if "Statement" not in document or len(rows) > _MAX_STATEMENTS:
        message = f"it has {len(rows)} statements" if "Statement" in document else "it has no Statement"
        raise _Wrong(message)
    version = document.get("Version", _VERSIONS[1])
    _holds(version in _VERSIONS, f"its Version is {json.dumps(version)[:60]}, not {' or '.join(_VERSIONS)}")
    for number, row in enumerate(rows):
        try:
            read = _statement(row, policy, number, origin)
            facts.statements.append(read if version == _VERSIONS[0] else _without_variables(read))
        except (_Wrong, ValueError) as wrong:
            facts.gaps.append(_gap(f"statement {number}: {wrong}", policy, origin, account))


def _statement(row: Value, policy: Uid, number: int, origin: Origin) -> Statement:
    if not isinstance(row, dict):
        message = f"it is no object but {json.dumps(row)[:60]}"
        raise _Wrong(message)
    _holds(not (strange := sorted(row.keys() - _ELEMENTS)), f"it has {', '.join(strange)}, which no statement has")
    _holds(row.get("Effect") in ("Allow", "Deny"), f"its Effect is {json.dumps(row.get('Effect'))[:60]}, not Allow or Deny")
    for one in ("Action", "Resource", "Principal"):
        _holds(not {one, f"Not{one}"} <= row.keys(), f"it has both {one} and Not{one}")
    _holds(bool(row.keys() & {"Action", "NotAction"}), "it has no Action")
    return Statement(
        policy=policy,
        number=number,
        sid=_text(row.get("Sid", "")),
        effect=str(row["Effect"]),
        actions=_patterns(row, "Action"),
        not_actions=_patterns(row, "NotAction"),
        resources=_patterns(row, "Resource"),
        not_resources=_patterns(row, "NotResource"),
        principals=tuple(_principals(row.get("Principal", {}))),
        not_principals=tuple(_principals(row.get("NotPrincipal", {}))),
        conditions=tuple(_conditions(row.get("Condition", {}))),
        origin=origin,
    )


def _patterns(row: Mapping[str, Value], element: str) -> tuple[str, ...]:
    return (strings(row[element]) or _NOTHING) if element in row else ()


def _without_variables(statement: Statement) -> Statement:
    def plain(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one.replace("${", "${$}{") for one in values)

    return replace(
        statement,
        resources=plain(statement.resources),
        not_resources=plain(statement.not_resources),
        conditions=tuple(replace(one, values=plain(one.values)) for one in statement.conditions),
    )


def _principals(told: Value) -> Iterator[tuple[str, str]]:
    if told == "*":
        yield "*", "*"
        return
    _holds(isinstance(told, dict), f"its Principal is {json.dumps(told)[:60]}")
    for kind, values in told.items() if isinstance(told, dict) else ():
        _holds(kind in _PRINCIPALS, f"its Principal has {kind}")
        for value in strings(values):
            yield kind, value


def _conditions(told: Value) -> Iterator[Condition]:
    _holds(isinstance(told, dict), f"its Condition is {json.dumps(told)[:60]}")
    for operator, tests in told.items() if isinstance(told, dict) else ():
        _holds(isinstance(tests, dict), f"its Condition has {operator} with {json.dumps(tests)[:60]}")
        for key, values in tests.items() if isinstance(tests, dict) else ():
            yield Condition(operator, key, strings(values))


def _holds(holds: bool, why: str) -> None:  # noqa: FBT001 - a statement
    if not holds:
        raise _Wrong(why)
