"""Index the facts of Azure for deciding: the tree of scopes, who is in which group, what is given where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.exports.azure.rows import parent_of
from bartizan.collect.inventory.roles import role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Attachment, Facts, Statement, Uid

__all__ = ["MANAGEMENT", "ROOT", "Estate"]

ROOT: Final = "/"
MANAGEMENT: Final = "/providers/microsoft.management/managementgroups/"


class Estate:
    """Facts of Azure by what is asked of them."""

    def __init__(self, facts: Facts) -> None:
        """Index the facts."""
        self.above: dict[str, str] = {}
        self.groups: dict[str, set[str]] = {}
        self.vaults: dict[str, bool | None] = {}
        self._titles: dict[str, str] = {}
        members: set[str] = set()
        for edge in facts.edges:
            if edge.kind == "contains" and edge.src.startswith(MANAGEMENT):
                self.above[edge.dst] = edge.src
            elif edge.kind == "member-of":
                self.groups.setdefault(edge.src, set()).add(edge.dst)
                members.add(edge.dst)
        azure = [one for one in facts.principals if one.provider == "azure"]
        self.unread_groups = {str(one.uid): one.name or str(one.uid) for one in azure if one.kind == "group" and one.uid not in members}
        self._statements: dict[str, list[Statement]] = {}
        for statement in facts.statements:
            self._statements.setdefault(statement.policy, []).append(statement)
        self.given: dict[str, list[Attachment]] = {}
        self.on: dict[str, list[Attachment]] = {}
        for one in facts.attachments:
            (self.on if one.kind == "resource" else self.given).setdefault(one.target, []).append(one)
        for resource in facts.resources:
            if resource.kind == "role_definition":
                self._titles[f"/providers/microsoft.authorization/roledefinitions/{resource.uid.rpartition('/')[2]}"] = str(
                    resource.properties.get("title") or resource.name
                )
            elif resource.kind == "key_vault":
                told = resource.properties.get("rbac")
                self.vaults[resource.uid] = told if isinstance(told, bool) else None
        self.vault_statements = self._by_holder()
        self.named = {action.lower() for one in facts.statements if one.sid == "dataActions" for action in one.actions if "*" not in action}
        self.missing = [one for one in facts.gaps if one.provider == "azure" and _tells_of_rights(one.kinds)]
        self.broken = {str(one.uid): one.detail for one in facts.gaps if one.uid}

    def _by_holder(self) -> dict[str, list[Statement]]:
        """Return what access policies of vaults say, by who is named in them."""
        found: dict[str, list[Statement]] = {}
        for policy in (one.policy for on in self.on.values() for one in on):
            for statement in self._statements.get(policy, ()):
                for _, uid in statement.principals:
                    found.setdefault(uid, []).append(statement)
        return found

    def chain(self, scope: str) -> list[str]:
        """Return a scope and everything above it as far as it was read, the root of the tenant last."""
        container, blob, _ = scope.partition("/blobs/")
        found = [scope]
        here = f"{container}/blobs/-" if blob else scope
        while here not in ("", ROOT) and len(found) < 64:  # noqa: PLR2004 - deeper than any tree of Azure, and facts may go in circles
            here = self.above.get(here) or ("" if here.startswith(MANAGEMENT) or here.count("/") <= 2 else parent_of(here))  # noqa: PLR2004 - /subscriptions/ID
            if here and here not in found:
                found.append(here)
            else:
                break
        return [*found, ROOT] if found[-1] != ROOT else found

    def whole(self, chain: list[str]) -> bool:
        """Say whether what is above a scope was read up to the management groups."""
        return not self.above or not chain[0].startswith("/subscriptions/") or any(one.startswith(MANAGEMENT) for one in chain)

    def identities(self, principal: Uid) -> list[str]:
        """Return a principal and all groups that it is in, and everybody."""
        found = [str(principal)]
        for one in found:
            found += [group for group in sorted(self.groups.get(one, ())) if group not in found]
        return [*found, "*"]

    def attachments(self, identities: list[str]) -> Iterator[Attachment]:
        """Yield what is given to any of them, denied or allowed."""
        for one in identities:
            yield from self.given.get(one, ())

    def statements(self, policy: Uid) -> tuple[list[Statement] | None, tuple[str, ...]]:
        """Return what a role says, None where that is not known, and patterns of what else it may say."""
        if policy in self._statements:
            return self._statements[policy], ()
        known = role("azure", policy)
        return (None, ()) if known is None else (list(known.statements), known.unsure)

    def title(self, policy: Uid) -> str:
        """Return the name of a role or deny assignment that people see."""
        known = role("azure", policy)
        return self._titles.get(policy) or (known.name if known is not None else policy.rpartition("/")[2])


def _tells_of_rights(kinds: tuple[str, ...]) -> bool:
    return not kinds or "role_assignment" in kinds
