"""Run the cases of a rule: whether the hop is there where it should be, and is not where it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.permission.authorizers import authorizer

if TYPE_CHECKING:
    from bartizan.review.cloud.paths.contract import PathRule

__all__ = ["wrong_cases"]


def wrong_cases(rule: PathRule) -> list[str]:
    """Return what is wrong with the cases of a rule; [] where every one says what the rule does."""
    wrong = []
    for case in rule.cases:
        facts = estate(rule.provider, case["estate"])
        found = compile_paths(facts, [rule], {rule.provider: authorizer(rule.provider, facts)})
        src, dst = (named(rule.provider, name) for name in case.get("hop") or case["no_hop"])
        hops = [hop for hop in found.hops if hop.rule == rule.id and (hop.src, hop.dst) == (src, dst)]
        if bool(hops) != ("hop" in case):
            told = "; ".join(f"{one.src} -> {one.dst}: {one.why}" for one in found.undecided) or "nothing is undecided"
            wrong.append(f"{rule.id}: {case['name']}: {'no hop' if 'hop' in case else 'a hop'} from {src} to {dst} ({told})")
        elif hops and set(hops[0].depends) != set(case.get("depends", ())):
            wrong.append(f"{rule.id}: {case['name']}: the hop depends on {list(hops[0].depends)}, not on {list(case.get('depends', ()))}")
    return wrong
