"""Keep records for years in a folder: put them in once, ask them in SQL, prove where each stands, let them go in time.

Needs the extra 'lake': pip install 'bartizan[lake]'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "keep records for years, ask them, prove where they stand"
EXAMPLES: Final = (
    "bartizan lake init records",
    "bartizan lake import records case-1",
    "bartizan lake sql records 'SELECT src_endpoint.ip, count(*) FROM authentication GROUP BY 1 ORDER BY 2 DESC'",
    "bartizan lake get records RECORD_ID",
    "bartizan lake maintain records --days 365",
    "bartizan lake verify records",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
