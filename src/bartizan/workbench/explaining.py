"""Say what a rule asks, and why it fires on a record or does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.workbench.hunting import Asked, request_of
from bartizan.workbench.loading import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.explaining import Told
    from bartizan.detect.hunt.explaining import CorrelationTold
    from bartizan.rules.reference.reading import ReferenceRule
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["describe_rule", "explain_on", "reference_of"]


def reference_of(name: str, rules: Sequence[str | Path]) -> ReferenceRule:
    """Return a rule as the reference matcher reads it; a rule file need not be in a pack."""
    return _reference(*_named(name, rules))


def describe_rule(name: str, rules: Sequence[str | Path]) -> list[str]:
    """Return what a rule or a correlation asks, in plain words."""
    loaded, place = _named(name, rules)
    if loaded.rules[place].correlation:
        from bartizan.detect.hunt.explaining import describe_correlation  # noqa: PLC0415 - `import bartizan` stays cheap

        asked = next(one.plan for one in loaded.correlations if one.number == place)
        return [f"{loaded.rules[place].title} fires on", *(f"  {line}" for line in describe_correlation(asked))]
    from bartizan.rules.explain import describe  # noqa: PLC0415 - as above

    return describe(_reference(loaded, place))


def explain_on(rule: str, paths: Sequence[str], *, rules: Sequence[str | Path] = ()) -> Iterator[Told] | CorrelationTold:
    """Explain a rule on every record of some files, or a correlation on all of them together: why it fires, or why not."""
    loaded, place = _named(rule, rules)
    if loaded.rules[place].correlation:
        from bartizan.detect.hunt.explaining import explain_correlation  # noqa: PLC0415 - `import bartizan` stays cheap

        return explain_correlation(loaded, place, request_of(Asked(), rules, records=False), paths)
    from bartizan.detect.explaining import explain_records  # noqa: PLC0415 - as above

    return explain_records(_reference(loaded, place), paths)


def _named(name: str, rules: Sequence[str | Path]) -> tuple[LoadedRules, int]:
    from bartizan.rules.naming import find_rule, only_rule  # noqa: PLC0415 - `import bartizan` stays cheap

    alone = Path(name).is_file() and not rules
    loaded = load_rules([name] if alone else rules)
    return loaded, only_rule(loaded, name) if alone else find_rule(loaded, name)


def _reference(loaded: LoadedRules, place: int) -> ReferenceRule:
    from bartizan.rules.naive import reference_rules  # noqa: PLC0415 - pySigma is loaded by who needs it

    return reference_rules(loaded, [place])[place]
