"""Print the policies that the collector needs to read an AWS account live, or the role for another cloud, and nothing more.

They are derived from the calls that it makes. Where they do not fit into one managed policy there are several.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "permissions"
HELP: Final = "the least-privilege policy of the collector"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("--kind", action="append", metavar="KIND", help="only what reads this kind: s3_bucket, iam_role …; repeatable")
    parser.add_argument("--kubernetes", action="store_true", help="the cluster role that reading a cluster needs, as a manifest")
    parser.add_argument("--azure", action="store_true", help="the custom role that reading subscriptions of Azure needs")
    parser.add_argument("--app-settings", action="store_true", help="with --azure: also what shows settings of applications")
    parser.add_argument(
        "--gcp",
        nargs="?",
        const="organizations",
        choices=("organizations", "projects"),
        help="the custom role that reading Google Cloud needs, for an organization, or what a role of a project can hold of it",
    )
    parser.add_argument("--calls", action="store_true", help="print the calls instead, one a line")


def run(arguments: argparse.Namespace) -> int:
    """Print them."""
    from bartizan.collect.inventory.kinds import kinds
    from bartizan.collect.inventory.live.aws.permissions import calls, policies
    from bartizan.documents import suggestion
    from bartizan.errors import UsageError

    if arguments.kubernetes:
        from bartizan.collect.inventory.live.kubernetes.permissions import cluster_role

        print(cluster_role(), end="")
        return 0
    if arguments.azure:
        from bartizan.collect.inventory.live.azure.permissions import custom_role

        print(json.dumps(custom_role(settings=arguments.app_settings), indent=2))
        return 0
    if arguments.gcp:
        from bartizan.collect.inventory.live.gcp.permissions import custom_role as role_of_google

        print(role_of_google(project=arguments.gcp == "projects"), end="")
        return 0
    known = sorted(name for provider, name in kinds() if provider == "aws")
    for name in arguments.kind or ():
        if name not in known:
            message = f"--kind: there is no kind '{name}' of AWS{suggestion(name, known)}"
            raise UsageError(message)
    if arguments.calls:
        print("\n".join(calls(arguments.kind)))
    else:
        found = policies(arguments.kind)
        print(json.dumps(found[0] if len(found) == 1 else found, indent=2))
    return 0
