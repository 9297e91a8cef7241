"""Index the facts of Azure for deciding: the tree of scopes, who is in which group, what is given where."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.exports.azure.rows import parent_of
from bartizan.review.cloud.permission.azure.operations import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from bartizan.collect.inventory.contract import Attachment, Facts, Statement, Uid, Value
    from bartizan.collect.inventory.roles import Roles

__all__ = ["MANAGEMENT", "ROOT", "Estate"]

_LIVE: Final = ("live", "recording")
ROOT: Final = "/"
MANAGEMENT: Final = "/providers/microsoft.management/managementgroups/"


class Estate:
    """Facts of Azure by what is asked of them."""

    def __init__(self, facts: Facts, reference: Roles) -> None:
        """Index the facts; what Azure defines for everyone is asked of a reference."""
        self._reference = reference
        self._covered: dict[tuple[str, int, str], bool] = {}
        self._chains: dict[str, list[str]] = {}
        self._identities: dict[str, list[str]] = {}
        self._at: dict[str, dict[str, list[Attachment]]] = {}
        self.above: dict[str, str] = {
            edge.dst: edge.src for edge in facts.edges if edge.kind == "contains" and edge.src.startswith(MANAGEMENT)
        }
        self.groups: dict[str, set[str]] = {}
        for edge in facts.edges:
            if edge.kind == "member-of":
                self.groups.setdefault(edge.src, set()).add(edge.dst)
        self._statements: dict[str, list[Statement]] = {}
        for statement in facts.statements:
            self._statements.setdefault(statement.policy, []).append(statement)
        own = [one for one in facts.attachments if one.scope.startswith("/") and not one.scope.startswith("//")]
        self.given = _by_target(one for one in own if one.kind != "resource")
        self.on = _by_target(one for one in own if one.kind == "resource")
        self.vaults = {one.uid.lower(): _truth(one.properties.get("rbac")) for one in facts.resources if one.kind == "key_vault"}
        self._titles = {
            _role(one.uid): str(one.properties.get("title") or one.name) for one in facts.resources if one.kind == "role_definition"
        }
        self.unread_groups = _lone_groups(facts)
        self.vault_statements = self._by_holder()
        self.strangers = self._by_scope(one for group in self.unread_groups for one in self.given.get(group, ()))
        """What is given to groups of which no member was read, by scope."""
        self.named = {action.lower() for one in facts.statements if one.sid == "dataActions" for action in one.actions if "*" not in action}
        self.missing = [one for one in facts.gaps if one.provider == "azure" and _tells_of_rights(one.kinds)]

    def quiet(self, principal: Uid, chain: list[str]) -> bool:
        """Say whether nothing at all is given to a principal, or to groups nobody read, at some scopes, and everything there was read."""
        if (
            self.missing
            or not self.given
            or not self.whole(chain)
            or any(scope in self.strangers or scope in self.vaults for scope in chain)
        ):
            return False
        return not self.given_at(principal, chain)

    @staticmethod
    def _by_scope(given: Iterable[Attachment]) -> dict[str, list[Attachment]]:
        found: dict[str, list[Attachment]] = {}
        for one in given:
            found.setdefault(one.scope or ROOT, []).append(one)
        return found

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
        if scope not in self._chains:
            self._chains[scope] = self._climbed(scope)
        return self._chains[scope]

    def _climbed(self, scope: str) -> list[str]:
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
        if principal not in self._identities:
            self._identities[principal] = self._named(principal)
        return self._identities[principal]

    def given_at(self, principal: Uid, chain: list[str]) -> list[Attachment]:
        """Return what is given to a principal or denied it at one of some scopes."""
        if principal not in self._at:
            self._at[principal] = self._by_scope(self.attachments(self.identities(principal)))
        held = self._at[principal]
        return [one for scope in chain if scope in held for one in held[scope]]

    def reach(self, principal: Uid, gives: Callable[[Uid], bool]) -> AbstractSet[str]:
        """Return the scopes at which what gives it is given, to a group that nobody read too, and vaults with policies of their own."""
        own = {one.scope or ROOT for one in self.attachments(self.identities(principal)) if gives(one.policy)}
        return own | self.strangers.keys() | {vault for vault, by_roles in self.vaults.items() if not by_roles}

    def unread(self) -> list[str]:
        """Say what was not read of rights anywhere, so that somebody may have more than is known."""
        gaps = dict.fromkeys(f"{gap.call}: {gap.reason}: rights were not all read" for gap in self.missing)
        groups = [f"who is in {group}, which is given a role, was not read" for group in sorted(self.unread_groups) if group in self.given]
        return [*gaps, *groups, *([] if self.given else ["no role assignment was read at all"])]

    def rights(self, principal: Uid) -> Hashable | None:
        """Return the groups that something is given to or said of and that a principal is in; None where that is so of itself."""
        own, *groups = self.identities(principal)
        return None if own in self._mentioned else tuple(group for group in groups if group in self._mentioned)

    @cached_property
    def _mentioned(self) -> AbstractSet[str]:
        said = (one for statements in self._statements.values() for one in statements)
        named = {uid for one in said for _, uid in (*one.principals, *one.not_principals)}
        return named | self.given.keys() | self.unread_groups.keys()

    def _named(self, principal: Uid) -> list[str]:
        found = [str(principal)]
        for one in found:
            found += [group for group in sorted(self.groups.get(one, ())) if group not in found]
        return [*found, "*"]

    def attachments(self, identities: list[str]) -> Iterator[Attachment]:
        """Yield what is given to any of them, denied or allowed."""
        for one in identities:
            yield from self.given.get(one, ())

    def statements(self, policy: Uid) -> Sequence[Statement] | None:
        """Return what a role says, None where that is not known."""
        if policy in self._statements:
            return self._statements[policy]
        known = self._reference.role(policy)
        return None if known is None else known.statements

    def covers(self, statement: Statement, action: str) -> bool:
        """Say whether a statement is about an operation."""
        key = statement.policy, statement.number, action
        if key not in self._covered:
            held = any(matches(one, action) for one in statement.actions)
            self._covered[key] = held and not any(matches(one, action) for one in statement.not_actions)
        return self._covered[key]

    def title(self, policy: Uid) -> str:
        """Return the name of a role or deny assignment that people see."""
        known = self._reference.role(policy)
        return self._titles.get(policy) or (known.name if known is not None else policy.rpartition("/")[2])


def _by_target(attachments: Iterable[Attachment]) -> dict[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    for one in attachments:
        found.setdefault(one.target.lower() if one.kind == "resource" else one.target, []).append(one)
    return found


def _lone_groups(facts: Facts) -> dict[str, str]:
    """Return the groups of which no member was read, with their names; of a running Azure only those of which a gap says so."""
    members = {edge.dst for edge in facts.edges if edge.kind == "member-of"}
    untold = {gap.uid for gap in facts.gaps if gap.uid and "group" in gap.kinds}
    groups = [one for one in facts.principals if one.provider == "azure" and one.kind == "group"]
    lone = [one for one in groups if one.uid not in members and (one.origin.how not in _LIVE or one.uid in untold)]
    return {str(one.uid): one.name or str(one.uid) for one in lone}


def _truth(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def _role(uid: str) -> str:
    return f"/providers/microsoft.authorization/roledefinitions/{uid.rpartition('/')[2]}"


def _tells_of_rights(kinds: tuple[str, ...]) -> bool:
    return not kinds or "role_assignment" in kinds
