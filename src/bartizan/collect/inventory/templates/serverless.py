"""Write out what SAM's resources stand for, as its transform does, as far as access and exposure go.

Source: AWS Serverless Application Model, specification version 2016-10-31 ("generated CloudFormation resources").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.managed import managed_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["expanded"]

_RENAMED: Final = {
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::LayerVersion": "AWS::Lambda::LayerVersion",
}
_BASIC: Final = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
_VPC: Final = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}


def expanded(resources: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return resources with SAM's written out, and what could not be of which."""
    made: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for name, resource in resources.items():
        kind = resource.get("Type") if isinstance(resource, dict) else None
        if kind == "AWS::Serverless::Function":
            _function(name, resource, made, problems)
        elif kind in _RENAMED:
            made[name] = {**resource, "Type": _RENAMED[kind]}
        else:
            made[name] = resource
            if isinstance(kind, str) and kind.startswith("AWS::Serverless::"):
                problems.append((name, f"{name}: {kind} is not written out"))
    return made, problems


def _function(name: str, resource: Mapping[str, Any], made: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    properties = dict(resource.get("Properties") or {})
    conditional = {"Condition": resource["Condition"]} if "Condition" in resource else {}
    policies = properties.pop("Policies", None)
    if "Role" not in properties:
        role, why = _role(policies, in_network="VpcConfig" in properties)
        made[f"{name}Role"] = {"Type": "AWS::IAM::Role", "Properties": role, **conditional}
        properties["Role"] = {"Fn::GetAtt": [f"{name}Role", "Arn"]}
        problems.extend((name, f"{name}: {one}") for one in why)
    url = properties.pop("FunctionUrlConfig", None)
    events = properties.pop("Events", None)
    made[name] = {"Type": "AWS::Lambda::Function", "Properties": properties, **conditional}
    if isinstance(url, dict):
        target = {"TargetFunctionArn": {"Fn::GetAtt": [name, "Arn"]}}
        made[f"{name}Url"] = {"Type": "AWS::Lambda::Url", "Properties": {**url, **target}, **conditional}
        if url.get("AuthType") == "NONE":
            permission = {
                "Action": "lambda:InvokeFunctionUrl",
                "Principal": "*",
                "FunctionUrlAuthType": "NONE",
                "FunctionName": {"Ref": name},
            }
            made[f"{name}UrlPublicPermissions"] = {"Type": "AWS::Lambda::Permission", "Properties": permission, **conditional}
    kinds = sorted({str(one.get("Type")) for one in events.values() if isinstance(one, dict)}) if isinstance(events, dict) else []
    if kinds:
        problems.append((name, f"{name}: its events ({', '.join(kinds)}) are not written out: who may call it by them is not known"))


def _role(policies: Any, *, in_network: bool) -> tuple[dict[str, Any], list[str]]:  # noqa: ANN401 - any value of a template
    managed: list[Any] = [_VPC if in_network else _BASIC]
    inline: list[Any] = []
    problems: list[str] = []
    for one in policies if isinstance(policies, list) else [] if policies is None else [policies]:
        if isinstance(one, str):
            arn = one if one.startswith("arn:") else managed_arn(one)
            managed.extend([arn] if arn else [])
            problems.extend([] if arn else [f"AWS manages no policy {one}"])
        elif isinstance(one, dict) and "Statement" in one:
            inline.append({"PolicyName": f"policy{len(inline)}", "PolicyDocument": one})
        elif isinstance(one, dict) and any(key == "Ref" or key.startswith("Fn::") for key in one):
            managed.append(one)
        else:
            problems.append(f"the policy template {next(iter(one), '') if isinstance(one, dict) else one} is not written out")
    return {"AssumeRolePolicyDocument": _TRUST, "ManagedPolicyArns": managed, "Policies": inline}, problems
