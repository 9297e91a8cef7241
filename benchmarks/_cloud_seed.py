"""Fill an AWS on loopback from facts of Terraform, so that the same estate can be read in both ways."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from benchmarks._cloud import ACCOUNT

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts, Resource, Statement
    from benchmarks._cloud import Emulated

__all__ = ["Seeded", "seed"]

_MINE: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_TRUST_NOBODY: Final = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*"}]}


class Seeded:
    """What was made of facts, and what could not be made and why."""

    def __init__(self, cloud: Emulated, facts: Facts) -> None:
        """Begin to make what facts say; all accounts become the one that the server has."""
        from botocore.exceptions import BotoCoreError, ClientError

        self._errors = (ClientError, BotoCoreError, KeyError, ValueError, TypeError)
        self.cloud, self.facts = cloud, facts
        self.made: defaultdict[str, int] = defaultdict(int)
        self.failed: list[str] = []
        self._statements: defaultdict[str, list[Statement]] = defaultdict(list)
        for one in facts.statements:
            self._statements[one.policy].append(one)
        self._accounts = {one.account for one in facts.resources if _MINE.fullmatch(one.account)}

    def mine(self, text: str) -> str:
        """Return a text with the server's account in place of those of the facts."""
        return _MINE.sub(lambda found: ACCOUNT if found[0] in self._accounts else found[0], text)

    def document(self, policy: str) -> str | None:
        """Return the document of a policy, None where no statement of it is known."""
        rows = [_written(one) for one in self._statements.get(policy, ())]
        return self.mine(json.dumps({"Version": "2012-10-17", "Statement": rows})) if rows else None

    def attached(self, target: str, kind: str) -> list[str]:
        """Return the policies that are attached to something."""
        return [one.policy for one in self.facts.attachments if one.target == target and one.kind == kind]

    def each(self, kind: str, make: Any) -> None:  # noqa: ANN401 - a method of this module's functions
        """Make everything of a kind."""
        for resource in self.facts.resources:
            if resource.kind == kind:
                try:
                    make(self, resource)
                    self.made[kind] += 1
                except self._errors as error:
                    self.failed.append(f"{kind} {resource.name}: {str(error)[:120]}")


def seed(cloud: Emulated, facts: Facts) -> Seeded:
    """Make in a server what facts say."""
    seeded = Seeded(cloud, facts)
    for kind, make in _KINDS.items():
        seeded.each(kind, make)
    iam = cloud.client("iam")
    for edge in facts.edges:
        if edge.kind == "member-of":
            with suppress(*seeded._errors):  # noqa: SLF001 - of this module
                iam.add_user_to_group(UserName=edge.src.rpartition("/")[2], GroupName=edge.dst.rpartition("/")[2])
    return seeded


def _written(one: Statement) -> dict[str, Any]:
    written: dict[str, Any] = {"Effect": one.effect, **({"Sid": one.sid} if one.sid else {})}
    for name, values in (
        ("Action", one.actions),
        ("NotAction", one.not_actions),
        ("Resource", one.resources),
        ("NotResource", one.not_resources),
    ):
        if values:
            written[name] = list(values)
    for name, pairs in (("Principal", one.principals), ("NotPrincipal", one.not_principals)):
        if pairs:
            written[name] = "*" if pairs == (("*", "*"),) else _principals(pairs)
    for condition in one.conditions:
        written.setdefault("Condition", {}).setdefault(condition.operator, {})[condition.key] = list(condition.values)
    return written


def _principals(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, value in pairs:
        found["AWS" if kind == "*" else kind].append(value)
    return dict(found)


def _path(resource: Resource) -> dict[str, str]:
    return {"Path": str(resource.properties.get("path") or "/")}


def _tags(resource: Resource) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in resource.tags.items()]


def _policy(seeded: Seeded, one: Resource) -> None:
    document = seeded.document(one.uid)
    if document is None:
        message = "its document is not known"
        raise ValueError(message)
    seeded.cloud.client("iam").create_policy(PolicyName=one.name, PolicyDocument=document, Tags=_tags(one), **_path(one))


def _group(seeded: Seeded, one: Resource) -> None:
    iam = seeded.cloud.client("iam")
    iam.create_group(GroupName=one.name, **_path(one))
    _grant(seeded, one, iam, "group")


def _user(seeded: Seeded, one: Resource) -> None:
    iam = seeded.cloud.client("iam")
    iam.create_user(UserName=one.name, Tags=_tags(one), **_path(one))
    if one.properties.get("console"):
        iam.create_login_profile(UserName=one.name, Password="example-password")
    _grant(seeded, one, iam, "user")


def _role(seeded: Seeded, one: Resource) -> None:
    iam = seeded.cloud.client("iam")
    trust = seeded.document(f"{one.uid}#trust") or json.dumps(_TRUST_NOBODY)
    bound = seeded.attached(one.uid, "boundary")
    more = {"PermissionsBoundary": seeded.mine(bound[0])} if bound else {}
    iam.create_role(RoleName=one.name, AssumeRolePolicyDocument=trust, Tags=_tags(one), **_path(one), **more)
    _grant(seeded, one, iam, "role")


def _grant(seeded: Seeded, one: Resource, iam: Any, kind: str) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
    named = {f"{kind.capitalize()}Name": one.name}
    for policy in seeded.attached(one.uid, "identity"):
        _owner, inline, name = policy.partition("#inline/")
        document = seeded.document(policy) if inline else None
        if document:
            getattr(iam, f"put_{kind}_policy")(PolicyName=name, PolicyDocument=document, **named)
        elif not inline:
            getattr(iam, f"attach_{kind}_policy")(PolicyArn=seeded.mine(policy), **named)


def _access_key(seeded: Seeded, one: Resource) -> None:
    seeded.cloud.client("iam").create_access_key(UserName=str(one.properties["user"]))


def _profile(seeded: Seeded, one: Resource) -> None:
    iam = seeded.cloud.client("iam")
    iam.create_instance_profile(InstanceProfileName=one.name)
    role = str(one.properties.get("role") or "").rpartition("/")[2]
    if role:
        iam.add_role_to_instance_profile(InstanceProfileName=one.name, RoleName=role)


def _bucket(seeded: Seeded, one: Resource) -> None:
    s3, name, told = seeded.cloud.client("s3"), one.name, one.properties
    s3.create_bucket(Bucket=name, ObjectOwnership=str(told.get("object_ownership") or "BucketOwnerEnforced"))
    blocks = {key.partition(".")[2]: bool(value) for key, value in told.items() if key.startswith("public_access_block.")}
    if blocks:
        named = {"".join(part.capitalize() for part in key.split("_")): value for key, value in blocks.items()}
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=named)
    if told.get("versioning") in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": told["versioning"]})
    if told.get("encryption.algorithm"):
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": told["encryption.algorithm"]}}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if one.tags:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _tags(one)})
    policy = seeded.document(f"{one.uid}#policy")
    if policy:
        s3.put_bucket_policy(Bucket=name, Policy=policy)


def _function(seeded: Seeded, one: Resource) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        packed.writestr("index.py", "def handler(event, context):\n    return None\n")
    told = one.properties
    seeded.cloud.client("lambda").create_function(
        FunctionName=one.name,
        Role=seeded.mine(str(told["role"])),
        Runtime=str(told.get("runtime") or "python3.12"),
        Handler=str(told.get("handler") or "index.handler"),
        Timeout=int(str(told.get("timeout_seconds") or 3)),
        Code={"ZipFile": held.getvalue()},
        Tags=dict(one.tags),
    )


def _function_url(seeded: Seeded, one: Resource) -> None:
    name = str(one.properties["function"]).rpartition(":")[2]
    seeded.cloud.client("lambda").create_function_url_config(FunctionName=name, AuthType=str(one.properties.get("auth") or "AWS_IAM"))


def _parameter(seeded: Seeded, one: Resource) -> None:
    kind = str(one.properties.get("type") or "String")
    seeded.cloud.client("ssm").put_parameter(Name=one.name, Value="example", Type=kind, Tags=_tags(one))


def _cluster(seeded: Seeded, one: Resource) -> None:
    told = one.properties.get("container_insights")
    settings = [{"name": "containerInsights", "value": str(told)}] if told else []
    seeded.cloud.client("ecs").create_cluster(clusterName=one.name, settings=settings)


def _security_group(seeded: Seeded, one: Resource) -> None:
    ec2 = seeded.cloud.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = ec2.create_security_group(GroupName=one.name, Description=str(one.properties.get("description") or "example"), VpcId=vpc)
    for rule in seeded.facts.network_rules:
        if rule.resource == one.uid and rule.direction == "ingress" and "/" in rule.peer:
            ports = {} if rule.first_port < 0 else {"FromPort": rule.first_port, "ToPort": rule.last_port}
            permission = {"IpProtocol": rule.protocol, "IpRanges": [{"CidrIp": rule.peer}], **ports}
            ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=[permission])


def _instance(seeded: Seeded, one: Resource) -> None:
    profile = str(one.properties.get("profile") or "").rpartition("/")[2]
    tokens = str(one.properties.get("metadata.http_tokens") or "optional")
    more: dict[str, Any] = {"IamInstanceProfile": {"Name": profile}} if profile else {}
    more |= {"SecurityGroupIds": groups} if (groups := _groups(seeded, one)) else {}
    named = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": one.name}]}]
    image, size = "ami-12345678", str(one.properties.get("type") or "t3.micro")
    ec2 = seeded.cloud.client("ec2")
    ec2.run_instances(
        ImageId=image, InstanceType=size, MinCount=1, MaxCount=1, TagSpecifications=named, MetadataOptions={"HttpTokens": tokens}, **more
    )


def _groups(seeded: Seeded, one: Resource) -> list[str]:
    """Return the ids of the groups that protect a machine, as they were made."""
    protecting = {edge.dst for edge in seeded.facts.edges if edge.kind == "protected-by" and edge.src == one.uid}
    names = {group.name for group in seeded.facts.resources if group.uid in protecting}
    made = seeded.cloud.client("ec2").describe_security_groups()["SecurityGroups"] if names else []
    return [group["GroupId"] for group in made if group["GroupName"] in names]


_KINDS: Final = {
    "iam_policy": _policy,
    "iam_group": _group,
    "iam_role": _role,
    "iam_user": _user,
    "iam_access_key": _access_key,
    "iam_instance_profile": _profile,
    "s3_bucket": _bucket,
    "lambda_function": _function,
    "lambda_function_url": _function_url,
    "ssm_parameter": _parameter,
    "ecs_cluster": _cluster,
    "security_group": _security_group,
    "instance": _instance,
}
