"""An estate in which every join finds something wrong: what facts look like, for checks that need several tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import (
    Attachment,
    Condition,
    Edge,
    Facts,
    Grant,
    NetworkRule,
    Origin,
    Resource,
    Statement,
    Uid,
)
from bartizan.review.cloud.checks.joins.aws.resource_policy import KINDS
from bartizan.review.cloud.checks.joins.aws.rights import RUNNING

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Value

__all__ = ["ACCOUNT", "wrongs"]

ACCOUNT, OTHER = "111122223333", "444455556666"
_FILE = Origin("case")
_ADMIN = Uid("arn:aws:iam::aws:policy/AdministratorAccess")


def wrongs() -> Facts:
    """Return the facts."""
    facts = Facts()
    _accounts(facts)
    _principals(facts)
    _policies(facts)
    _network(facts)
    _others(facts)
    return facts


def _add(facts: Facts, kind: str, uid: str, properties: dict[str, Value] | None = None, name: str = "") -> Uid:
    made = Resource(
        uid=Uid(uid),
        provider="aws",
        kind=kind,
        account=ACCOUNT,
        region="eu-west-1",
        name=name or uid,
        properties=properties or {},
        origin=_FILE,
    )
    facts.resources.append(made)
    return made.uid


def _attach(facts: Facts, policy: str, target: str, kind: str) -> None:
    facts.attachments.append(Attachment(Uid(policy), Uid(target), kind))


def _accounts(facts: Facts) -> None:
    _add(facts, "account", f"arn:aws:iam::{ACCOUNT}:root", {"public_access_block.restrict_public_buckets": False})
    _add(facts, "cloudtrail", "arn:trail", {"logging": False, "multi_region": True, "management_events": "All", "bucket": "logs"})
    _add(facts, "cloudwatch_log_group", "arn:group", {"metric_filters": []}, name="trail")
    _add(facts, "route53_record", "arn:record", {"type": "CNAME", "values": ["d111.cloudfront.net"]}, name="www.example.com.")


def _principals(facts: Facts) -> None:
    facts.statements.append(Statement(policy=_ADMIN, number=0, actions=("*",), resources=("*",)))
    own = _add(facts, "iam_policy", f"arn:aws:iam::{ACCOUNT}:policy/own", {"managed_by_aws": False, "attachments": 1})
    facts.statements.append(Statement(policy=own, number=0, actions=("*",), resources=("*",)))
    facts.statements.append(Statement(policy=own, number=1, not_actions=("iam:*",), resources=("*",)))
    user = _add(facts, "iam_user", "arn:user", {"policies.attached": [_ADMIN], "policies.inline": []})
    group = _add(facts, "iam_group", "arn:admins", {"policies.attached": [], "policies.inline": ["all"]})
    facts.statements.append(Statement(policy=Uid(f"{group}#inline/all"), number=0, actions=("iam:*",), resources=("*",)))
    _attach(facts, f"{group}#inline/all", group, "identity")
    _attach(facts, _ADMIN, user, "identity")
    member = _add(facts, "iam_user", "arn:member", {"policies.attached": [], "policies.inline": []})
    facts.edges.append(Edge(member, group, "member-of"))
    role = _add(facts, "iam_role", "arn:role", {"policies.attached": [_ADMIN], "policies.inline": [], "service_linked": False})
    _attach(facts, _ADMIN, role, "identity")
    _attach(facts, f"{role}#trust", role, "trust")
    trust = (
        (("AWS", "*"),),
        (("AWS", OTHER),),
        (("Federated", f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"),),
    )
    for number, principals in enumerate(trust):
        facts.statements.append(Statement(policy=Uid(f"{role}#trust"), number=number, actions=("sts:AssumeRole",), principals=principals))
    profile = _add(facts, "iam_instance_profile", f"arn:aws:iam::{ACCOUNT}:instance-profile/web", {"role": role})
    for kind, names in RUNNING.items():
        _add(facts, kind, f"arn:{kind}", {names: profile if names == "profile" else role})


def _policies(facts: Facts) -> None:
    for kind, service in KINDS.items():
        known = f"arn:{kind}"
        uid = Uid(known) if any(one.uid == known for one in facts.resources) else _add(facts, kind, known, name="logs")
        _attach(facts, f"{uid}#policy", uid, "resource")
        rows = (
            Statement(policy=Uid(f"{uid}#policy"), number=0, actions=(f"{service or 's3'}:*",), resources=("*",), principals=(("*", "*"),)),
            Statement(policy=Uid(f"{uid}#policy"), number=1, actions=("*",), resources=("*",), principals=(("AWS", OTHER),)),
            Statement(
                policy=Uid(f"{uid}#policy"), number=2, actions=("lambda:InvokeFunction",), resources=("*",), principals=(("Service", "s3"),)
            ),
            Statement(
                policy=Uid(f"{uid}#policy"),
                number=3,
                actions=("*",),
                resources=("*",),
                principals=(("AWS", "*"),),
                conditions=(Condition("StringEquals", "aws:PrincipalOrgID", ("o-1",)),),
            ),
        )
        facts.statements.extend(rows)
    facts.grants.append(Grant(Uid("arn:s3_bucket"), "*", "WRITE"))
    _add(facts, "api_gateway_method", "arn:method", {"rest_api": "arn:api_gateway_rest_api", "verb": "GET", "authorization": "NONE"})


def _network(facts: Facts) -> None:
    group = _add(facts, "security_group", "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", {"default": True, "in_use": True})
    acl = _add(facts, "network_acl", "acl-1")
    for uid in (group, acl):
        facts.network_rules.append(NetworkRule(resource=uid, direction="ingress", peer="0.0.0.0/0"))
    public: dict[str, dict[str, Value]] = {
        "db_instance": {"public": True},
        "redshift_cluster": {"public": True},
        "ecs_service": {"public_ip": True},
        "elb": {"scheme": "internet-facing"},
        "lb": {"scheme": "internet-facing"},
        "mq_broker": {"public": True},
    }
    for kind, told in public.items():
        _add(facts, kind, f"arn:{kind}", {**told, "security_groups": ["sg-1"]})
    _add(facts, "lb_listener", "arn:listener", {"load_balancer": "arn:lb", "port": 80, "protocol": "HTTP", "redirects_to_https": False})
    _add(facts, "instance", "i-1", {"public_ip": "203.0.113.7", "profile": f"arn:aws:iam::{ACCOUNT}:instance-profile/web"})
    facts.edges.append(Edge(Uid("i-1"), group, "protected-by"))


def _others(facts: Facts) -> None:
    """Add a firewall of Azure and one of Google Cloud that let everybody in."""
    for provider, kind, peer in (("azure", "network_security_group", "*"), ("gcp", "compute_firewall", "0.0.0.0/0")):
        uid = Uid(f"{provider}-firewall")
        facts.resources.append(Resource(uid=uid, provider=provider, kind=kind, account="a", name=str(uid), origin=_FILE))
        facts.network_rules.append(NetworkRule(resource=uid, direction="ingress", peer=peer, priority=100))
