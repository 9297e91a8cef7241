"""The authorizer and its naive twin answer the same about any estate of Azure."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.contract import Attachment, Condition, Edge, Facts, Origin, Principal, Statement, Uid
from bartizan.collect.inventory.roles import role_named
from bartizan.review.cloud.permission.azure.authorizer import AzureAuthorizer
from bartizan.review.cloud.permission.azure.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.azure.naive import answer
from bartizan.review.cloud.permission.azure.operations import matches
from bartizan.review.cloud.permission.contract import Answer

SUBSCRIPTION = "/subscriptions/0a0a0a0a-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourcegroups/prod"
VM = f"{GROUP}/providers/microsoft.compute/virtualmachines/vm"
BLOB = f"{GROUP}/providers/microsoft.storage/storageaccounts/s/blobservices/default/containers/c/blobs/b"
CORP, TENANT = (Uid(f"/providers/microsoft.management/managementgroups/{name}") for name in ("corp", "tenant"))
OTHER = "/subscriptions/0a0a0a0a-0000-0000-0000-000000000002"
ACTIONS = (
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/virtualMachines/login/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.KeyVault/vaults/keys/read",
    "Contoso.Rockets/launchers/launch/action",
)
"""On either plane, on both, and on one of which nobody knows."""
PATTERNS = ("*", "*", "*/read", "*/write", "Microsoft.Compute/*", "microsoft.storage/*/read", *ACTIONS)
TESTS = (
    "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'c'",
    "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'other'",
    "@Environment[isPrivateLink] BoolEquals true",
    "@Principal[x] StringEquals 'a'",
    "ActionMatches{'*/read'}",
    "@Resource[x] Frobnicates 'a'",
    "((",
)
WHO = ("ann", "bob", "admins", "inner", "mystery")
HELD = st.sampled_from(["ann", "ann", "bob", "admins", "admins", "inner", "mystery", "mystery"])
SCOPES = ("/", TENANT, CORP, SUBSCRIPTION, GROUP, VM, BLOB, BLOB.rpartition("/blobs/")[0], OTHER)
ROLES = tuple(
    role.uid
    for name in ("Owner", "Contributor", "Storage Blob Data Reader", "Key Vault Administrator", "Key Vault Data Access Administrator")
    if (role := role_named("azure", name))
)
OWN = tuple(f"/providers/microsoft.authorization/roledefinitions/own-{number}" for number in range(3))
LISTS = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3).map(tuple)
CONDITIONS = st.lists(st.sampled_from(TESTS), max_size=1).map(lambda some: tuple(Condition("ABAC", "2.0", (one,)) for one in some))


@st.composite
def statements(draw: st.DrawFn, policy: str, effect: str) -> list[Statement]:
    """Write what a role allows or a deny assignment denies."""
    found = []
    for number in range(draw(st.integers(1, 2))):
        asked = draw(CONDITIONS)
        if effect == "Deny" and draw(st.booleans()):
            asked = (*asked, Condition("ONLY", "scope", ()))
        statement = Statement(
            policy=Uid(policy),
            number=number,
            sid=draw(st.sampled_from(["actions", "dataActions"])),
            effect=effect,
            actions=draw(LISTS),
            not_actions=draw(st.one_of(st.just(()), LISTS)),
            not_principals=tuple(("Id", one) for one in draw(st.lists(st.sampled_from(WHO), max_size=1))) if effect == "Deny" else (),
            conditions=asked,
        )
        found.append(statement)
    return found


@st.composite
def estates(draw: st.DrawFn) -> Facts:
    """Write an estate: a tree that may not have been read, groups in groups, one of which nobody read the members, roles and denials."""
    facts = Facts(
        principals=[Principal(uid=Uid(one), provider="azure", kind="group", name=one, origin=Origin("export")) for one in WHO[2:]]
    )
    if draw(st.booleans()):
        facts.edges.append(Edge(TENANT, CORP, "contains"))
        if draw(st.booleans()):
            facts.edges.append(Edge(CORP, Uid(SUBSCRIPTION), "contains"))
    pairs = draw(st.lists(st.tuples(st.sampled_from(WHO[:4]), st.sampled_from(WHO[2:4])), max_size=4))
    facts.edges += [Edge(Uid(one), Uid(group), "member-of") for one, group in pairs]
    for policy in OWN[:2]:
        facts.statements += draw(statements(policy, "Allow"))
    for _ in range(draw(st.integers(1, 5))):
        asked = draw(CONDITIONS) if draw(st.booleans()) else ()
        asked += (Condition("ELIGIBLE", "activation", ()),) if draw(st.integers(0, 4)) == 0 else ()
        held, scope = Uid(draw(st.sampled_from([*OWN, *OWN, *ROLES]))), draw(st.sampled_from(SCOPES[:6]))
        facts.attachments.append(Attachment(held, Uid(draw(HELD)), "identity", scope, conditions=asked))
    for number in range(draw(st.integers(0, 2))):
        policy = Uid(f"{SUBSCRIPTION}/providers/microsoft.authorization/denyassignments/{number}")
        facts.statements += draw(statements(policy, "Deny"))
        target, scope = draw(st.one_of(HELD, st.just("*"))), draw(st.sampled_from(SCOPES[:6]))
        facts.attachments.append(Attachment(policy, Uid(target), "identity", scope))
    return facts


CONTEXTS = st.dictionaries(st.sampled_from(["isPrivateLink", "x"]), st.sampled_from([["true"], ["a"], []]), max_size=2)
QUESTIONS = st.tuples(st.sampled_from(["ann", "ann", "bob", "admins"]), st.sampled_from(ACTIONS), st.sampled_from(SCOPES[2:]))


@pytest.mark.slow
@settings(max_examples=600, deadline=None, derandomize=True)
@given(facts=estates(), questions=st.lists(QUESTIONS, min_size=1, max_size=4), context=CONTEXTS)
def test_both_answer_the_same(facts: Facts, questions: list[tuple[str, str, str]], context: dict[str, Any]) -> None:
    decides = AzureAuthorizer(facts)
    told = {key.lower(): values for key, values in context.items()}
    for who, action, scope in questions:
        decision = decides.decide(Uid(who), action, scope, context)
        assert decision.answer is answer(facts, Uid(who), action, scope, told), decision
        if decision.answer in (Answer.ALLOWED, Answer.CONDITIONAL):
            assert decides.may(Uid(who), [action])[action]
            held = decides.held(Uid(who))
            assert action.lower() in {one.lower() for one in held.actions} or any(matches(one, action) for one in held.beyond)


NAMES = ("a", "b", "c")
EXPRESSIONS = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner), st.tuples(st.just("and"), inner, inner), st.tuples(st.just("or"), inner, inner)
    ),
    max_leaves=6,
)


def written(expression: Any, *, words: bool) -> str:  # noqa: ANN401 - a name, or a tree of them
    if isinstance(expression, str):
        return f"@Request[{expression}] StringEquals 'yes'"
    if expression[0] == "not":
        return f"{'NOT ' if words else '!'}({written(expression[1], words=words)})"
    sign = expression[0].upper() if words else {"and": "&&", "or": "||"}[expression[0]]
    return f"({written(expression[1], words=words)} {sign} {written(expression[2], words=words)})"


def holds(expression: Any, true: set[str]) -> bool:  # noqa: ANN401 - a name, or a tree of them
    if isinstance(expression, str):
        return expression in true
    parts = [holds(one, true) for one in expression[1:]]
    return not parts[0] if expression[0] == "not" else all(parts) if expression[0] == "and" else any(parts)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(expression=EXPRESSIONS, known=st.dictionaries(st.sampled_from(NAMES), st.booleans()), words=st.booleans())
def test_what_a_condition_says_holds_however_the_unknown_turns_out(expression: Any, known: dict[str, bool], *, words: bool) -> None:  # noqa: ANN401 - a name, or a tree of them
    asked = Asked("Microsoft.Compute/virtualMachines/read", VM, {name: ["yes" if true else "no"] for name, true in known.items()})
    truth = condition_holds(written(expression, words=words), asked)
    unknown = [name for name in NAMES if name not in known]
    worlds = {
        holds(
            expression,
            {name for name, true in {**known, **dict(zip(unknown, turned, strict=True))}.items() if true},
        )
        for turned in product((True, False), repeat=len(unknown))
    }
    if truth.holds is not None:
        assert worlds == {truth.holds}
    else:
        assert truth.keys
        assert all(key.removeprefix("@Request[").rstrip("]") in unknown for key in truth.keys)
