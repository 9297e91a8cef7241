"""Read rows of the Azure Resource Graph, exported templates' resources, lists of the command line, and objects of Entra ID."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Edge, Facts, Uid
from bartizan.collect.inventory.exports.azure.access import ACCESS
from bartizan.collect.inventory.exports.azure.derived import derived, settings_of
from bartizan.collect.inventory.exports.azure.identities import (
    app_permission,
    application,
    directory_kind,
    directory_role,
    identified,
    person,
)
from bartizan.collect.inventory.exports.azure.network import GROUP, RULE, firewalled, group_rules, linked, open_ports, rule_of
from bartizan.collect.inventory.exports.azure.rows import SUBSCRIPTION, Row, as_row, is_row, mapping, parent_of, resource_group_of, text
from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.inventory.exports.drafts import Drafts, unread_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bartizan.collect.inventory.contract import NetworkRule, Origin, Value
    from bartizan.collect.inventory.exports.drafts import Draft

__all__ = ["FORMAT", "MEMBERS", "AzureReading"]

MEMBERS: Final = "members"
"""What is answered of a group, which has no properties."""
_MANAGEMENT: Final = "microsoft.management/managementgroups"
_HELD: Final = {"directory_role": directory_role, "app_permission": app_permission}
"""What tells of rights in the directory, by the kind of its object."""


class AzureReading:
    """Everything read of estates of Azure so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._facts = Facts()
        self._drafts = Drafts("azure")
        self._rules: dict[Uid, list[NetworkRule]] = {}
        self._settings: dict[Uid, dict[str, str]] = {}

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take a row, a list's element, or an object of the directory."""
        kind = "" if is_row(record) else directory_kind(record)
        if kind == "application":
            self.take_row(application(record, origin, self._facts))
        elif kind in _HELD:
            _HELD[kind](record, origin, self._facts)
        elif kind:
            person(record, kind, origin, self._facts)
        else:
            self.take_row(as_row(record, origin))

    def answered(self, uid: str, names: Iterable[str], why: str = "") -> None:
        """Note that what tells some properties of a resource, or the members of a group, was read to its end; ``why`` where it was not."""
        self._drafts.answers.setdefault(Uid(uid.lower()), {}).update(dict.fromkeys(names, why))

    def take_row(self, row: Row) -> None:
        """Take a resource."""
        self._drafts.take(row)
        if row.type in ACCESS:
            ACCESS[row.type](row, self._facts)
        elif row.type == GROUP and not row.bare:
            self._rules.setdefault(row.uid, []).extend(group_rules(row))
        elif row.type == RULE:
            group = Uid(parent_of(row.uid))
            self._rules.setdefault(group, []).extend(rule_of(group, row.properties, row))
        elif row.type in (SUBSCRIPTION, _MANAGEMENT):
            self._above(row)
        identified(row, self._facts)
        settings = settings_of(row)
        if settings is not None:
            site = row.uid if row.type == "microsoft.web/sites" else Uid(parent_of(row.uid))
            self._settings.setdefault(site, {}).update(settings)
        self._inside(row)

    def _above(self, row: Row) -> None:
        """Join a subscription or a management group to the groups above it, the nearest first."""
        told = row.properties.get("managementGroupAncestorsChain") or mapping(row.properties.get("details")).get(
            "managementGroupAncestorsChain"
        )
        chain = [text(mapping(one).get("name")).lower() for one in (told if isinstance(told, list) else [])]
        above = [f"/providers/{_MANAGEMENT}/{name}" for name in chain if name]
        parent = text(mapping(mapping(row.properties.get("details")).get("parent")).get("id")).lower()
        if not above and parent:
            above = [parent]
        pairs = zip([row.uid, *above], above, strict=False)
        self._facts.edges += [Edge(Uid(higher), Uid(lower), "contains", row.origin) for lower, higher in pairs]

    def _inside(self, row: Row) -> None:
        """Take the subnets that a network shows inside itself."""
        subnets = row.properties.get("subnets") if row.type == "microsoft.network/virtualnetworks" else None
        for one in map(mapping, subnets if isinstance(subnets, list) else []):
            if text(one.get("id")):
                self._drafts.take(as_row({"type": f"{row.type}/subnets", **one}, row.origin))

    def facts(self) -> Facts:
        """Return everything read, put together."""
        drafts, facts = self._drafts, self._facts
        firewalled(drafts)
        for uid, rules in self._rules.items():
            facts.network_rules += rules
            if uid in drafts.held:
                drafts.held[uid].properties["ingress.open_ports"] = open_ports(rules)
        facts.edges += [replace(edge, dst=Uid(edge.dst.lower())) for edge in drafts.edges]
        linked(drafts, facts)
        drafts.finish()
        derived(drafts, facts, self._settings)
        facts.edges += [edge for draft in drafts.held.values() for edge in _contained(draft)]
        facts.resources += [draft.finished() for draft in drafts.held.values()]
        facts.gaps += drafts.orphans()
        told = sorted(facts.principals, key=lambda one: (one.kind != "managed_identity", one.name == ""))
        facts.principals = list({one.uid: one for one in reversed(told)}.values())[::-1]
        facts.edges = list({(one.src, one.dst, one.kind): one for one in reversed(facts.edges)}.values())[::-1]
        facts.gaps += unread_groups(facts, "azure", [uid for uid, told in drafts.answers.items() if told.get(MEMBERS) == ""])
        return facts


def _contained(draft: Draft) -> Iterator[Edge]:
    """Yield the edge of the tree that leads to a resource or a resource group."""
    group = resource_group_of(draft.uid)
    above = group if group and group != draft.uid else f"/subscriptions/{draft.account}"
    if draft.account and draft.uid.startswith(f"{above}/"):
        yield Edge(Uid(above), draft.uid, "contains", draft.origin)


def _claims(record: Mapping[str, Value]) -> bool:
    return is_row(record) or directory_kind(record) != ""


FORMAT: Final = Format(
    name="azure-resource-graph",
    provider="azure",
    title="Azure Resource Graph, az ... list -o json, az ad ... list",
    claims=_claims,
    begin=AzureReading,
)
