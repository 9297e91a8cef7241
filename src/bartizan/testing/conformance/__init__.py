"""Hold any engine to what Sigma says: cases as data, a protocol of JSON lines, a driver, and who passes what."""

from __future__ import annotations

from bartizan.testing.conformance.case import Case, Finding, cases_folder, read_cases
from bartizan.testing.conformance.driver import Driver
from bartizan.testing.conformance.judgement import CHAPTERS, Outcome, Verdict, judged, table, tally

__all__ = [
    "CHAPTERS",
    "Case",
    "Driver",
    "Finding",
    "Outcome",
    "Verdict",
    "cases_folder",
    "judged",
    "read_cases",
    "table",
    "tally",
]
