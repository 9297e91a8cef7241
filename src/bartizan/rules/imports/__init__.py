"""Take over rules of other languages: translate what can be said in Sigma, say what became of every part, refuse the rest.

Every part of a rule ends as carried (it means the same), approximated (it may match more, or less) or refused, with the
reason. A rule of which a part is refused is not written: without a condition it would be another rule.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.contract import APPROXIMATED, CARRIED, REFUSED, Imported, Piece, Translated
from bartizan.rules.imports.proving import proved
from bartizan.rules.imports.writing import MAPPINGS, RULES, check_folder, report_of, write

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "APPROXIMATED",
    "CARRIED",
    "LANGUAGES",
    "MAPPINGS",
    "REFUSED",
    "RULES",
    "Imported",
    "Piece",
    "Translated",
    "check_folder",
    "import_rules",
    "report_of",
    "write",
]

LANGUAGES: Final = ("elastic", "splunk", "wazuh")


def import_rules(language: str, path: Path) -> Imported:
    """Translate the rules of a file or folder; ``language`` is one of ``LANGUAGES``. InputError where there are none."""
    imported: Imported = getattr(import_module(f"{__name__}.{language}"), f"read_{language}")(path)
    return replace(imported, rules=proved(imported.rules))
