"""Ask less where rights hold down a tree: only at places below which something is given, and one principal for all that have the same.

A place is left out only where its authorizer says that it denies everything there; principals are alike only where it says that every
answer and reason is the same, and where no place of any rule is about one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.paths.asking import ANY_NAME, NEW, fill, names_in
from bartizan.review.cloud.permission.reaching import UNTOLD, Reaching

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bartizan.collect.inventory.contract import Principal
    from bartizan.review.cloud.paths.contract import Binding, Need, PathRule
    from bartizan.review.cloud.permission.contract import Authorizer

__all__ = ["Crowds"]


class Crowds:
    """What one authorizer says of who can have anything where. ``rules``: those that will be asked about, with their places."""

    def __init__(self, authorizer: Reaching, rules: Iterable[tuple[PathRule, Sequence[Binding]]]) -> None:
        """Note whom places are about."""
        self._authorizer = authorizer
        self._below: dict[str, Mapping[str, Sequence[int]]] = {}
        self._about: set[str] = set()
        self._let_in: dict[str, list[int]] = {}
        for _, places in rules:
            for one in places:
                self._about.update(one.values.values())
                for who in one.only or ():
                    self._let_in.setdefault(who, []).append(id(one))

    @classmethod
    def of(cls, authorizer: Authorizer, rules: Iterable[tuple[PathRule, Sequence[Binding]]]) -> Crowds | None:
        """Return what an authorizer says, where it says such things."""
        return cls(authorizer, rules) if isinstance(authorizer, Reaching) else None

    def alike(self, principal: Principal) -> Hashable | None:
        """Return what is equal for principals that one can be asked for; None for who has to be asked alone."""
        rights = None if principal.uid in self._about else self._authorizer.rights(principal.uid)
        return None if rights is None else (principal.kind, principal.account, rights, tuple(self._let_in.get(principal.uid, ())))

    def near(self, rule: PathRule, places: Sequence[Binding], principal: Principal) -> AbstractSet[int] | None:
        """Return the places (by ``id``) at which a principal could have what a rule needs first; None where that is not told."""
        need = rule.needs[0] if rule.needs else None
        if need is None or need.either or need.by:
            return None
        below = self._below.get(rule.id)
        if below is None:
            below = self._below[rule.id] = self._indexed(need, places)
        found: set[int] = set()
        for scope in (*self._authorizer.reach(principal.uid, need.actions), UNTOLD):
            found.update(below.get(scope, ()))
        return found

    def _indexed(self, need: Need, places: Sequence[Binding]) -> Mapping[str, Sequence[int]]:
        """Return the places of a rule by the scopes that are above what it needs there."""
        found: dict[str, list[int]] = {}
        for place in places:
            for scope in {one for template in need.to for one in self._asked(template, place)}:
                found.setdefault(scope, []).append(id(place))
        return found

    def _asked(self, template: str, place: Binding) -> AbstractSet[str]:
        names = names_in(template)
        if any(name.startswith("self") or (name == "account" and name not in place.values) for name in names):
            return {UNTOLD}
        values = {"region": "us-east-1", "partition": "aws", NEW: ANY_NAME, **place.values}
        if any(name not in values for name in names):
            return frozenset()
        return self._authorizer.scopes(fill(template, values))
