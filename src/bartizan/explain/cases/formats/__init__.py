"""Write cases in the formats of other tools: each is a function from a page to text. ``FORMATS`` names them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.explain.cases.formats.navigator import navigator
from bartizan.explain.cases.formats.ocsf import incident
from bartizan.explain.cases.formats.stix import stix
from bartizan.explain.cases.formats.timesketch import timesketch_csv, timesketch_jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.explain.cases.page import CasePage

__all__ = ["FORMATS"]

FORMATS: Final[Mapping[str, tuple[str, Callable[[CasePage], str]]]] = {
    "timesketch-csv": ("timeline.csv", timesketch_csv),
    "timesketch-jsonl": ("timeline.jsonl", timesketch_jsonl),
    "stix": ("stix.json", stix),
    "navigator": ("navigator.json", navigator),
    "ocsf": ("incident-finding.json", incident),
}
"""Format, as users type it -> the name of its file, and what writes it."""
