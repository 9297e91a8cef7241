"""Name the things of a cluster: ``k8s://CLUSTER/KIND/NAMESPACE/NAME``, the namespace empty for what has none.

The name comes last and may hold slashes, as users of OpenID Connect do; in a cluster's name they are written ``%2F``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from bartizan.collect.inventory.contract import Uid

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ANYWHERE", "SCHEME", "Named", "account_uid", "named", "snake", "subject_uid", "uid"]

SCHEME: Final = "k8s://"
ANYWHERE: Final = "#any"
"""The name of a node of somebody's choice, or of one that nobody knows."""
_ACCOUNT: Final = "system:serviceaccount:"
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Named(NamedTuple):
    """The parts of a uid."""

    cluster: str
    kind: str
    namespace: str
    name: str


def uid(cluster: str, kind: str, name: str, namespace: str = "") -> Uid:
    """Return the uid of a thing."""
    return Uid(f"{SCHEME}{cluster.replace('%', '%25').replace('/', '%2F')}/{kind}/{namespace}/{name}")


def named(of: str) -> Named | None:
    """Return the parts of a uid, None where it is not one of a cluster."""
    parts = of.removeprefix(SCHEME).split("/", 3)
    if not of.startswith(SCHEME) or len(parts) != 4:  # noqa: PLR2004 - cluster, kind, namespace, name
        return None
    return Named(parts[0].replace("%2F", "/").replace("%25", "%"), *parts[1:])


def snake(kind: str) -> str:
    """Return a kind as files name it: ``StatefulSet`` is ``stateful_set``."""
    return _HUMP.sub("_", kind).lower()


def account_uid(cluster: str, username: str) -> Uid:
    """Return the uid of a user; one that is a service account's name is the service account."""
    namespace, colon, name = username.removeprefix(_ACCOUNT).partition(":")
    if username.startswith(_ACCOUNT) and colon and name:
        return uid(cluster, "service_account", name, namespace)
    return uid(cluster, "user", username)


def subject_uid(cluster: str, subject: Mapping[str, object], namespace: str) -> Uid | None:
    """Return whom a subject of a binding names, None for a kind that there is not; ``namespace`` is the binding's."""
    name = str(subject.get("name") or "")
    match subject.get("kind"):
        case "User":
            return account_uid(cluster, name)
        case "Group":
            return uid(cluster, "group", name)
        case "ServiceAccount":
            return uid(cluster, "service_account", name, str(subject.get("namespace") or namespace))
        case _:
            return None
