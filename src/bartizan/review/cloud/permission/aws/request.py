"""One question: who, what, of which resource, and what is known of the circumstances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.review.cloud.permission.aws.callers import Caller
    from bartizan.review.cloud.permission.aws.reference import Action
    from bartizan.review.cloud.permission.aws.targets import Target

__all__ = ["CALLERS_CHOICE", "Request"]

CALLERS_CHOICE = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:referer", "aws:requestedregion", "aws:securetransport", "aws:useragent", "s3:tlsversion"},
)
"""Keys (in lower case) that a caller sets as it likes: a permission that hangs on these alone is one that they have."""
_OF_ACTIONS = ("aws:requesttag/", "aws:resourcetag/", "aws:tagkeys")
"""Global keys that only the actions have that say so."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question. ``context`` is what its asker knows, by condition key in lower case."""

    caller: Caller
    action: Action
    target: Target
    context: Mapping[str, Sequence[str]]

    def known(self, key: str) -> Sequence[str] | None:
        """Return the values of a condition key: () where it is absent, None where nothing is known."""
        lower = key.lower()
        found = self.context.get(lower)
        if found is None and self._is_foreign(lower):
            return ()
        if found is None:
            found = self.caller.known(lower)
        return self.target.known(lower) if found is None else found

    def _is_foreign(self, lower: str) -> bool:
        """Say whether no request for this action has a key: one of its own service's that it does not list."""
        own = lower.startswith((f"{self.action.service}:", *_OF_ACTIONS))
        return own and not self.action.keys.has(lower)
