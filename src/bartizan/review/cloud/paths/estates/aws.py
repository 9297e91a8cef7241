"""Write a tiny estate of AWS by hand: users, groups, roles and resources of the account 111111111111.

```yaml
estate:
  users:
    dev: {allow: [lambda:InvokeFunction, "iam:PassRole on role/ci"], deny: [...], groups: [ops], policies: [base], boundary: [s3:*]}
  groups: {ops: {allow: [...]}}
  roles:
    ci: {trust: [lambda.amazonaws.com, user/dev], allow: ["*"], account: "222222222222"}
  policies: {base: {allow: [...]}}          # managed by the customer; attached by their names
  resources:
    - {kind: lambda_function, name: worker, runs_as: role/ci, properties: {...}, policy: {allow: [...], to: ["*"]}}
  edges: [[instance/web, protected-by, security_group/open]]
  network: [{group: security_group/open, peer: 0.0.0.0/0, ports: [443, 443]}]
```

``allow`` and ``deny`` hold ``ACTION``, ``ACTION on NAME`` or ``{action, to, if: {OPERATOR: {KEY: VALUE}}}``. ``trust`` holds service
principals, names, account numbers, ``*``, or ``{to, if, action}``. A name is ``user/NAME``, ``role/NAME``, ``group/NAME``, ``KIND/NAME``
of a resource, or a whole ARN; ``role/222222222222/NAME`` is of another account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, NetworkRule, Origin, Principal, Resource, Uid
from bartizan.collect.inventory.policies import read_policy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACCOUNT", "estate", "uid"]

ACCOUNT: Final = "111111111111"
_REGION: Final = "us-east-1"
_OF_IAM: Final = ("user", "role", "group", "policy")
_ORIGIN: Final = Origin("recording", "case")
_ARNS: Final[Mapping[str, str]] = {
    "apprunner_service": "arn:aws:apprunner:{r}:{a}:service/{n}/0123456789abcdef0123456789abcdef",
    "bedrockagentcore_code_interpreter": "arn:aws:bedrock-agentcore:{r}:{a}:code-interpreter/{n}",
    "cloudformation_stack": "arn:aws:cloudformation:{r}:{a}:stack/{n}/01234567-89ab-cdef-0123-456789abcdef",
    "cloudformation_stack_set": "arn:aws:cloudformation:{r}:{a}:stackset/{n}:01234567-89ab-cdef-0123-456789abcdef",
    "codebuild_project": "arn:aws:codebuild:{r}:{a}:project/{n}",
    "db_instance": "arn:aws:rds:{r}:{a}:db:{n}",
    "db_snapshot": "arn:aws:rds:{r}:{a}:snapshot:{n}",
    "dynamodb_table": "arn:aws:dynamodb:{r}:{a}:table/{n}",
    "ebs_snapshot": "arn:aws:ec2:{r}::snapshot/{n}",
    "ebs_volume": "arn:aws:ec2:{r}:{a}:volume/{n}",
    "ecr_repository": "arn:aws:ecr:{r}:{a}:repository/{n}",
    "ecs_cluster": "arn:aws:ecs:{r}:{a}:cluster/{n}",
    "ecs_service": "arn:aws:ecs:{r}:{a}:service/main/{n}",
    "ecs_task_definition": "arn:aws:ecs:{r}:{a}:task-definition/{n}:1",
    "glue_dev_endpoint": "arn:aws:glue:{r}:{a}:devEndpoint/{n}",
    "glue_job": "arn:aws:glue:{r}:{a}:job/{n}",
    "iam_openid_connect_provider": "arn:aws:iam::{a}:oidc-provider/{n}",
    "iam_saml_provider": "arn:aws:iam::{a}:saml-provider/{n}",
    "iam_instance_profile": "arn:aws:iam::{a}:instance-profile/{n}",
    "instance": "arn:aws:ec2:{r}:{a}:instance/{n}",
    "kms_key": "arn:aws:kms:{r}:{a}:key/{n}",
    "lambda_function": "arn:aws:lambda:{r}:{a}:function:{n}",
    "lambda_function_url": "arn:aws:lambda:{r}:{a}:function:{n}/url",
    "lambda_layer_version": "arn:aws:lambda:{r}:{a}:layer:{n}:1",
    "launch_template": "arn:aws:ec2:{r}:{a}:launch-template/{n}",
    "s3_bucket": "arn:aws:s3:::{n}",
    "sagemaker_notebook_instance": "arn:aws:sagemaker:{r}:{a}:notebook-instance/{n}",
    "secretsmanager_secret": "arn:aws:secretsmanager:{r}:{a}:secret:{n}-AbCdEf",
    "security_group": "arn:aws:ec2:{r}:{a}:security-group/{n}",
    "sfn_state_machine": "arn:aws:states:{r}:{a}:stateMachine:{n}",
    "ssm_document": "arn:aws:ssm:{r}:{a}:document/{n}",
    "ssm_parameter": "arn:aws:ssm:{r}:{a}:parameter/{n}",
}


def uid(name: str, account: str = ACCOUNT) -> Uid:
    """Return the ARN that a name means."""
    kind, _, rest = name.partition("/")
    if name.startswith("arn:") or not rest or name == "*":
        return Uid(name)
    first, _, last = rest.partition("/")
    if first.isdigit() and len(first) == len(ACCOUNT):
        account, rest = first, last
    if kind in _OF_IAM:
        return Uid(f"arn:aws:iam::{account}:{kind}/{rest}")
    return Uid(_ARNS.get(kind, f"arn:aws:{kind.partition('_')[0]}:{{r}}:{{a}}:{kind}/{{n}}").format(r=_REGION, a=account, n=rest))


def estate(told: Mapping[str, Any]) -> Facts:
    """Read an estate into facts."""
    facts = Facts()
    for name, said in told.get("policies", {}).items():
        _policy(facts, uid(f"policy/{name}"), said)
    for kind in ("group", "user", "role"):
        for name, said in told.get(f"{kind}s", {}).items():
            _principal(facts, kind, name, said or {})
    for said in told.get("resources", ()):
        _resource(facts, said)
    facts.edges += [Edge(uid(src), uid(dst), kind, _ORIGIN) for src, kind, dst in told.get("edges", ())]
    for said in told.get("network", ()):
        first, last = said.get("ports", (-1, -1))
        rule = NetworkRule(
            resource=uid(said["group"]),
            direction=said.get("direction", "ingress"),
            peer=said["peer"],
            protocol="tcp",
            first_port=first,
            last_port=last,
        )
        facts.network_rules.append(rule)
    return facts


def _principal(facts: Facts, kind: str, name: str, said: Mapping[str, Any]) -> None:
    account = str(said.get("account", ACCOUNT))
    arn = uid(f"{kind}/{name}", account)
    facts.principals.append(Principal(uid=arn, provider="aws", kind=kind, account=account, name=name, origin=_ORIGIN))
    facts.resources.append(
        Resource(uid=arn, provider="aws", kind=f"iam_{kind}", account=account, name=name, tags=said.get("tags", {}), origin=_ORIGIN),
    )
    if "allow" in said or "deny" in said:
        _attach(facts, Uid(f"{arn}#inline/own"), arn, "identity", said)
    for policy in said.get("policies", ()):
        facts.attachments.append(Attachment(uid(f"policy/{policy}"), arn, "identity", origin=_ORIGIN))
    if "boundary" in said:
        _attach(facts, uid(f"policy/{name}-boundary"), arn, "boundary", {"allow": said["boundary"]})
    facts.edges += [Edge(arn, uid(f"group/{group}", account), "member-of", _ORIGIN) for group in said.get("groups", ())]
    if "trust" in said:
        given = said["trust"] if isinstance(said["trust"], list) else [said["trust"]]
        _read(facts, Uid(f"{arn}#trust"), [_trust(one, account) for one in given], arn, "trust")


def _resource(facts: Facts, said: Mapping[str, Any]) -> None:
    account = str(said.get("account", ACCOUNT))
    arn = Uid(said["uid"]) if "uid" in said else uid(f"{said['kind']}/{said['name']}", account)
    facts.resources.append(
        Resource(
            uid=arn,
            provider="aws",
            kind=said["kind"],
            account=account,
            region=_REGION,
            name=said["name"],
            properties={key: _value(value) for key, value in said.get("properties", {}).items()},
            unknown=said.get("unknown", {}),
            origin=_ORIGIN,
        ),
    )
    if "runs_as" in said:
        facts.edges.append(Edge(arn, uid(said["runs_as"], account), "runs-as", _ORIGIN))
    if "policy" in said:
        _attach(facts, Uid(f"{arn}#policy"), arn, "resource", said["policy"])


def _value(value: Any) -> Any:  # noqa: ANN401 - what YAML says
    """Return a property, a name of the estate as its ARN."""
    return uid(value) if isinstance(value, str) and value.partition("/")[0] in (*_ARNS, *_OF_IAM) and "/" in value else value


def _attach(facts: Facts, policy: Uid, target: Uid, kind: str, said: Mapping[str, Any]) -> None:
    _policy(facts, policy, said)
    facts.attachments.append(Attachment(policy, target, kind, origin=_ORIGIN))


def _policy(facts: Facts, policy: Uid, said: Mapping[str, Any]) -> None:
    to = said.get("to")
    statements: Any = [_statement("Allow", one, to) for one in said.get("allow", ())] + [
        _statement("Deny", one, to) for one in said.get("deny", ())
    ]
    facts.add(read_policy({"Version": "2012-10-17", "Statement": statements}, policy, origin=_ORIGIN, account=ACCOUNT))


def _read(facts: Facts, policy: Uid, statements: list[Any], target: Uid, kind: str) -> None:
    facts.add(read_policy({"Version": "2012-10-17", "Statement": statements}, policy, origin=_ORIGIN, account=ACCOUNT))
    facts.attachments.append(Attachment(policy, target, kind, origin=_ORIGIN))


def _statement(effect: str, said: str | Mapping[str, Any], to: list[str] | None) -> dict[str, Any]:
    if isinstance(said, str):
        action, _, on = said.partition(" on ")
        said = {"action": action, "to": on or "*"}
    on = said.get("to", "*")
    resources = [str(uid(one)) for one in (on if isinstance(on, list) else [on])]
    statement: dict[str, Any] = {"Effect": effect, "Action": said["action"], "Resource": resources}
    if "if" in said:
        statement["Condition"] = said["if"]
    if to is not None:
        statement["Principal"] = _principals(to, ACCOUNT)
    return statement


def _trust(said: str | int | Mapping[str, Any], account: str) -> dict[str, Any]:
    told: Mapping[str, Any] = said if isinstance(said, dict) else {"to": said}
    principals = _principals([str(told["to"])], account)
    federated = isinstance(principals, dict) and "Federated" in principals
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": told.get("action", "sts:AssumeRoleWithWebIdentity" if federated else "sts:AssumeRole"),
        "Principal": principals,
    }
    if "if" in told:
        statement["Condition"] = told["if"]
    return statement


def _principals(names: list[str], account: str) -> str | dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        if name == "*":
            return "*"
        arn = uid(name, account)
        if name.endswith(".amazonaws.com") and "/" not in name:
            found.setdefault("Service", []).append(name)
        elif ":oidc-provider/" in arn or ":saml-provider/" in arn:
            found.setdefault("Federated", []).append(arn)
        else:
            found.setdefault("AWS", []).append(f"arn:aws:iam::{name}:root" if name.isdigit() else arn)
    return found
