"""Index the facts of Google Cloud for deciding: the tree of nodes, who is in which group, what is given and denied where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.assuming import is_assumed
from bartizan.review.cloud.permission.gcp.names import NODES, above

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bartizan.collect.inventory.contract import Attachment, Facts, Gap, Statement, Uid
    from bartizan.collect.inventory.roles import Role, Roles

__all__ = ["NO_POLICY", "Estate", "Names"]

_ACCOUNT: Final = "//iam.googleapis.com/"
_POOL: Final = re.compile(r".*Pools/[^/]+")
_POOL_OF: Final = re.compile(r"principal://iam\.googleapis\.com/projects/([^/]+)/")
_DENIALS: Final = "iam_deny_policy"
_EVERYONE: Final = ("allUsers", "allAuthenticatedUsers")
_STANDING: Final = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}
"""Members that stand for whoever has a basic role on a project."""

NO_POLICY: Final = "no IAM policy was read at all"


@dataclass(frozen=True, slots=True)
class Names:
    """By what policies can name a principal: ``sure``, itself first, and ``open``, of which nobody knows whether it is meant."""

    sure: tuple[str, ...]
    open: frozenset[str]


class Estate:
    """Facts of Google Cloud by what is asked of them."""

    def __init__(self, facts: Facts, reference: Roles) -> None:
        """Index the facts; what Google defines for everyone is asked of a reference."""
        self.reference = reference
        self._chains: dict[str, list[str]] = {}
        self._identities: dict[str, Names] = {}
        self._held: dict[str, Mapping[str, Sequence[Attachment]]] = {}
        self.given: dict[str, list[Attachment]] = {}
        self.denied: dict[str, list[Attachment]] = {}
        self.perimeters: dict[str, list[Attachment]] = {}
        self._above: dict[str, str] = {}
        self._groups: dict[str, set[str]] = {}
        for edge in facts.edges:
            if edge.kind == "contains":
                self._above[edge.dst] = edge.src
            elif edge.kind == "member-of":
                self._groups.setdefault(edge.src, set()).add(edge.dst)
        partly = {gap.uid for gap in facts.gaps if gap.provider == "gcp" and "group" in gap.kinds and gap.reason != "not-in-origin"}
        read = {group for groups in self._groups.values() for group in groups} - partly
        self.statements: dict[str, list[Statement]] = {}
        for statement in facts.statements:
            self.statements.setdefault(statement.policy, []).append(statement)
        for one in (one for one in facts.attachments if one.scope.startswith("//")):
            side = {"resource": self.denied, "perimeter": self.perimeters}.get(one.kind, self.given)
            side.setdefault(one.scope, []).append(one)
        self.bounds: dict[str, list[Attachment]] = {}
        for one in (one for one in facts.attachments if one.kind == "boundary" and not one.scope):
            self.bounds.setdefault(one.target, []).append(one)
        gcp = [one for one in facts.principals if one.provider == "gcp"]
        self.unread_groups = {str(one.uid) for one in gcp if one.kind == "group" and one.uid.startswith("group:") and one.uid not in read}
        self._missing = [one for one in facts.gaps if one.provider == "gcp" and (not one.kinds or "policy" in one.properties)]
        self._unlisted = {
            _node_of(one): one for one in reversed(facts.gaps) if one.provider == "gcp" and _DENIALS in one.kinds and not one.uid
        }
        self.without_unlisted_denials = is_assumed(facts.gaps, "no-deny-policies")
        self._kinds = {str(one.uid): one.kind for one in facts.resources} if any(one.kinds for one in self._missing) else {}
        self._numbers = {
            str(one.properties["number"]): str(one.uid) for one in facts.resources if one.kind == "project" and one.properties.get("number")
        }

    def chain(self, name: str) -> list[str]:
        """Return a resource and everything above it as far as it was read."""
        if name not in self._chains:
            self._chains[name] = self._climbed(name)
        return self._chains[name]

    def _climbed(self, name: str) -> list[str]:
        found: list[str] = []
        here = self.known(name)
        while here and here not in found:
            found.append(here)
            here = self._above.get(here) or self.known(above(here))
        return found

    def known(self, node: str) -> str:
        """Return a node by the id of its project, where it is named by number."""
        return self._numbers.get(node.removeprefix(f"{NODES}projects/"), node)

    def missing_of(self, chain: list[str]) -> list[Gap]:
        """Return what was not read of policies that could hold for a resource: those of another node or project are not among them."""
        return [one for one in self._missing if self._near(one, chain)]

    def _near(self, gap: Gap, chain: list[str]) -> bool:
        if gap.uid.startswith("//"):
            return self.known(gap.uid) in chain
        if gap.account and f"{NODES}projects/{gap.account}" not in chain:
            return False
        return not gap.kinds or chain[0] not in self._kinds or any(self._kinds.get(one) in gap.kinds for one in chain)

    def unlisted_denials(self, chain: list[str]) -> list[tuple[str, Gap]]:
        """Return the nodes at which deny policies could not be listed, each with the gap that says so; one of no node is of all."""
        if not self._unlisted:
            return []
        told = {self.known(node) if node else chain[-1]: gap for node, gap in self._unlisted.items()}
        return [(node, told[node]) for node in chain if node in told]

    def unread_above(self, chain: list[str]) -> str:
        """Say what above a resource was not read, if anything."""
        last = chain[-1]
        if last.startswith(f"{NODES}organizations/"):
            return "" if last in self.given or last in self.denied else f"the IAM policy of {last} was not read"
        return f"what {last} is below was not read"

    def unread(self) -> list[str]:
        """Say what was not read of policies anywhere, so that somebody may have more than is known."""
        chains = [self.chain(node) for node in self.given]
        above = dict.fromkeys(filter(None, map(self.unread_above, chains)))
        gaps = dict.fromkeys(f"{gap.call}: {gap.reason}: policies were not all read" for gap in self._missing)
        return [*above, *gaps, *([] if self.given else [NO_POLICY])]

    def identities(self, principal: Uid) -> Names:
        """Return by what names policies can name a principal."""
        if principal not in self._identities:
            self._identities[principal] = self._named(principal)
        return self._identities[principal]

    def held(self, principal: Uid) -> Mapping[str, Sequence[Attachment]]:
        """Return what is given, or may be given, to a principal, by node."""
        if principal not in self._held:
            names = self.identities(principal)
            found: dict[str, list[Attachment]] = {}
            for name in (*names.sure, *sorted(names.open)):
                for one in self._by_target.get(name, ()):
                    found.setdefault(one.scope, []).append(one)
            self._held[principal] = found
        return self._held[principal]

    def rights(self, principal: Uid) -> Hashable | None:
        """Return the names by which policies mean a principal, or may mean it; None where they name it itself."""
        own, *sure = self.identities(principal).sure
        return None if own in self._mentioned else (tuple(one for one in sure if one in self._mentioned), self.identities(principal).open)

    @cached_property
    def _by_target(self) -> Mapping[str, Sequence[Attachment]]:
        found: dict[str, list[Attachment]] = {}
        for given in self.given.values():
            for one in given:
                found.setdefault(one.target, []).append(one)
        return found

    @cached_property
    def _mentioned(self) -> AbstractSet[str]:
        said = (one for statements in self.statements.values() for one in statements)
        return {uid for one in said for _, uid in (*one.principals, *one.not_principals)} | self._by_target.keys() | self.bounds.keys()

    def _named(self, principal: Uid) -> Names:
        found = self._sure(principal)
        open_ = {one for one in self._groups_and_sets if one not in found and self._may_be(principal, one)}
        found += [name for name, holders in self._standing.items() if not holders.isdisjoint(found)]
        open_ |= {name for name, holders in self._standing.items() if name not in found and not holders.isdisjoint(open_)}
        return Names(tuple(found), frozenset(open_))

    @cached_property
    def _standing(self) -> Mapping[str, AbstractSet[str]]:
        """Return who holds the basic role that a name stands for."""
        return {
            f"{word}:{node.rpartition('/')[2]}": holders
            for word, basic in _STANDING.items()
            for node, given in self.given.items()
            if node.startswith(f"{NODES}projects/")
            and (holders := {one.target for one in given if one.policy == basic and not one.conditions})
        }

    def _sure(self, principal: Uid) -> list[str]:
        """Return itself, its groups, its domain, its pool, its project and what is above that, everyone."""
        found = [str(principal)]
        for one in found:
            found += [group for group in sorted(self._groups.get(one, ())) if group not in found]
        kind, _, name = principal.partition(":")
        if kind in ("user", "group") and "@" in name:
            found.append(f"domain:{name.rpartition('@')[2]}")
        if kind == "principal" and "/subject/" in principal:
            pool = f"principalSet{principal.removeprefix('principal').partition('/subject/')[0]}"
            found += [f"{pool}/*", pool]
        nodes = [node for node in self.chain(_home(principal)) if node.startswith(NODES)]
        nodes += [f"{NODES}projects/{number}" for number, node in self._numbers.items() if node in nodes]
        kinds = ("", "/type/ServiceAccount") if principal.startswith(_ACCOUNT) else ("",)
        found += [f"principalSet:{node}{of}" for node in nodes for of in kinds]
        everyone = _EVERYONE if principal != "allUsers" and kind != "principal" else _EVERYONE[:1]
        return found + [one for one in everyone if one not in found]

    @cached_property
    def _groups_and_sets(self) -> set[str]:
        """Return the groups of which nobody read the members, and every set that some policy names."""
        named = {one.target for given in (*self.given.values(), *self.denied.values()) for one in given} | set(self.bounds)
        told = (uid for said in self.statements.values() for one in said for _, uid in (*one.principals, *one.not_principals))
        return self.unread_groups | {one for one in (*named, *told) if one.startswith("principalSet:")}

    def _may_be(self, principal: Uid, name: str) -> bool:
        """Say whether a principal may be in a group or set, for all that is known; who did not sign in is in none."""
        if principal in _EVERYONE:
            return False
        if not name.startswith("principalSet:"):
            return True
        _, _, path = name.partition("://")
        host, _, rest = path.partition("/")
        pool = _POOL.match(rest)
        if pool is not None:
            return principal.startswith(f"principal://{host}/{pool[0]}/")
        if host == "cloudresourcemanager.googleapis.com":
            home = self.chain(_home(principal))
            return not home or not home[-1].startswith(f"{NODES}organizations/")
        return True

    def role(self, uid: str) -> tuple[list[Statement] | None, Role | None]:
        """Return what a role of the customer's own says, or the role where it is Google's; None for both where it is not known."""
        if uid in self.statements:
            return self.statements[uid], None
        return None, self.reference.role(uid)


def _node_of(gap: Gap) -> str:
    """Return the node that a gap is about, "" where it is about all: its account is the id of a project, or the name of another node."""
    return f"{NODES}{gap.account if '/' in gap.account else f'projects/{gap.account}'}" if gap.account else ""


def _home(principal: str) -> str:
    """Return what a principal is in: an account, or the pool of a project, is in that; of anybody else it is not known."""
    pool = _POOL_OF.match(principal)
    return principal if principal.startswith(_ACCOUNT) else f"{NODES}projects/{pool[1]}" if pool is not None else ""
