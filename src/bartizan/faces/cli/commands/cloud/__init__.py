"""Review a cloud: what is exposed, who can really do what, and how an attacker gets from here to there.

Reads Terraform, plans and states, templates, manifests and exports without a network, and AWS accounts live. What could not be read is
counted, and whatever hangs on it is unknown: never passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "review a cloud: failing checks, attack paths, who can do what"
EXAMPLES: Final = (
    "bartizan cloud review infrastructure/",
    "bartizan cloud review --export details.json --fail-on high --html review.html",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
