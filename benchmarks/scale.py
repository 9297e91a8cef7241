"""Estate paths: compile every hop of 20 accounts with 5,500 principals, and find all paths to an administrator, in CPU seconds."""

from __future__ import annotations

import gc
import time
from pathlib import Path

from bartizan.review.cloud.paths.answers import Paths
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.contract import administration
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer
from benchmarks._cloud_estate import estate
from benchmarks.result import Result

RULES = Path(__file__).resolve().parents[1] / "content" / "paths"
ACCOUNTS = 20
BAR = 5.0


def measure() -> Result:
    """Compile the estate of seed 6 and search it from every account's administration."""
    facts = estate(accounts=ACCOUNTS, seed=6)
    rules = path_rules(RULES)
    small = estate(accounts=1, seed=1)
    Paths(compile_paths(small, rules.values(), {"aws": authorizer("aws", small)})).from_internet()  # what is imported and read once
    gc.collect()
    begun = time.process_time()
    deciding = authorizer("aws", facts)
    indexed = time.process_time() - begun
    found = compile_paths(facts, rules.values(), {"aws": deciding})
    compiled = time.process_time() - begun - indexed
    paths = Paths(found)
    accounts = sorted({one.account for one in facts.principals})
    ways = {account: len(paths.paths_to(administration("aws", account))) for account in accounts}
    spent = time.process_time() - begun
    return Result(
        name="scale",
        figure=spent,
        unit="CPU s",
        bar=BAR,
        higher=False,
        details={
            "principals": len(facts.principals),
            "resources": len(facts.resources),
            "statements": len(facts.statements),
            "hops": len(found.hops),
            "questions": found.asked,
            "administrators": len(found.admins),
            "undecided": len(found.undecided),
            "paths to an administrator, by start and account": sum(ways.values()),
            "of it: index facts": round(indexed, 2),
            "of it: compile": round(compiled, 2),
            "of it: search": round(spent - indexed - compiled, 2),
        },
    )
