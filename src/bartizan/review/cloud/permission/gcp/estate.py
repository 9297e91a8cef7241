"""Index the facts of Google Cloud for deciding: the tree of nodes, who is in which group, what is given and denied where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.gcp.names import NODES, above

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Attachment, Facts, Gap, Statement, Uid
    from bartizan.collect.inventory.roles import Role, Roles

__all__ = ["Estate"]

_EVERYONE: Final = ("allUsers", "allAuthenticatedUsers")
_STANDING: Final = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}
"""Members that stand for whoever has a basic role on a project."""


class Estate:
    """Facts of Google Cloud by what is asked of them."""

    def __init__(self, facts: Facts, reference: Roles) -> None:
        """Index the facts; what Google defines for everyone is asked of a reference."""
        self.reference = reference
        self._chains: dict[str, list[str]] = {}
        self._identities: dict[str, list[str]] = {}
        self.given: dict[str, list[Attachment]] = {}
        self.denied: dict[str, list[Attachment]] = {}
        self._above: dict[str, str] = {}
        self._groups: dict[str, set[str]] = {}
        for edge in facts.edges:
            if edge.kind == "contains":
                self._above[edge.dst] = edge.src
            elif edge.kind == "member-of":
                self._groups.setdefault(edge.src, set()).add(edge.dst)
        read = {group for groups in self._groups.values() for group in groups}
        self.statements: dict[str, list[Statement]] = {}
        for statement in facts.statements:
            self.statements.setdefault(statement.policy, []).append(statement)
        for one in (one for one in facts.attachments if one.scope.startswith("//")):
            side = self.denied if one.kind == "resource" else self.given
            side.setdefault(one.scope, []).append(one)
        gcp = [one for one in facts.principals if one.provider == "gcp"]
        self.unread_groups = {str(one.uid) for one in gcp if one.kind == "group" and one.uid.startswith("group:") and one.uid not in read}
        self._missing = [one for one in facts.gaps if one.provider == "gcp" and (not one.kinds or "policy" in one.properties)]
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
        here = self._known(name)
        while here and here not in found:
            found.append(here)
            here = self._above.get(here) or self._known(above(here))
        return found

    def _known(self, node: str) -> str:
        return self._numbers.get(node.removeprefix(f"{NODES}projects/"), node)

    def missing_of(self, chain: list[str]) -> list[Gap]:
        """Return what was not read of policies that could hold for a resource: those of another node or project are not among them."""
        return [one for one in self._missing if self._near(one, chain)]

    def _near(self, gap: Gap, chain: list[str]) -> bool:
        if gap.uid.startswith("//"):
            return self._known(gap.uid) in chain
        if gap.account and f"{NODES}projects/{gap.account}" not in chain:
            return False
        return not gap.kinds or chain[0] not in self._kinds or any(self._kinds.get(one) in gap.kinds for one in chain)

    def unread_above(self, chain: list[str]) -> str:
        """Say what above a resource was not read, if anything."""
        last = chain[-1]
        if last.startswith(f"{NODES}organizations/"):
            return "" if last in self.given or last in self.denied else f"the IAM policy of {last} was not read"
        return f"what {last} is below was not read"

    def identities(self, principal: Uid) -> list[str]:
        """Return by what names policies can name a principal: itself, its groups, its domain, everyone."""
        if principal not in self._identities:
            self._identities[principal] = self._named(principal)
        return self._identities[principal]

    def _named(self, principal: Uid) -> list[str]:
        found = [str(principal)]
        for one in found:
            found += [group for group in sorted(self._groups.get(one, ())) if group not in found]
        kind, _, name = principal.partition(":")
        if kind in ("user", "group") and "@" in name:
            found.append(f"domain:{name.rpartition('@')[2]}")
        if principal.startswith("principal://") and "/subject/" in principal:
            found.append(f"principalSet{principal.removeprefix('principal').partition('/subject/')[0]}/*")
        found += [one for one in (_EVERYONE if principal != "allUsers" else _EVERYONE[:1]) if one not in found]
        return found + [
            f"{word}:{node.rpartition('/')[2]}"
            for word, basic in _STANDING.items()
            for node, given in self.given.items()
            if node.startswith(f"{NODES}projects/")
            and any(one.policy == basic and one.target in found and not one.conditions for one in given)
        ]

    def role(self, uid: str) -> tuple[list[Statement] | None, Role | None]:
        """Return what a role of the customer's own says, or the role where it is Google's; None for both where it is not known."""
        if uid in self.statements:
            return self.statements[uid], None
        return None, self.reference.role(uid)
