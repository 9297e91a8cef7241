"""Paths through Azure and Google Cloud: compile every hop of 2,000 people in each, and how many times as long asking everything takes."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer
from benchmarks._clouds_estate import azure, gcp
from benchmarks.result import Result

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.paths.contract import PathRule, PathsFound

RULES = Path(__file__).resolve().parents[1] / "content" / "paths"
BAR = 8.0
FASTER = 5
"""How many times as fast as asking of everybody at every place it has to be."""


def measure() -> Result:
    """Compile both estates, then once more with every question."""
    rules = [one for one in path_rules(RULES).values() if one.provider in ("azure", "gcp")]
    estates = {"azure": azure(subscriptions=20, users=2000, seed=1), "gcp": gcp(projects=40, users=2000, seed=1)}
    small = {"azure": azure(subscriptions=1, users=20, seed=2), "gcp": gcp(projects=1, users=20, seed=2)}
    for provider, facts in small.items():  # what is imported and read once
        _compiled(provider, facts, rules, naive=False)
    fast = {provider: _compiled(provider, facts, rules, naive=False) for provider, facts in estates.items()}
    plain = {provider: _compiled(provider, facts, rules, naive=True) for provider, facts in estates.items()}
    spent, peer = (sum(seconds for _, seconds in found.values()) for found in (fast, plain))
    same = all(sorted(map(repr, fast[one][0].hops)) == sorted(map(repr, plain[one][0].hops)) for one in estates)
    return Result(
        name="clouds",
        figure=spent if same else BAR * 100,
        unit="CPU s",
        bar=BAR,
        higher=False,
        peer="asking of everybody at every place",
        peer_figure=round(peer, 1),
        ratio=peer / spent,
        ratio_bar=FASTER,
        details={
            "the same hops": same,
            **{
                f"{provider}, {what}": value
                for provider, (found, seconds) in fast.items()
                for what, value in (
                    ("principals", len(estates[provider].principals)),
                    ("resources", len(estates[provider].resources)),
                    ("hops", len(found.hops)),
                    ("undecided", len(found.undecided)),
                    ("questions", f"{found.asked:,} of {plain[provider][0].asked:,}"),
                    ("CPU s", round(seconds, 2)),
                )
            },
        },
    )


def _compiled(provider: str, facts: Facts, rules: list[PathRule], *, naive: bool) -> tuple[PathsFound, float]:
    gc.collect()
    begun = time.process_time()
    found = compile_paths(facts, rules, {provider: authorizer(provider, facts)}, naive=naive)
    return found, time.process_time() - begun
