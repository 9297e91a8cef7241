"""Say what became of the elements and attributes of a rule that ask nothing of a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.contract import OVER, Piece, approximated, carried, refused
from bartizan.rules.imports.wazuh.conditions import CONDITIONS
from bartizan.rules.imports.wazuh.counting import COUNTING
from bartizan.rules.imports.wazuh.tree import MATCHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.rules.imports.wazuh.ruleset import Part, WazuhRule

__all__ = ["TECHNIQUE", "remaining"]

TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?")
_PLACING: Final = frozenset({"if_sid", "if_group", "if_level", "decoded_as", "category", *MATCHED})
_TOLD: Final = frozenset({"description", "group", "info", "mitre.id", "mitre.tactic", "mitre.technique"})
_ATTRIBUTES: Final = frozenset({"id", "level", "maxsize", "frequency", "timeframe", "ignore", "overwrite", "noalert"})
_QUIET: Final = frozenset({"no_full_log", "alert_by_email", "no_email_alert", "no_ar", "no_counter"})
_INSERTED: Final = re.compile(r"\$\([\w.\-]+\)")


def remaining(rule: WazuhRule) -> Iterator[Piece]:
    """Yield what became of what neither asks something of a record nor says which records are meant."""
    counts = any(part.name in MATCHED for part in rule.parts)
    for part in rule.parts:
        if part.name == "options":
            yield from map(_option, part.text.replace(",", " ").split())
        elif part.name in _TOLD:
            yield _told(part)
        elif COUNTING.match(part.name):
            if not counts:
                yield refused(part.name, "it compares with events before, but the rule has no if_matched_sid or if_matched_group")
        elif part.name not in CONDITIONS and part.name not in _PLACING:
            yield refused(part.name, "no element of Wazuh 4 that is known here")
    for name, value in rule.attributes.items():
        yield from _attribute(name, value)


def _told(part: Part) -> Piece:
    if part.name == "mitre.id" and not TECHNIQUE.fullmatch(part.text):
        return approximated("mitre.id", f"'{part.text[:40]}' is no technique of ATT&CK: not among the tags", "")
    if part.name == "description" and _INSERTED.search(part.text):
        return carried("description", "$(field) stays as it is written: the finding shows the values beside it")
    return carried(part.name)


def _attribute(name: str, value: str) -> Iterator[Piece]:
    if name == "ignore":
        yield approximated("ignore", f"Wazuh keeps silent for {value} s after it; group findings as alerts for that", OVER)
    elif name == "noalert" and value not in ("0", "no"):
        yield approximated("noalert", "it is reported, where Wazuh reports only what builds on it", OVER)
    elif name not in _ATTRIBUTES:
        yield refused(name, "no attribute of a rule of Wazuh 4 that is known here")


def _option(name: str) -> Piece:
    if name in _QUIET:
        return carried(f"options {name}", "has nothing to do with what matches")
    if name == "no_log":
        return approximated("options no_log", "it is reported, where Wazuh keeps it to itself", OVER)
    return refused(f"options {name}", "no option of Wazuh 4 that is known here")
