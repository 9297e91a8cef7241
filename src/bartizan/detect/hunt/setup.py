"""Make what every process of a hunt needs: the rules and the sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.catalogue import catalogue
from bartizan.detect.hunt.judge import Judge
from bartizan.rules import load

if TYPE_CHECKING:
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import RuleSet

__all__ = ["judge_for", "rules_for"]


def rules_for(request: Request) -> RuleSet:
    """Load the rules of a request."""
    return load(request.rules, cache=request.cache, placeholders=request.placeholders)


def judge_for(request: Request, rules: RuleSet | None = None) -> Judge:
    """Make a judge for a request."""
    return Judge(rules_for(request) if rules is None else rules, catalogue(), request)
