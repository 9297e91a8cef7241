"""Turn roles and bindings into statements and attachments, as they are written: who may do what is decided elsewhere.

An action is ``VERB RESOURCE``, as ``get pods``, ``create deployments.apps``, ``get pods/log`` or ``get /metrics``; the group of an
API follows its resource (``* *.*`` is everything). The resources of a statement are the names that its rule is limited to, or ``*``; a
name that is a star, which is no wildcard there, stands in quotes.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Attachment, Edge, Origin, Principal, Statement
from bartizan.collect.inventory.kubernetes.index import listed, mapped
from bartizan.collect.inventory.kubernetes.names import named, subject_uid, uid
from bartizan.documents import Map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts, Uid
    from bartizan.collect.inventory.kubernetes.index import Written

__all__ = ["action", "bind", "principal", "rules"]


def action(verb: str, group: str, resource: str) -> str:
    """Return an action or a pattern of one: ``action("get", "apps", "deployments/scale")`` is ``get deployments.apps/scale``."""
    name, slash, part = resource.partition("/")
    return f"{verb} {name}.{group}{slash}{part}" if group else f"{verb} {resource}"


def rules(role: Written, facts: Facts) -> None:
    """Add the rules of a role as statements, each with its line."""
    one, origin = role.manifest, role.origin
    written = (one.value if one.lined is None else one.lined).get("rules")
    for number, rule in enumerate(written if isinstance(written, list) else []):
        if not isinstance(rule, dict):
            continue
        verbs, groups, kinds = (_texts(rule, key) for key in ("verbs", "apiGroups", "resources"))
        actions = [action(verb, group, kind) for verb, group, kind in product(verbs, groups, kinds)]
        urls = ("/*" if one == "*" else one for one in _texts(rule, "nonResourceURLs"))
        actions += [f"{verb} {url}" for verb, url in product(verbs, (one for one in urls if one.startswith("/")))]
        names = tuple("'*'" if one == "*" else one for one in _texts(rule, "resourceNames")) or ("*",)
        place = Origin(origin.how, origin.path, f"line {one.offset + rule.line}") if isinstance(rule, Map) else origin
        facts.statements.append(Statement(policy=role.uid, number=number, actions=tuple(actions), resources=names, origin=place))


def bind(cluster: str, binding: Written, facts: Facts) -> None:
    """Add what a binding gives, to each of its subjects, and the edge from the binding to its role."""
    given, origin, namespace = mapped(binding.value, "roleRef"), binding.origin, binding.namespace
    inside = given.get("kind") == "Role"
    policy = uid(cluster, "role" if inside else "cluster_role", str(given.get("name") or ""), namespace if inside else "")
    facts.edges.append(Edge(binding.uid, policy, "gives", origin))
    for subject in listed(binding.value, "subjects"):
        target = subject_uid(cluster, subject, namespace) if isinstance(subject, dict) else None
        if target is not None:
            facts.attachments.append(Attachment(policy, target, "identity", namespace, origin))
            facts.edges.append(Edge(binding.uid, target, "gives-to", origin))
            facts.principals.append(principal(target, origin))


def principal(of: Uid, origin: Origin) -> Principal:
    """Return the principal of a uid."""
    parts = named(of)
    cluster, kind, name = (parts.cluster, parts.kind, f"{parts.namespace}/{parts.name}".lstrip("/")) if parts else ("", "user", of)
    return Principal(uid=of, provider="kubernetes", kind=kind, account=cluster, name=name, origin=origin)


def _texts(rule: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = rule.get(key)
    return tuple(str(one) for one in found) if isinstance(found, list) else ()
