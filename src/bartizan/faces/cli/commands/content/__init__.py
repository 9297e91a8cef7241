"""Keep rule packs that every hunt shall use, and take over rules that were written for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "add rule packs that every hunt uses; import rules of other tools"
EXAMPLES: Final = (
    "bartizan content add sigma/rules --name sigma",
    "bartizan content list",
    "bartizan content remove sigma",
    "bartizan content import wazuh etc/rules --out imported",
    "bartizan content import wazuh ruleset --out imported --logs ruleset/testing/tests",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
