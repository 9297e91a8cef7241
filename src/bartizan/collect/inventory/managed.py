"""Know the policies that AWS manages, by ARN: a dated snapshot, since they stand in no account and in no Terraform folder."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Value

__all__ = ["managed_arn", "managed_policies_date", "managed_policy"]

_FILE: Final = "managed_aws.json.gz"
"""``{"date": ..., "source": ..., "policies": {"PATH/NAME": document}}``, made by ``tools/managed_policies.py``."""


def managed_policy(arn: str) -> Mapping[str, Value] | None:
    """Return the document of a policy that AWS manages; None for one that is not in the snapshot, which is no proof that there is none.

    The snapshot is of the partition ``aws``: in others only a policy that names no ARN is the same for certain.
    """
    start, _, name = arn.partition(":iam::aws:policy/")
    documents: Mapping[str, Mapping[str, Value]] = _snapshot()["policies"]
    found = documents.get(name)
    if found is None or start == "arn:aws":
        return found
    return found if start in ("arn:aws-cn", "arn:aws-us-gov") and "arn:aws:" not in json.dumps(found) else None


def managed_arn(name: str) -> str | None:
    """Return the ARN of a policy that AWS manages by its name alone; None where the snapshot has none of that name."""
    found = next((path for path in _snapshot()["policies"] if path.rpartition("/")[2] == name), None)
    return None if found is None else f"arn:aws:iam::aws:policy/{found}"


def managed_policies_date() -> str:
    """Return the day of which the snapshot is."""
    return str(_snapshot()["date"])


@cache
def _snapshot() -> Mapping[str, Any]:
    held = files("bartizan.collect.inventory").joinpath(_FILE).read_bytes()
    snapshot: Mapping[str, Any] = json.loads(gzip.decompress(held))
    return snapshot
