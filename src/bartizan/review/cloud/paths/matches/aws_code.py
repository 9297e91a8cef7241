"""Match kinds of AWS for code that workloads take from elsewhere: who may write there runs code in the workload.

``code-in-bucket``: resources ``of`` some kinds whose ``property`` names an object of S3: ``{resource}``, ``{object}`` (its ARN).
``image-in-repository``: those whose ``property`` names images of ECR by tags that can be moved: ``{repository}``.
``code-in-repository``: those whose ``property`` is the address of a repository of CodeCommit: ``{repository}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.contract import Binding
from bartizan.review.cloud.paths.matches.general import chosen, listed, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES"]

_OBJECT: Final = re.compile(r"(?:s3://|arn:aws:s3:::)?([a-z0-9][a-z0-9.-]{2,62})/(.+)")
_IMAGE: Final = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@\s]+)(?::[^@\s]+)?")
_REPOSITORY: Final = re.compile(r"(?:https|ssh)://git-codecommit\.([a-z0-9-]+)\.amazonaws\.com/v1/repos/([\w.-]+)")


def _found(name: str, told: Callable[[World, str, str], str | None]) -> Match:
    """Return a match kind that gives ``name``: what a text of a resource and its account tell, None where it tells nothing."""

    def match(world: World, rule: PathRule) -> Iterator[Binding]:
        for one, hangs in chosen(world, rule.options):
            for text in listed(one.properties.get(rule.options["property"])):
                place = told(world, text, one.account)
                for role in world.runs_as(one.uid) if place else ():
                    values = {**values_of(one), name: str(place), "role": str(role)}
                    yield Binding(values=values, account=one.account, depends=hangs)

    return match


def _object(_: World, text: str, __: str) -> str | None:
    found = _OBJECT.fullmatch(text)
    return None if found is None or "://" in found[2] else f"arn:aws:s3:::{found[1]}/{found[2]}"


def _image(world: World, text: str, _: str) -> str | None:
    found = _IMAGE.fullmatch(text)
    if found is None:
        return None
    uid = f"arn:aws:ecr:{found[2]}:{found[1]}:repository/{found[3]}"
    fixed = any(one.uid == uid and one.properties.get("tag_mutability") == "IMMUTABLE" for one in world.by_kind.get("ecr_repository", ()))
    return None if fixed else uid


def _repository(_: World, text: str, account: str) -> str | None:
    found = _REPOSITORY.fullmatch(text)
    return None if found is None else f"arn:aws:codecommit:{found[1]}:{account}:{found[2]}"


MATCHES: Final[Mapping[str, Match]] = {
    "code-in-bucket": _found("object", _object),
    "code-in-repository": _found("repository", _repository),
    "image-in-repository": _found("repository", _image),
}
