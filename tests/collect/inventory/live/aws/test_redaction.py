"""No value of a secret survives, wherever an answer holds it; names and everything else do."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from bartizan.collect.inventory.expressions import evaluate
from bartizan.collect.inventory.live.aws.redaction import redacted

SECRET = "correct-horse-battery"


@pytest.mark.parametrize(
    ("call", "document", "result"),
    [
        (
            "organizations:DescribePolicy",
            {"Policy": {"PolicySummary": {"Id": "p-1"}, "Content": '{"Statement": []}'}},
            {"Policy": {"PolicySummary": {"Id": "p-1"}, "Content": '{"Statement": []}'}},
        ),
        (
            "lambda:ListFunctions",
            {"Functions": [{"Environment": {"Variables": {"DB_PASSWORD": SECRET, "STAGE": "x"}}}]},
            {"Functions": [{"Environment": {"Variables": {"DB_PASSWORD": "(redacted) named", "STAGE": "(redacted)"}}}]},
        ),
        (
            "ecs:DescribeTaskDefinition",
            {"taskDefinition": {"containerDefinitions": [{"image": "a", "environment": [{"name": "API_KEY", "value": SECRET}]}]}},
            {
                "taskDefinition": {
                    "containerDefinitions": [{"image": "a", "environment": [{"name": "API_KEY", "value": "(redacted) named"}]}]
                }
            },
        ),
        (
            "codebuild:BatchGetProjects",
            {"environment": {"image": "a", "environmentVariables": [{"name": "X", "value": SECRET, "type": "PLAINTEXT"}]}},
            {"environment": {"image": "a", "environmentVariables": [{"name": "X", "value": "(redacted)", "type": "PLAINTEXT"}]}},
        ),
        (
            "codebuild:BatchGetProjects",
            {"source": {"location": f"https://me:{SECRET}@example.com/x.git"}},
            {"source": {"location": "https://(redacted)@example.com/x.git"}},
        ),
        ("sagemaker:DescribeModel", {"Environment": {"TOKEN": SECRET}}, {"Environment": {"TOKEN": "(redacted) named"}}),
        (
            "cloudformation:DescribeStacks",
            {"Parameters": [{"ParameterKey": "a", "ParameterValue": SECRET}], "Outputs": [{"OutputKey": "b", "OutputValue": SECRET}]},
            {
                "Parameters": [{"ParameterKey": "a", "ParameterValue": "(redacted)"}],
                "Outputs": [{"OutputKey": "b", "OutputValue": "(redacted)"}],
            },
        ),
        ("secretsmanager:GetSecretValue", {"SecretString": SECRET, "Name": "n"}, {"SecretString": "(redacted) named", "Name": "n"}),
        (
            "lambda:GetFunction",
            {"Code": {"Location": f"https://x/?sig={SECRET}", "ImageUri": "i"}},
            {"Code": {"Location": "(redacted)", "ImageUri": "i"}},
        ),
        ("cognito-idp:DescribeUserPoolClient", {"ClientSecret": SECRET}, {"ClientSecret": "(redacted) named"}),
        ("iam:GetCredentialReport", {"Content": "dXNlcg=="}, {"Content": "dXNlcg=="}),
        (
            "s3:ListBuckets",
            {"Buckets": [{"Name": "b", "Location": "x", "Value": "y"}]},
            {"Buckets": [{"Name": "b", "Location": "x", "Value": "y"}]},
        ),
    ],
)
def test_each_place_of_secrets(call: str, document: Any, result: Any) -> None:  # noqa: ANN401 - JSON
    service, _, operation = call.partition(":")
    assert redacted(service, operation, document) == result
    assert SECRET not in json.dumps(redacted(service, operation, document))


@pytest.mark.parametrize("packed", [False, True])
def test_user_data_says_only_which_credentials_it_looked_to_hold(packed: bool) -> None:  # noqa: FBT001 - a case
    text = f"#!/bin/sh\nexport DB_PASSWORD={SECRET}\n".encode()
    data = base64.b64encode(gzip.compress(text) if packed else text).decode()
    answer = redacted("ec2", "DescribeInstanceAttribute", {"UserData": {"Value": data}, "InstanceId": "i-1"})
    assert answer == {"UserData": {"Value": "(redacted) password"}, "InstanceId": "i-1"}
    assert evaluate("forms(UserData)", answer) == ["password"]


def test_a_definition_keeps_what_is_no_secret() -> None:
    states = {
        "States": {"a": {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "Parameters": {"k": "AKIA" + "ABCDEFGH23456777"}}}
    }
    answer = redacted("stepfunctions", "DescribeStateMachine", {"definition": json.dumps(states)})
    assert evaluate("parsed(definition).States.*.Resource", answer) == ["arn:aws:lambda:us-east-1:123456789012:function:f"]
    assert evaluate("forms(definition)", answer) == ["aws-access-key"]
    assert "AKIA" not in json.dumps(answer)
