"""What kind files ask of AWS is what its service models have."""

from __future__ import annotations

from functools import cache

import botocore.session
import pytest
from tests.collect.inventory.live.aws.shapes import Follower, Many, Scope, Shape, element

from bartizan.collect.inventory.live.aws.permissions import action_of, actions, calls
from bartizan.collect.inventory.live.aws.sections import Listing, Section, Step, Telling, sections

pytestmark = pytest.mark.slow  # it reads seventy service models
MARKS = {"_account": None, "_region": None, "_partition": None, "_here": None}


@cache
def service(name: str) -> Shape:
    return botocore.session.get_session().get_service_model(name)


def operation(step: Step) -> Shape:
    name, _, operation = step.call.partition(":")
    return service(name).operation_model(operation)


def item(shape: Shape, of: Scope) -> Scope:
    return Scope(shape, {**MARKS, "_it": shape, "_of": of, "_row": None})


def follow(follower: Follower, telling: Telling, scope: Scope) -> tuple[Scope, Shape]:
    """Follow the steps of a telling; give what the last one was asked for, and its answer."""
    if not telling.steps[0].call:
        return scope, None
    for number, step in enumerate(telling.steps):
        model = operation(step)
        takes = model.input_shape.members if model.input_shape else {}
        needs = model.input_shape.required_members if model.input_shape else []
        follower.wrong += [f"{step.call} takes no {name}" for name in step.parameters if name not in takes]
        follower.wrong += [f"{step.call} needs {name}" for name in needs if name not in step.parameters]
        if step.batch:
            scope = Scope(None, {**MARKS, "_of": scope.marks["_of"], "_batch": Many(scope.shape)})
        templates(follower, step.parameters, scope)
        if step.when:
            follower.follow(step.when, scope)
        if number < len(telling.steps) - 1:
            scope = item(element(follower.follow(step.items, model.output_shape)), scope)
    return scope, model.output_shape


def templates(follower: Follower, template: Shape, scope: Scope) -> None:
    from bartizan.collect.inventory.expressions import braced

    if isinstance(template, dict | list):
        for each in template.values() if isinstance(template, dict) else template:
            templates(follower, each, scope)
    elif isinstance(template, str):
        for text in braced(template):
            follower.follow(text, scope)


def tells(follower: Follower, telling: Telling, scope: Scope) -> None:
    for text in [*telling.gives.values(), *([telling.tags] if telling.tags else [])]:
        follower.follow(text, scope)
    for edge in telling.edges:
        found = follower.follow(edge.found, scope)
        templates(follower, edge.uid, Scope(scope.shape, {**scope.marks, "_it": element(found)}))
    for grant in telling.grants:
        row = item(element(follower.follow(grant.items, scope)), scope)
        follower.follow(grant.grantee, row)
        follower.follow(grant.permission, row)


def names(section: Section) -> str:
    return f"{section.kind.name}-{section.listing.steps[-1].call}"


@pytest.mark.parametrize("section", sections(), ids=names)
def test_calls_take_and_give_what_a_kind_file_says(section: Section) -> None:
    follower = Follower()
    listing: Listing = section.listing
    asked, answer = follow(follower, listing, Scope(None, dict(MARKS)))
    thing = item(element(follower.follow(listing.steps[-1].items, answer)), asked)
    templates(follower, listing.uid, thing)
    for text in filter(None, (listing.name, listing.region)):
        follower.follow(text, thing)
    tells(follower, listing, thing)
    for telling in section.each:
        asked, answer = follow(follower, telling, thing)
        tells(follower, telling, Scope(answer, {**MARKS, "_item": thing, "_asked": asked, "_all": Many(answer)}))
    assert follower.wrong == []


def test_the_actions_that_are_asked_for_are_those_that_iam_knows() -> None:
    from bartizan.review.cloud.permission.aws.reference import reference

    assert [action for action in actions() if action.lower() not in reference().actions] == []


def test_services_have_the_prefixes_that_requests_are_signed_with() -> None:
    signed = {call.partition(":")[0]: action_of(call).partition(":")[0] for call in calls()}
    other = {name: prefix for name, prefix in signed.items() if service(name).signing_name != prefix}
    assert other == {"cloudwatch": "cloudwatch", "resourcegroupstaggingapi": "tag"}
