"""Know operations of Azure: how patterns match them, and whether one is of the control plane or of data.

A role allows operations on resources (``actions``) and on what is in them (``dataActions``); ``*`` in the one says nothing of the other. No
list of all operations is kept: which of a provider's operations are data is told by patterns; where a provider is not here, it is not
known of an operation that is not named to the letter somewhere.
Source: Azure RBAC documentation, "Azure permissions" and the data actions of "Azure built-in roles".
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CONTROL", "DATA", "matches", "planes"]

CONTROL: Final = "actions"
DATA: Final = "dataActions"
_VERBS: Final = ("read", "write", "delete", "action")
_DATA: Final = (
    "microsoft.storage/storageaccounts/blobservices/containers/blobs/*",
    "microsoft.storage/storageaccounts/queueservices/queues/messages/*",
    "microsoft.storage/storageaccounts/fileservices/*/files/*",
    "microsoft.storage/storageaccounts/fileservices/fileshares/files/*",
    "microsoft.storage/storageaccounts/fileservices/takeownership/action",
    "microsoft.storage/storageaccounts/fileservices/readfilebackupsemantics/action",
    "microsoft.storage/storageaccounts/fileservices/writefilebackupsemantics/action",
    "microsoft.storage/storageaccounts/tableservices/tables/entities/*",
    "microsoft.keyvault/vaults/secrets/getsecret/action",
    "microsoft.keyvault/vaults/secrets/setsecret/action",
    "microsoft.keyvault/vaults/secrets/readmetadata/action",
    "microsoft.keyvault/vaults/secrets/delete",
    "microsoft.keyvault/vaults/secrets/*/action",
    "microsoft.keyvault/vaults/keys/*/action",
    "microsoft.keyvault/vaults/keys/delete",
    "microsoft.keyvault/vaults/keyrotationpolicies/*",
    "microsoft.keyvault/vaults/certificates/*",
    "microsoft.keyvault/vaults/certificatecas/*",
    "microsoft.keyvault/vaults/certificatecontacts/*",
    "microsoft.keyvault/vaults/storageaccounts/*",
    "microsoft.compute/virtualmachines/login/action",
    "microsoft.compute/virtualmachines/loginasadmin/action",
    "microsoft.compute/disks/download/action",
    "microsoft.compute/disks/upload/action",
    "microsoft.compute/snapshots/download/action",
    "microsoft.compute/snapshots/upload/action",
    "microsoft.hybridcompute/machines/login/action",
    "microsoft.hybridcompute/machines/loginasadmin/action",
    "microsoft.containerservice/managedclusters/*.*/*",
    "microsoft.eventhub/*/send/action",
    "microsoft.eventhub/*/receive/action",
    "microsoft.servicebus/*/send/action",
    "microsoft.servicebus/*/receive/action",
    "microsoft.documentdb/databaseaccounts/readmetadata",
    "microsoft.documentdb/databaseaccounts/sqldatabases/containers/items/*",
)
_BOTH: Final = (
    "microsoft.keyvault/vaults/secrets/read",
    "microsoft.keyvault/vaults/secrets/write",
    "microsoft.keyvault/vaults/keys/read",
    "microsoft.keyvault/vaults/keys/write",
)
"""Operations that are there twice, once for each plane: that of Resource Manager and that of the vault."""
_CONTROL_ELSE: Final = frozenset(
    (
        *("microsoft.storage", "microsoft.keyvault", "microsoft.compute", "microsoft.authorization", "microsoft.resources"),
        *("microsoft.network", "microsoft.web", "microsoft.sql", "microsoft.managedidentity", "microsoft.automation", "microsoft.logic"),
        *("microsoft.management", "microsoft.containerregistry", "microsoft.operationalinsights", "microsoft.security"),
        *("microsoft.datafactory", "microsoft.insights", "microsoft.apimanagement", "microsoft.cache", "microsoft.recoveryservices"),
        *("microsoft.containerinstance", "microsoft.app", "microsoft.eventhub", "microsoft.servicebus", "microsoft.documentdb"),
        *("microsoft.serialconsole", "microsoft.subscription", "microsoft.billing", "microsoft.policyinsights", "microsoft.support"),
        *("microsoft.hybridcompute", "microsoft.dbforpostgresql", "microsoft.dbformysql", "microsoft.devtestlab", "microsoft.batch"),
        *("microsoft.containerservice", "microsoft.databricks"),
    )
)
"""Providers whose operations are of the control plane where no pattern above says that they are data."""
_AKS: Final = re.compile(
    r"microsoft\.containerservice/managedclusters/(?:pods|secrets|configmaps|namespaces|nodes|services|serviceaccounts|deployments|apps|batch|rbac\.[\w.]+|"
    r"[\w-]+\.k8s\.io|events|endpoints|persistentvolumes|persistentvolumeclaims|replicationcontrollers|resourcequotas|limitranges|extensions/)"
)
"""Objects of Kubernetes, of which the API server of a cluster asks Azure."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.lower().split("*"))), re.DOTALL)


def matches(pattern: str, action: str) -> bool:
    """Say whether a pattern, in which ``*`` stands for anything, covers an operation; letter case is no matter."""
    return pattern == "*" or _compiled(pattern).fullmatch(action.lower()) is not None


def planes(action: str, named: Iterable[str] = ()) -> tuple[str, ...] | None:
    """Return the planes that an operation is of; () for what is none, None where it is not known.

    ``named``: operations that roles name to the letter in ``dataActions``, in lower case.
    """
    asked = action.lower()
    provider, stroke, rest = asked.partition("/")
    if not stroke or "*" in asked or rest.rpartition("/")[2] not in _VERBS:
        return (DATA,) if asked == "microsoft.documentdb/databaseaccounts/readmetadata" else ()
    if asked in _BOTH:
        return (CONTROL, DATA)
    if any(matches(pattern, asked) for pattern in _DATA) or _AKS.match(asked) or asked in named:
        return (DATA,)
    return (CONTROL,) if provider in _CONTROL_ELSE else None
