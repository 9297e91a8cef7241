"""Take names of resources of Google Cloud apart: what they are below, and what conditions call them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["NODES", "above", "covered", "resource_name", "service_of", "type_of"]

NODES: Final = "//cloudresourcemanager.googleapis.com/"
_PARTS: Final = re.compile(
    r"(//storage\.googleapis\.com/[^/]+)/.+"
    r"|(//iam\.googleapis\.com/projects/[^/]+/serviceAccounts/[^/]+)/.+"
    r"|(//cloudkms\.googleapis\.com/projects/[^/]+/locations/[^/]+/keyRings/[^/]+(?:/cryptoKeys/[^/]+(?=/))?)/.+"
    r"|(//bigquery\.googleapis\.com/projects/[^/]+/datasets/[^/]+)/.+"
    r"|(//secretmanager\.googleapis\.com/projects/[^/]+/(?:locations/[^/]+/)?secrets/[^/]+)/.+"
)
_PROJECT: Final = re.compile(r"/projects/([^/]+)")
_OWNER: Final = re.compile(r"/serviceAccounts/[^/@]+@([^/]+)\.iam\.gserviceaccount\.com")
_TYPES: Final = (
    (re.compile(r"//storage\.googleapis\.com/[^/]+"), "storage.googleapis.com/Bucket"),
    (re.compile(r"//storage\.googleapis\.com/[^/]+/objects/.+"), "storage.googleapis.com/Object"),
    (re.compile(r"//cloudresourcemanager\.googleapis\.com/projects/[^/]+"), "cloudresourcemanager.googleapis.com/Project"),
    (re.compile(r"//compute\.googleapis\.com/projects/[^/]+/zones/[^/]+/instances/[^/]+"), "compute.googleapis.com/Instance"),
    (re.compile(r"//secretmanager\.googleapis\.com/projects/[^/]+/secrets/[^/]+"), "secretmanager.googleapis.com/Secret"),
    (re.compile(r"//iam\.googleapis\.com/projects/[^/]+/serviceAccounts/[^/]+"), "iam.googleapis.com/ServiceAccount"),
)


def above(name: str) -> str:
    """Return what a resource is below, as its name tells it: what it is a part of, or its project; nothing for a node or a bucket."""
    if name.startswith(NODES):
        return ""
    part = _PARTS.fullmatch(name)
    if part is not None:
        return next(group for group in part.groups() if group)
    owner = _OWNER.search(name)
    if owner is not None:
        return f"{NODES}projects/{owner[1]}"
    project = _PROJECT.search(name)
    return f"{NODES}projects/{project[1]}" if project is not None and project[1] not in ("-", "_") else ""


def covered(pattern: str, permission: str) -> bool:
    """Say whether a pattern, in which ``*`` stands for anything, covers a permission; letter case matters."""
    if "*" not in pattern:
        return pattern == permission
    first, *rest = pattern.split("*")
    if not permission.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        found = permission.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return permission.endswith(rest[-1]) and len(permission) - len(rest[-1]) >= at


def resource_name(uid: str) -> str:
    """Return what conditions call ``resource.name``."""
    host, _, rest = uid.removeprefix("//").partition("/")
    if host == "storage.googleapis.com":
        bucket, stroke, below = rest.partition("/")
        return f"projects/_/buckets/{bucket}{stroke}{below}"
    return rest


def service_of(uid: str) -> str:
    """Return what conditions call ``resource.service``."""
    return uid.removeprefix("//").partition("/")[0]


def type_of(uid: str) -> str:
    """Return what conditions call ``resource.type``, or nothing where it is not known."""
    return next((kind for pattern, kind in _TYPES if pattern.fullmatch(uid)), "")
