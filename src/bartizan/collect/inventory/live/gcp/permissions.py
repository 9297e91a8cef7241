"""Say what an account must be allowed to do for all calls of the collector, and nothing more: derived from the kind files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.live.gcp import tree
from bartizan.collect.inventory.live.gcp.bulk import CONTENTS
from bartizan.collect.inventory.live.gcp.sections import sections

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["custom_role", "permissions"]

_NOT_OF_PROJECTS: Final = ("resourcemanager.folders.", "resourcemanager.organizations.", "resourcemanager.projects.list")
"""What Google Cloud takes into no role of a project: it is about what is above one. Source: IAM, "Custom roles", limitations."""


def permissions(kinds: Iterable[str] | None = None, *, project: bool = False) -> tuple[str, ...]:
    """Return what reading some kinds, or all of them, needs, in order; with ``project`` only what a role of a project can hold."""
    wanted = None if kinds is None else set(kinds)
    lists = [one for section in sections() if wanted is None or section.kind.name in wanted for one in section.lists]
    steps = [step for one in lists for step in (*one.steps, *((one.policy,) if one.policy is not None else ()))]
    found = {*CONTENTS.values(), *tree.CALLS, *(step.call for step in steps)}
    return tuple(sorted(one for one in found if not (project and one.startswith(_NOT_OF_PROJECTS))))


def custom_role(kinds: Iterable[str] | None = None, *, project: bool = False) -> str:
    """Return the custom role that reading needs, as ``gcloud iam roles create --file`` takes it."""
    lines = ["title: Bartizan review", "description: Reads how everything is set up, and nothing that is in it.", "stage: GA"]
    return "\n".join([*lines, "includedPermissions:", *(f"- {one}" for one in permissions(kinds, project=project))]) + "\n"
