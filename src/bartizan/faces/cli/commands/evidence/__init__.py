"""Prove that what cases were made of is what it was: the journal, its signatures, files, records, answers, bundles.

Every list of cases writes down which files it read, with their digests, what it asked records and the digest of the answers. Entries
are chained by SHA-256 and signed with ed25519 where the extra 'custody' is installed: pip install 'bartizan[custody]'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "prove that evidence, results and decisions are what they were"
EXAMPLES: Final = (
    "bartizan evidence verify case-1",
    'bartizan evidence verify case.zip --key "$(cat alice.pub)"',
    "bartizan evidence key",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
