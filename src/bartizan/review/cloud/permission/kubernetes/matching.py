"""Say whether a rule allows a request.

Source: Kubernetes, "Using RBAC Authorization", and the functions of its package rbac/v1 (VerbMatches to NonResourceURLMatches).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Statement
    from bartizan.review.cloud.permission.kubernetes.requests import Request

__all__ = ["Rule", "compiled"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement as sets, which are asked instead of its patterns: what can stand there for a request is known."""

    statement: Statement
    things: frozenset[str]
    """Its actions that are no paths."""
    paths: tuple[tuple[str, str], ...]
    """Verb and path, which may end with ``*``."""
    names: frozenset[str] | None
    """None for all."""

    def allows(self, request: Request) -> bool:
        """Say whether the rule allows a request, wherever it holds."""
        if request.path:
            return any(verb in ("*", request.verb) and _leads(path, request.path) for verb, path in self.paths)
        return self.allows_some(request) and (self.names is None or request.name in self.names)

    def allows_some(self, request: Request) -> bool:
        """Say whether the rule allows a request of some name."""
        return self.allows(request) if request.path else not self.things.isdisjoint(wanted(request))


def compiled(statement: Statement) -> Rule:
    """Return the rule of a statement."""
    split = [one.partition(" ") for one in statement.actions]
    paths = tuple((verb, what) for verb, _, what in split if what.startswith("/"))
    things = frozenset(one for one in statement.actions if "/" not in one or not one.partition(" ")[2].startswith("/"))
    names = None if statement.resources == ("*",) else frozenset(statement.resources) - {""}
    return Rule(statement, things, paths, names)


def wanted(request: Request) -> tuple[str, ...]:
    """Return the patterns that allow a request for a thing: 2 verbs, 2 groups, and 2 or 3 ways to name the resource."""
    slash = f"/{request.subresource}" if request.subresource else ""
    kinds = [(request.resource, slash), ("*", "")]
    if slash:
        kinds.append(("*", slash))
    groups = (f".{request.group}" if request.group else "", ".*")
    return tuple(f"{verb} {kind}{group}{part}" for verb in (request.verb, "*") for group in groups for kind, part in kinds)


def _leads(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
