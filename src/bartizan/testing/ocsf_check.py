"""Check one OCSF record against what OCSF says of its class, at every depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.schema.ocsf.flaws import flaws
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_record"]


def check_record(record: Mapping[str, object]) -> list[Problem]:
    """Return everything wrong with a nested OCSF record that is ours; an empty list says that it is valid.

    What is checked says ``bartizan.schema.ocsf.flaws.flaws``.
    """
    return [Problem(flaw.where, flaw.what) for flaw in flaws(record)]
