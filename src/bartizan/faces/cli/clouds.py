"""Name what a cloud review reads on the command line, and how it is judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.permission.asking import Found
    from bartizan.workbench.cloud import Sought

__all__ = ["LEVELS", "add_context", "add_facts", "add_sought", "code_of", "context", "facts", "sought"]

LEVELS: Final = ("informational", "low", "medium", "high", "critical")


def add_facts(parser: argparse.ArgumentParser, *, paths: bool = True) -> None:
    """Add the options that say where facts are read; with ``paths`` PATH... is one of them."""
    from bartizan.review.cloud.permission.assuming import ASSUMPTIONS

    where = parser.add_argument_group("what to read")
    if paths:
        where.add_argument(
            "paths",
            nargs="*",
            metavar="PATH",
            help="files and folders: Terraform, plans, states, templates, manifests, exports; what each is, is found out from its content",
        )
    where.add_argument("--terraform", action="append", default=[], type=Path, metavar="DIR", help="a folder of Terraform; repeatable")
    where.add_argument(
        "--variable",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable of Terraform or parameter of a template; repeatable",
    )
    where.add_argument("--account", default="", metavar="ID", help="whose Terraform and templates are, where they do not say")
    where.add_argument("--export", action="append", default=[], metavar="FILE", help="a file or folder of exports; repeatable")
    where.add_argument("--recording", action="append", default=[], type=Path, metavar="DIR", help="answers that --keep kept; repeatable")
    where.add_argument(
        "--aws", action="append", default=[], metavar="PROFILE", help="an AWS account, live, by a profile of ~/.aws; repeatable"
    )
    where.add_argument(
        "--azure",
        action="append",
        default=[],
        metavar="SUBSCRIPTION",
        help="a subscription of Azure, live, by id or name, '' for all that the credential sees; repeatable",
    )
    where.add_argument("--tenant", default="", metavar="ID", help="with --azure: the tenant to sign in to, where `az login` knows several")
    where.add_argument(
        "--app-settings",
        action="store_true",
        help="with --azure: look at settings of applications, which needs a right that shows their values",
    )
    where.add_argument(
        "--gcp",
        action="append",
        default=[],
        metavar="NODE",
        help="Google Cloud, live: projects/ID, folders/NUMBER or organizations/NUMBER with all below it; repeatable",
    )
    where.add_argument(
        "--kubernetes",
        action="append",
        default=[],
        metavar="CONTEXT",
        help="a running cluster, by a context of the kubeconfig, '' for the current one; repeatable",
    )
    where.add_argument(
        "--kubelets", action="store_true", help="with --kubernetes: ask each kubelet how it is set up, which needs nodes/proxy"
    )
    where.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="ARN",
        help="with --aws, or the usual credentials: read the account of this role with its rights; repeatable",
    )
    where.add_argument(
        "--organization", default="", metavar="ROLE_NAME", help="read each account of the organization, by its role of this name"
    )
    where.add_argument("--external-id", default="", metavar="ID", help="with --role and --organization: what their trust policies ask for")
    where.add_argument(
        "--assume",
        action="append",
        default=[],
        choices=tuple(ASSUMPTIONS),
        metavar="WHAT",
        help="no-scps: what could not be read of an organization's SCPs and RCPs forbids nothing; no-deny-policies: those of Google Cloud "
        "that could not be listed deny nothing; each answer that rests on it says so; repeatable",
    )
    where.add_argument("--endpoint", metavar="URL", help="with --aws, --azure or --gcp: ask this address instead of the cloud's")
    where.add_argument("--region", action="append", default=[], metavar="REGION", help="with --aws: only this region; repeatable")
    where.add_argument(
        "--keep", type=Path, metavar="DIR", help="with --aws, --azure or --gcp: keep the answers, without secrets, in this folder"
    )


def add_sought(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is judged."""
    what = parser.add_argument_group("what to look for")
    what.add_argument(
        "--checks", action="append", default=[], metavar="PACK", help="checks: a file, folder or zip, instead of our own; repeatable"
    )
    held = what.add_mutually_exclusive_group()
    held.add_argument(
        "--exceptions",
        action="append",
        metavar="FILE",
        help="accept failures that these Sigma filters name, instead of the saved exceptions",
    )
    held.add_argument("--no-exceptions", action="store_const", const=[], dest="exceptions", help="accept nothing")
    what.add_argument(
        "--rules", action="append", default=[], metavar="PACK", help="detections that would see a hop, instead of our own; repeatable"
    )
    what.add_argument("--level", choices=LEVELS, default=LEVELS[0], help="judge by checks of this level and above")
    what.add_argument(
        "--jewel", action="append", default=[], metavar="NAME", help="what must not be reached: a uid, a name or a pattern; repeatable"
    )
    what.add_argument("--framework", default="", metavar="NAME", help="judge by checks that are evidence for it: cis-aws-3, pci-dss-4 …")


def facts(arguments: argparse.Namespace) -> Facts:
    """Read everything that the options name. UsageError where they name nothing."""
    from bartizan.workbench import cloud, rights

    paths = [*getattr(arguments, "paths", ()), *arguments.terraform, *arguments.export]
    live = [name for name in _LIVE if _is_given(arguments, name)]
    if not (paths or arguments.recording or live or arguments.endpoint or arguments.kubernetes):
        message = "nothing to review: name files and folders, --aws PROFILE, --azure SUBSCRIPTION, --gcp NODE, or --kubernetes CONTEXT"
        raise UsageError(message)
    _belong(arguments, live)
    found = cloud.facts_of(paths, variables=_pairs(arguments.variable), account=arguments.account)
    if arguments.recording:
        found.add(cloud.recorded_facts(*arguments.recording))
    for context in arguments.kubernetes:
        found.add(cloud.cluster_facts(context, kubelets=arguments.kubelets))
    if "aws" in live or (arguments.endpoint and not live):
        found.add(_aws(arguments))
    if arguments.azure:
        found.add(_azure(arguments))
    if arguments.gcp:
        found.add(_gcp(arguments))
    return rights.assuming(found, arguments.assume)


_LIVE: Final = ("aws", "azure", "gcp")
_MEANING: Final = {
    "kubelets": ("kubernetes",),
    "region": ("aws",),
    "external_id": ("role", "organization"),
    "tenant": ("azure",),
    "app_settings": ("azure",),
    "endpoint": _LIVE,
    "keep": _LIVE,
}
"""By option, those of which at least one must be given for it to mean something."""


def _is_given(arguments: argparse.Namespace, name: str) -> bool:
    return bool(getattr(arguments, name) or (name == "aws" and (arguments.role or arguments.organization)))


def _belong(arguments: argparse.Namespace, live: Sequence[str]) -> None:
    """Raise UsageError where an option means nothing, or not one thing, among the others; --endpoint alone is AWS's."""
    from bartizan.collect.inventory.live.rest.client import endpoint_of

    endpoint_of(arguments.endpoint or "")
    for option, among in _MEANING.items():
        given = [name for name in among if _is_given(arguments, name) or (name == "aws" and arguments.endpoint)]
        if getattr(arguments, option) and not given:
            told = " or ".join(f"--{name}" for name in among)
            message = f"--{option.replace('_', '-')}: means nothing without {told}"
            raise UsageError(message)
    if arguments.endpoint and len(live) > 1:
        message = "--endpoint: is the address of one cloud: review the others by commands of their own, and with --recording together"
        raise UsageError(message)


def _aws(arguments: argparse.Namespace) -> Facts:
    from bartizan.collect.inventory.live.aws.accounts import Through
    from bartizan.workbench import cloud

    through = Through(roles=tuple(arguments.role), organization=arguments.organization, external_id=arguments.external_id)
    return cloud.live_facts(arguments.aws, endpoint=arguments.endpoint, regions=arguments.region, keep=arguments.keep, through=through)


def _azure(arguments: argparse.Namespace) -> Facts:
    """Read subscriptions, and say on a terminal how far it is."""
    from bartizan.collect.inventory.live.azure.collector import Sought
    from bartizan.faces.cli.progress import telling
    from bartizan.workbench import cloud

    with telling("Azure") as told:
        wanted = Sought(subscriptions=arguments.azure, settings=arguments.app_settings, keep=arguments.keep, progress=told)
        return cloud.azure_facts(wanted, endpoint=arguments.endpoint or "", tenant=arguments.tenant)


def _gcp(arguments: argparse.Namespace) -> Facts:
    """Read nodes of Google Cloud, and say on a terminal how far it is."""
    from bartizan.collect.inventory.live.gcp.collector import Sought
    from bartizan.faces.cli.progress import telling
    from bartizan.workbench import cloud

    with telling("Google Cloud") as told:
        return cloud.google_facts(Sought(nodes=arguments.gcp, endpoint=arguments.endpoint or "", keep=arguments.keep, progress=told))


def _pairs(given: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE as names and values. UsageError where one is none."""
    for one in given:
        if not one.partition("=")[1] or one.startswith("="):
            message = f"--variable {one}: write NAME=VALUE"
            raise UsageError(message)
    return {name: value for name, _, value in (one.partition("=") for one in given)}


def add_context(parser: argparse.ArgumentParser) -> None:
    """Add the option that says what is known of a request."""
    parser.add_argument(
        "--with",
        "--context",
        action="append",
        default=[],
        dest="known",
        metavar="KEY=VALUE",
        help="what is known of the request: aws:SourceIp=203.0.113.9; repeatable",
    )


def context(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Return what is known of a request, by condition key. UsageError where an option is no pair."""
    found: dict[str, list[str]] = {}
    for pair in arguments.known:
        key, mark, value = pair.partition("=")
        if not (key and mark):
            message = f"--with: '{pair}' is no KEY=VALUE, like aws:SourceIp=203.0.113.9"
            raise UsageError(message)
        found.setdefault(key, []).append(value)
    return found


def code_of(found: Found) -> int:
    """Return the exit code of a question: 1 somebody can, or on a condition; 3 it cannot be told; 0 nobody can."""
    from bartizan.review.cloud.permission.contract import Answer

    answers = {row.decision.answer for row in found.rows}
    return 1 if answers & {Answer.ALLOWED, Answer.CONDITIONAL} else 3 if answers or found.unread else 0


def sought(arguments: argparse.Namespace) -> Sought:
    """Return what the options ask for."""
    from bartizan.workbench.cloud import Sought

    return Sought(
        checks=arguments.checks,
        exceptions=arguments.exceptions,
        rules=arguments.rules,
        level=arguments.level,
        framework=arguments.framework,
        jewels=arguments.jewel,
    )
