"""Find and load rules: our own content, what was added to it, and packs that are named."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.detect.contract import RuleVerdict
    from bartizan.rules.contract import Rule
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.schema.logsource import Logsource

__all__ = ["STARTER", "content_folder", "load_rules", "packs", "standing", "text_of_rule"]

STARTER: Final = "starter"
"""The name under which ``rules`` can list our own detections beside other packs."""


def packs(rules: Sequence[str | Path], *, exceptions: Sequence[str | Path] | None = None) -> tuple[Path, ...]:
    """Return the folders and files that a list of packs means; () means our own content and what was added to it.

    The files of ``exceptions`` come last; None means those that the user saved.
    """
    from bartizan.rules.exceptions import saved_files  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.rules.library import added  # noqa: PLC0415 - as above

    starter = content_folder() / "detections"
    named = tuple(starter if str(rule) == STARTER else Path(rule) for rule in rules) or (starter, *added())
    return (*named, *(saved_files() if exceptions is None else map(Path, exceptions)))


def load_rules(rules: Sequence[str | Path], *, placeholders: Mapping[str, Sequence[str]] | None = None) -> LoadedRules:
    """Load the rules of some packs; () means our own content and what was added to it."""
    from bartizan.rules import load  # noqa: PLC0415 - `import bartizan` stays cheap

    return load(packs(rules), placeholders=placeholders or {})


def standing(rules: LoadedRules) -> list[RuleVerdict]:
    """Return what can be said of every rule before there are records: whether any source that is read could make it fire."""
    from bartizan.detect.hunt.verdicts import expected  # noqa: PLC0415 - `import bartizan` stays cheap

    return expected(rules, {logsource: _served(logsource) for logsource in {rule.logsource for rule in rules.rules}})


def text_of_rule(rules: LoadedRules, rule: Rule) -> str:
    """Return the file in which a rule stands."""
    return rules.contents[rule.path].decode("utf-8", "backslashreplace")


def content_folder() -> Path:
    """Return the folder of our own content: in the package when installed, at the top of the repository when not."""
    inside = Path(str(files("bartizan"))) / "content"
    beside = Path(__file__).resolve().parents[3] / "content"
    for folder in (inside, beside):
        if folder.is_dir():
            return folder
    message = f"{inside}: the content that belongs to bartizan is missing; install it anew"
    raise InputError(message)


def _served(logsource: Logsource) -> bool:
    from bartizan.collect.catalogue import catalogue  # noqa: PLC0415 - imports every source

    views = (view for source in catalogue().sources for route in source.routes for view in route.views)
    return any(view.logsource.serves(logsource) for view in views)
