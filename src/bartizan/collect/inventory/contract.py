"""What an inventory is: flat tables of facts, the same for every cloud and every origin.

Resources have properties by the names their *kind* declares (``kinds/PROVIDER/KIND.yml``); who may do what is told in statements and
attachments; what is joined to what, in edges. What could not be read is a fact too: a ``Gap``, or a property that is ``unknown``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NewType, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ROOT",
    "Attachment",
    "Condition",
    "Edge",
    "Facts",
    "Gap",
    "Grant",
    "NetworkRule",
    "Origin",
    "Principal",
    "Resource",
    "Statement",
    "Uid",
    "Value",
]

Uid = NewType("Uid", str)
"""What names a thing in its provider: an ARN, an Azure resource id, a GCP full resource name, ``k8s://CLUSTER/KIND/NAMESPACE/NAME``."""
Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
"""What JSON can say."""

ROOT: Final = "r-root"
"""Stands for the root of an organization of AWS where nothing tells its id: there is one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact was read: ``how`` is live, terraform, template, export or recording; ``place``: line, pointer or call in ``path``."""

    how: str
    path: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One thing that is. ``kind`` as Terraform names it without its provider (``s3_bucket``, ``storage_account``)."""

    uid: Uid
    provider: str
    """aws, azure, gcp or kubernetes."""
    kind: str
    account: str = ""
    """Whose it is: AWS account, Azure subscription, GCP project, cluster."""
    region: str = ""
    """Region, location, zone, or namespace."""
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Value] = field(default_factory=dict)
    """By dotted name as the kind declares them. One that is neither here nor in ``unknown`` is not set."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """Property, or the start of its dotted name, ``*`` for all: why it could not be read."""
    origin: Origin = Origin("live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who can act. ``kind``: user, role, group, account, service, federated, service_account, managed_identity, anyone."""

    uid: Uid
    provider: str
    kind: str
    account: str = ""
    name: str = ""
    origin: Origin = Origin("live")


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a statement, which needs all of its own. ``operator`` as written (``ForAnyValue:StringLike``)."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence of a policy, role definition or RBAC role. Patterns are as written; exactly one of a pair with ``not_`` is filled.

    Of Azure and GCP both may be: what ``not_`` says is taken off. ``sid`` says of Azure whether it is of ``actions`` or ``dataActions``.
    """

    policy: Uid
    number: int
    """Within its policy, from 0."""
    sid: str = ""
    effect: str = "Allow"
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    """Of resource and trust policies: (``AWS`` | ``Service`` | ``Federated`` | ``CanonicalUser`` | ``*``, value)."""
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()
    origin: Origin = Origin("live")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy holds for a target: principal, group, resource, account, OU, scope."""

    policy: Uid
    target: Uid
    """"" where it is attached to something of which nobody can tell here what it is: of policies of an organization."""
    kind: str
    """identity, boundary, scp, rcp, resource, session or trust."""
    scope: str = ""
    """Where it holds, if not everywhere: Azure scope, GCP node, Kubernetes namespace."""
    origin: Origin = Origin("live")
    conditions: tuple[Condition, ...] = ()
    """What the assignment itself asks, beside its policy: one expression of Azure (operator ``ABAC``) or GCP (operator ``CEL``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRule:
    """One rule of a security group, network ACL, NSG, firewall or NetworkPolicy; ports -1: all."""

    resource: Uid
    direction: str
    """ingress or egress."""
    peer: str
    """A CIDR, or the uid or name of a group."""
    protocol: str = "-1"
    """tcp, udp, icmp or ``-1`` for all."""
    first_port: int = -1
    last_port: int = -1
    action: str = "allow"
    priority: int = 0
    origin: Origin = Origin("live")


@dataclass(frozen=True, slots=True)
class Grant:
    """Access to one thing given beside policies: an ACL, a shared snapshot, a KMS grant. ``grantee``: a uid, an account or ``*``."""

    resource: Uid
    grantee: str
    permission: str
    origin: Origin = Origin("live")


@dataclass(frozen=True, slots=True)
class Edge:
    """``src`` is joined to ``dst``."""

    src: Uid
    dst: Uid
    kind: str
    """member-of, contains, runs-as, uses-profile, protected-by, in-network, routes-to, triggers, encrypted-by, logs-to, holds-key-of."""
    origin: Origin = Origin("live")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be read: whoever needs it cannot tell. ``kinds`` and ``properties`` it would tell of; () for all."""

    provider: str
    call: str
    """API call, or place in a file."""
    reason: str
    """denied, throttled, not-implemented, failed, unresolved, not-in-origin; assumed: what a name was taken to be, which hides nothing."""
    detail: str = ""
    account: str = ""
    region: str = ""
    kinds: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    uid: Uid = Uid("")
    """The one resource, principal or policy it would tell of; empty for all of its kinds."""


@dataclass(slots=True)
class Facts:
    """The tables of one or several estates, each in the order in which it was read; ``add`` joins those of another."""

    resources: list[Resource] = field(default_factory=list)
    principals: list[Principal] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    network_rules: list[NetworkRule] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    def add(self, other: Facts) -> None:
        """Add the facts of another origin behind these."""
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))
