"""What the internet reaches in AWS, where one thing stands before another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.errors import InputError
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.contract import INTERNET, PathRule
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.paths.estates.trying import wrong_cases
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Uid

RULES = path_rules(Path(__file__).resolve().parents[4] / "content" / "paths" / "aws")
OPEN = [{"group": "security_group/sg-1", "peer": "::/0", "ports": [443, 443]}]
SG: dict[str, Any] = {"kind": "security_group", "name": "sg-1"}
INSTANCE: dict[str, Any] = {"kind": "instance", "name": "i-1"}


def reached(*resources: dict[str, Any], network: list[dict[str, Any]] | None = None) -> dict[Uid, tuple[str, ...]]:
    facts = estate("aws", {"resources": list(resources), "network": network or []})
    found = compile_paths(facts, RULES.values(), {"aws": authorizer("aws", facts)})
    return {hop.dst: hop.depends for hop in found.hops if hop.src == INTERNET}


def with_properties(told: dict[str, Any], **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - what YAML says
    return {**told, "properties": properties}


def balancer(*targets: str, scheme: str = "internet-facing", groups: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    arn = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/web/1"
    group = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/web/1"
    return [
        {"kind": "lb", "name": "web", "uid": arn, "properties": {"scheme": scheme, "security_groups": list(groups)}},
        {"kind": "lb_target_group", "name": "web", "uid": group, "properties": {"load_balancers": [arn], "targets": list(targets)}},
        {"kind": "ecs_service", "name": "tasks", "properties": {"load_balancers": [group]}},
    ]


def test_a_load_balancer_hands_requests_to_instances_functions_and_services_of_its_target_groups() -> None:
    function = {"kind": "lambda_function", "name": "f"}
    behind = [named("aws", name) for name in ("instance/i-1", "lambda_function/f", "ecs_service/tasks")]
    found = reached(INSTANCE, function, *balancer("i-1", str(behind[1])))
    assert found == dict.fromkeys(behind, ("workload-flaw",))


def test_a_load_balancer_whose_groups_let_nobody_in_hands_on_nothing() -> None:
    assert reached(INSTANCE, SG, *balancer("i-1", groups=("sg-1",))) == {}
    assert reached(INSTANCE, *balancer("i-1", scheme="internal")) == {}


def test_an_instance_in_a_subnet_that_leads_nowhere_is_not_reached() -> None:
    subnet = {"kind": "subnet", "name": "subnet-1", "properties": {"public": False}}
    told = with_properties(INSTANCE, public_ip="203.0.113.7", security_groups=["sg-1"], subnet="subnet-1")
    assert reached(told, SG, subnet, network=OPEN) == {}
    assert reached(told, SG, with_properties(subnet, public=True), network=OPEN) == {named("aws", "instance/i-1"): ("workload-flaw",)}


def test_an_address_that_is_made_up_when_it_starts_follows_from_the_subnet_or_is_not_known() -> None:
    told = {**with_properties(INSTANCE, security_groups=["sg-1"], subnet="subnet-1"), "unknown": {"public_ip": "known after apply"}}
    subnet = {"kind": "subnet", "name": "subnet-1", "properties": {"public_ip_on_launch": True}}
    instance = named("aws", "instance/i-1")
    assert reached(told, SG, subnet, network=OPEN) == {instance: ("workload-flaw",)}
    assert reached(told, SG, network=OPEN) == {instance: ("unread:public_ip", "workload-flaw")}


def test_a_private_api_is_not_reached() -> None:
    function = {"kind": "lambda_function", "name": "f"}
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:111111111111:function:f/invocations"
    method = {
        "kind": "api_gateway_method",
        "name": "m",
        "properties": {"rest_api": "a1", "authorization": "NONE", "integration.uri": uri},
    }
    api = {"kind": "api_gateway_rest_api", "name": "a1", "properties": {"endpoint_types": ["PRIVATE"]}}
    assert reached(function, method, api) == {}
    assert reached(function, method, with_properties(api, endpoint_types=["REGIONAL"])) == {
        named("aws", "lambda_function/f"): ("workload-flaw",)
    }
    assert reached(function, with_properties(method, rest_api="a1", authorization="NONE")) == {}


def test_a_case_that_says_what_is_not_so_is_told() -> None:
    rule = RULES["aws-iam-join-group"]
    (there, absent) = rule.cases[:2]
    wrong = [
        {**there, "no_hop": there["hop"], "hop": None},
        {**absent, "hop": absent["no_hop"]},
        {**there, "depends": ["aws:SourceIp"]},
    ]
    turned = [{key: value for key, value in case.items() if value is not None} for case in wrong]
    told = wrong_cases(PathRule(**{**{name: getattr(rule, name) for name in rule.__slots__}, "cases": tuple(turned)}))
    way = f"{named('aws', 'user/dev')} to {named('aws', 'group/admins')}"
    assert [one.partition("(")[0].strip() for one in told] == [
        f"aws-iam-join-group: a group of administrators: a hop from {way}",
        f"aws-iam-join-group: another group alone: no hop from {way}",
        "aws-iam-join-group: a group of administrators: the hop depends on [], not on ['aws:SourceIp']",
    ]


def test_a_provider_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match="there is no provider 'oracle'; there are aws, azure, gcp, kubernetes"):
        estate("oracle", {})
