"""Load checks: Sigma rules of the category ``inventory`` that ask for properties which are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan import rules
from bartizan.collect.inventory.kinds import kind
from bartizan.documents import documents, suggestion
from bartizan.review.cloud.checks.columns import COMMON, declared
from bartizan.review.cloud.checks.contract import About, Check, Checks, Exemption
from bartizan.review.cloud.checks.joins import join
from bartizan.rules.contract import Refusal
from bartizan.rules.held import negated
from bartizan.rules.logic.parts import fields_of
from bartizan.rules.match import unjudgeable
from bartizan.schema.logsource import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from bartizan.collect.inventory.kinds import Property
    from bartizan.rules.plan import Node
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["CATEGORY", "load", "unfit"]

CATEGORY = "inventory"


def load(
    paths: Iterable[str | Path],
    *,
    cache: Path | None = None,
    placeholders: Mapping[str, Sequence[str]] | None = None,
    today: date | None = None,
) -> Checks:
    """Load every check of files, folders and zip archives; each document is a check, an exception or a refusal.

    ``cache``, ``placeholders`` and ``today`` as those of ``bartizan.rules.load``. Raises a RulesError for a path that is not there.
    """
    loaded = rules.load(paths, cache=cache, placeholders=placeholders or {}, today=today)
    refused = list(loaded.refused)
    checks: dict[str, Check] = {}
    views = [View(source) for source in dict.fromkeys(rule.logsource for rule in loaded.rules)]
    plans = {number: node for number, node, _ in loaded.plans(views)}
    for number, rule in enumerate(loaded.rules):
        name = Path(rule.path.rsplit("!", 1)[-1]).stem
        known = _properties(rule.logsource.product, rule.logsource.service)
        why = _refusal(loaded, number, plans.get(number), known)
        if not why and name in checks:
            why = f"there is a check of this name already: {checks[name].rule.path}"
        if why or known is None:
            refused.append(Refusal(rule.path, loaded.origins[number].line, why, rule.id))
            continue
        asks = tuple(fields_of(plans[number]))
        of = join(rule.logsource.product, rule.logsource.service)
        checks[name] = Check(name=name, rule=rule, number=number, condition=plans[number], asks=asks, properties=known, join=of)
    exemptions, bad = _exemptions(loaded, list(checks.values()))
    abouts: dict[str, About] = {}

    def tell(check: Check) -> About:
        if check.name not in abouts:
            abouts[check.name] = _about(loaded, check.number)
        return abouts[check.name]

    about = [held for held, (_, one) in zip(loaded.holdings, loaded.filters, strict=True) if held.rules or one.logsource[1] == CATEGORY]
    return Checks(list(checks.values()), [*refused, *bad], exemptions, about, tell)


def unfit(check: Check, node: Node) -> str:
    """Say why a condition cannot be asked of what a check judges, "" if it can."""
    return unjudgeable(node) or _undeclared(node, check.properties)


def _properties(provider: str, service: str) -> Mapping[str, Property] | None:
    """Return the properties of a kind or join, None where there is none."""
    found = join(provider, service) or kind(provider, service)
    return None if found is None else found.properties


def _refusal(loaded: LoadedRules, number: int, node: Node | None, known: Mapping[str, Property] | None) -> str:
    """Say why a rule is no check, "" if it is one."""
    rule = loaded.rules[number]
    if rule.correlation:
        return "correlation: a check judges what is, not how often something happens"
    if rule.logsource.category != CATEGORY:
        return f"logsource.category: '{rule.logsource.category}': a check is about the {CATEGORY}"
    if known is None:
        return f"logsource: '{rule.logsource.product}' has no kind of resource and no join that is called '{rule.logsource.service}'"
    if node is None:
        return "condition: it can never be true"
    return unjudgeable(node) or _undeclared(node, known)


def _undeclared(node: Node, known: Mapping[str, Property]) -> str:
    for name in fields_of(node):
        if not declared(name, known):
            return f"there is no property '{name}'{suggestion(name, [*known, *COMMON])}"
    return ""


def _exemptions(loaded: LoadedRules, checks: Sequence[Check]) -> tuple[list[Exemption], list[Refusal]]:
    """Return the exceptions in force; one that asks for what none of its checks has is refused: it would never apply."""
    by_number = {one.number: one for one in checks}
    named: dict[int, list[Check]] = {}
    for number, place in loaded.held:
        if number in by_number:
            named.setdefault(place, []).append(by_number[number])
    found, refused = [], []
    for place, some in named.items():
        path, one = loaded.filters[place]
        node = negated(one.condition)
        fits = [check for check in some if not _undeclared(node, check.properties)]
        why = unjudgeable(node) or ("" if fits else _undeclared(node, some[0].properties))
        if why:
            refused.append(Refusal(path, one.line, why, one.id))
        else:
            found.append(Exemption(loaded.holdings[place], tuple(check.name for check in fits), node))
    return found, refused


def _about(loaded: LoadedRules, number: int) -> About:
    """Read again what a check says beside its rule."""
    origin = loaded.origins[number]
    found = [one for one in documents(loaded.contents[origin.path]) if not isinstance(one, Exception)]
    told: Any = found[origin.document].value
    fix = told.get("fix") or {}
    compliance = told.get("compliance") or {}
    return About(
        str(told.get("why") or ""),
        {str(how): str(text) for how, text in fix.items()} if isinstance(fix, dict) else {"steps": str(fix)},
        {str(name): tuple(str(one) for one in ids) for name, ids in compliance.items()} if isinstance(compliance, dict) else {},
    )
