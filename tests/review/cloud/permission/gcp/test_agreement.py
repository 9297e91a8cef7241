"""The authorizer and its naive twin answer the same about any estate of Google Cloud."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.contract import Attachment, Condition, Edge, Facts, Gap, Principal, Statement, Uid
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer
from bartizan.review.cloud.permission.gcp.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.gcp.naive import answer

NODES = "//cloudresourcemanager.googleapis.com/"
TOP, FOLDER, SHOP, LABS = (Uid(f"{NODES}{name}") for name in ("organizations/9", "folders/77", "projects/shop", "projects/labs"))
BUCKET = Uid("//storage.googleapis.com/public")
APP = Uid("//iam.googleapis.com/projects/-/serviceAccounts/app@shop.iam.gserviceaccount.com")
POOL = "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci"
OUTSIDE = f"principal://{POOL}/subject/main"
WHO = ("user:ann@example.com", "user:bob@elsewhere.org", APP, OUTSIDE, "allUsers", "group:admins@example.com")
NAMES = (
    *WHO,
    "allAuthenticatedUsers",
    "group:inner@example.com",
    "group:mystery@example.com",
    "group:mystery@example.com",
    "domain:example.com",
    "projectOwner:shop",
    "projectViewer:labs",
    f"principalSet://{POOL}/*",
    f"principalSet://{POOL}/attribute.repository/acme",
    "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/other/*",
    f"principalSet:{TOP}",
    f"principalSet:{SHOP}/type/ServiceAccount",
)
ACTIONS = (
    "storage.objects.get",
    "storage.buckets.get",
    "iam.serviceAccounts.actAs",
    "resourcemanager.projects.setIamPolicy",
    "somethingnew.things.get",
)
PLACES = (TOP, FOLDER, SHOP, LABS, BUCKET, APP)
OWN = ("organizations/9/roles/one", "projects/shop/roles/two", "projects/shop/roles/unread")
GOOGLE = ("roles/owner", "roles/editor", "roles/viewer", "roles/storage.admin", "roles/iam.serviceAccountUser", "roles/nobody.knows")
TESTS = (
    "resource.name.startsWith('projects/_/buckets/public')",
    "resource.type == 'storage.googleapis.com/Bucket'",
    "request.time < timestamp('2026-06-01T00:00:00Z')",
    "resource.matchTag('9/env', 'prod')",
    "true",
    "false",
    "((",
)
CONDITIONS = st.lists(st.sampled_from(TESTS), max_size=1).map(lambda some: tuple(Condition("CEL", "when", (one,)) for one in some))
MOSTLY = st.sampled_from([True, True, True, False])
TARGETS = st.sampled_from([*NAMES, *WHO[:4], *WHO[:4]])
DENIED = st.lists(st.sampled_from([*ACTIONS, "storage.*", "*", "*.get"]), min_size=1, max_size=2).map(tuple)
SOME = st.lists(TARGETS, max_size=2).map(lambda some: tuple(("Id", str(one)) for one in some))


@st.composite
def estates(draw: st.DrawFn) -> Facts:
    """Write a tree that may not have been read to its top, groups in groups, bindings, deny policies and boundaries."""
    facts = Facts(principals=[Principal(uid=Uid(one), provider="gcp", kind="group") for one in NAMES if str(one).startswith("group:")])
    facts.edges += [Edge(SHOP, BUCKET, "contains"), Edge(FOLDER, SHOP, "contains")]
    if draw(MOSTLY):
        facts.edges += [Edge(TOP, FOLDER, "contains"), Edge(TOP, LABS, "contains")]
        facts.attachments.append(Attachment(Uid("roles/browser"), Uid("domain:nobody.example"), "identity", TOP))
    groups = [NAMES[5], "group:inner@example.com"]
    pairs = draw(st.lists(st.tuples(st.sampled_from([*WHO[:3], *groups]), st.sampled_from(groups)), max_size=4))
    facts.edges += [Edge(Uid(one), Uid(group), "member-of") for one, group in pairs]
    for policy in OWN[:2]:
        held = draw(st.lists(st.sampled_from(ACTIONS), max_size=3))
        facts.statements.append(Statement(policy=Uid(policy), number=0, sid="permissions", actions=tuple(held)))
    for _ in range(draw(st.integers(1, 6))):
        role, place = draw(st.sampled_from([*OWN[:2], *OWN, *GOOGLE])), draw(st.sampled_from(PLACES))
        facts.attachments.append(Attachment(Uid(role), Uid(draw(TARGETS)), "identity", place, conditions=draw(CONDITIONS)))
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        policy, place = Uid(f"deny {number}"), draw(st.sampled_from(PLACES[:4]))
        said = {"actions": draw(DENIED), "not_actions": draw(st.one_of(st.just(()), DENIED)), "conditions": draw(CONDITIONS)}
        who, spared = draw(SOME), draw(SOME)
        facts.statements.append(Statement(policy=policy, number=0, effect="Deny", principals=who, not_principals=spared, **said))
        facts.attachments.append(Attachment(policy, place, "resource", place))
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        policy, within = Uid(f"bound {number}"), draw(st.lists(st.sampled_from(PLACES[:4]), min_size=1, max_size=2))
        facts.statements.append(Statement(policy=policy, number=0, sid="boundary", resources=tuple(within)))
        facts.attachments.append(Attachment(policy, Uid(draw(TARGETS)), "boundary", conditions=draw(CONDITIONS)))
    if draw(st.integers(0, 3)) == 0:
        service = draw(st.sampled_from(["storage.*", "iam.*"]))
        facts.statements.append(Statement(policy=Uid("perimeter"), number=0, sid="perimeter", actions=(service,)))
        facts.attachments.append(Attachment(Uid("perimeter"), SHOP, "perimeter", SHOP))
    for where in draw(st.sampled_from([(), (), (), ("folders/77",), ("shop",), ("organizations/9",), ("",)])):
        facts.gaps.append(Gap(provider="gcp", call="iam.denypolicies.list", reason="denied", kinds=("iam_deny_policy",), account=where))
    return facts


CONTEXTS = st.dictionaries(st.sampled_from(["tag:9/env", "request.time"]), st.sampled_from([["prod"], ["2026-05-01T00:00:00+00:00"], []]))
QUESTIONS = st.tuples(st.sampled_from(WHO), st.sampled_from(ACTIONS), st.sampled_from(PLACES))


@pytest.mark.slow
@settings(max_examples=600, deadline=None, derandomize=True)
@given(facts=estates(), questions=st.lists(QUESTIONS, min_size=1, max_size=4), context=CONTEXTS)
def test_both_answer_the_same(facts: Facts, questions: list[tuple[str, str, str]], context: dict[str, Any]) -> None:
    decides = GcpAuthorizer(facts)
    for who, action, place in questions:
        decision = decides.decide(Uid(who), action, place, context)
        assert decision.answer is answer(facts, Uid(who), action, place, context), decision
        if decision.answer in (Answer.ALLOWED, Answer.CONDITIONAL):
            assert decides.may(Uid(who), [action])[action]
            assert action in decides.held(Uid(who)).actions


KEYS = ("request.a", "request.b", "request.c")
EXPRESSIONS = st.recursive(
    st.sampled_from(KEYS),
    lambda inner: st.one_of(st.tuples(st.just("!"), inner), st.tuples(st.just("&&"), inner, inner), st.tuples(st.just("||"), inner, inner)),
    max_leaves=6,
)


def written(expression: Any) -> str:  # noqa: ANN401 - a name, or a tree of them
    if isinstance(expression, str):
        return f"{expression} == 'yes'"
    parts = [f"({written(one)})" for one in expression[1:]]
    return f"!{parts[0]}" if expression[0] == "!" else f" {expression[0]} ".join(parts)


def holds(expression: Any, true: set[str]) -> bool:  # noqa: ANN401 - a name, or a tree of them
    if isinstance(expression, str):
        return expression in true
    parts = [holds(one, true) for one in expression[1:]]
    return not parts[0] if expression[0] == "!" else all(parts) if expression[0] == "&&" else any(parts)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(expression=EXPRESSIONS, known=st.dictionaries(st.sampled_from(KEYS), st.booleans()))
def test_what_a_condition_says_holds_however_the_unknown_turns_out(expression: Any, known: dict[str, bool]) -> None:  # noqa: ANN401 - a name, or a tree of them
    truth = condition_holds(written(expression), Asked("", {name: ["yes" if true else "no"] for name, true in known.items()}))
    unknown = [name for name in KEYS if name not in known]
    worlds = {
        holds(expression, {name for name, true in {**known, **dict(zip(unknown, turned, strict=True))}.items() if true})
        for turned in product((True, False), repeat=len(unknown))
    }
    if truth.holds is not None:
        assert worlds == {truth.holds}
    else:
        assert truth.keys
        assert truth.keys <= set(unknown)
