"""Which of SigmaHQ's active rules can fire on the sources there are, whether they do on records written for them, and on real logs."""

from __future__ import annotations

from benchmarks._field import SIGMA, sigma_packs
from benchmarks.result import FIELD, Result, skipped

RULES = 3780
WHOLE = 95.0
PROVED = 0.9
NOW = 1_767_225_600_000_000_000
"""2026-01-01: when the written records are hunted through."""


def measure() -> Result:
    """Ask of every rule and source, prove what they say, and look at the verdicts of what fires on SigmaHQ's regression cases."""
    if not SIGMA.is_dir():
        return skipped("can-fire", "the field data is not here")
    from bartizan import rules
    from bartizan.collect.catalogue import catalogue
    from bartizan.detect.can_fire import can_fire
    from bartizan.explain.can_fire import standing_of
    from bartizan.testing.proving import prove
    from bartizan.workbench import hunt

    packs = [word for word in sigma_packs() if word != "--rules"]
    loaded = rules.load(packs)
    told = can_fire(loaded, catalogue().sources)
    standing = standing_of(told, prove(loaded, told, catalogue(), now=NOW))
    verdicts = {one.rule.id: one.verdict for one in told}
    with hunt(FIELD / "sigma-regression", rules=packs) as found:
        fired = set(found.findings()["rule_id"].to_list())
    wrong = sorted(uid for uid in fired if verdicts[uid] in {"missing", "no-source"})
    count = len(told) + len(loaded.refused)
    largest = [f"{name}: {dict(counts)}" for name, counts in list(standing.by_logsource.items())[:10]]
    details: dict[str, object] = {
        "rule documents with a verdict": f"{count:,} of {RULES:,}, {len(loaded.refused)} of them refused at loading with the reason",
        "verdicts": dict(standing.totals),
        "rules that fired on real logs": f"{len(fired)}, of which said to be unable to: {wrong or 'none'}",
        "rules proved to fire": f"{standing.proved.total():,} of {standing.able:,} that are said to be able to ({standing.proven:.2%})",
        "not proved": [f"{one.outcome}: {one.rule.title}: {one.why}" for one in standing.proofs if one.outcome in {"silent", "unwritten"}],
        "log sources": largest,
        "lacked most": [f"{logsource} {name}: {rules}" for (logsource, name), rules in standing.lacking.most_common(10)],
    }
    # A rule that is refused cannot fire either: it counts among all.
    whole = 100 * standing.whole * len(told) / count
    sound = count >= RULES and not wrong and "" not in verdicts.values() and standing.proven >= PROVED
    return Result(
        name="can-fire", figure=whole if sound else 0.0, unit="% of rules can fire with all they name", bar=WHOLE, details=details
    )
