"""Find the rule that a user names: by id, title or file."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from bartizan.rules.contract import Rule
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["find_rule", "only_rule"]


def find_rule(rules: LoadedRules, name: str) -> int:
    """Return the place of the one rule that has this id, file name or title; UsageError where there is none or several."""
    asked = name.lower()
    names = [{rule.id.lower(), rule.title.lower(), *_file_names(rule)} for rule in rules.rules]
    exact = [place for place, known in enumerate(names) if asked in known]
    if len(exact) > 1:
        exact = [place for place in exact if place not in rules.silent] or exact
    found = exact or [place for place, rule in enumerate(rules.rules) if asked in rule.title.lower()]
    if len(found) == 1:
        return found[0]
    if not found:
        near = get_close_matches(asked, {one for known in names for one in known}, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "`bartizan rules list` shows what there is"
        message = f"no rule is called '{name}'; {hint}"
        raise UsageError(message)
    some = "; ".join(f"{rules.rules[place].title} ({rules.rules[place].id})" for place in found[:5])
    message = f"'{name}' means {len(found)} rules: {some}{' …' if len(found) > 5 else ''}"  # noqa: PLR2004 - as many as the line above shows
    raise UsageError(message)


def only_rule(loaded: LoadedRules, name: str) -> int:
    """Return the place of the rule of a file that holds one that raises findings; UsageError says what else the file holds."""
    told = [place for place in range(len(loaded.rules)) if place not in loaded.silent]
    if len(told) == 1:
        return told[0]
    if loaded.rules:
        ids = ", ".join(rule.id for rule in loaded.rules[:5])
        message = f"{name}: holds {len(loaded.rules)} rules; name one by its id ({ids}) and the file with --rules"
        raise UsageError(message)
    refused = next(iter(loaded.refused), None)
    message = f"{name}: holds no rule" if refused is None else f"{name}:{refused.line}: {refused.why}"
    raise UsageError(message)


def _file_names(rule: Rule) -> set[str]:
    path = Path(rule.path.rsplit("!", 1)[-1])
    return {rule.path.lower(), path.name.lower(), path.stem.lower()}
