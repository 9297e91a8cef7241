"""Review a cloud: what is exposed, who can really do what, and how an attacker gets from here to there.

Reads Terraform, plans and states, templates, manifests and exports without a network, and running clouds. What could not be read is
counted, and whatever hangs on it is unknown: never passed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "review a cloud: failing checks, attack paths, who can do what"
EXAMPLES: Final = (
    "bartizan cloud review infrastructure/ --html review.html",
    "bartizan cloud review --aws audit --keep answers --lake records",
    "bartizan cloud review --azure '' --keep answers",
    "bartizan cloud review --gcp organizations/123456789012 --keep answers",
    "bartizan cloud review --export details.json --fail-on high --sarif review.sarif",
    "bartizan cloud paths infrastructure/ --to customers",
    "bartizan cloud diff main/ branch/ --fail-on high",
    "bartizan cloud who-can s3:GetObject arn:aws:s3:::customers/x infrastructure/",
    "bartizan cloud unused infrastructure/ --lake records --days 90",
    "bartizan cloud compliance cis-aws-3 infrastructure/ --oscal results.json",
    "bartizan cloud permissions",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
