"""Take the values of secrets out of an answer of Azure before anything else sees it.

Resource Manager gives few of them to who only reads; what it does give are values of environments, settings of extensions, definitions and
parameters of workflows. Of settings of applications, which have a right of their own, the names stay, and what each value looked like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.credentials import marked
from bartizan.collect.inventory.live.redaction import masked_in, without

if TYPE_CHECKING:
    from bartizan.collect.inventory.live.rest.calls import Call

__all__ = ["redacted"]

_WHOLE: Final = frozenset(
    {
        "accessKey",
        "accountKey",
        "adminPassword",
        "administratorLoginPassword",
        "azureBlobStorageAccountKey",
        "certificatePassword",
        "clientSecret",
        "connectionString",
        "customData",
        "hint",
        "key1",
        "key2",
        "keyVaultSecret",
        "parameterValues",
        "password",
        "passwordValue",
        "primaryKey",
        "primaryMasterKey",
        "privateKey",
        "protectedSettings",
        "sasToken",
        "secondaryKey",
        "secondaryMasterKey",
        "secret",
        "secretText",
        "secureValue",
        "sharedKey",
        "storageAccountAccessKey",
        "storageAccountKey",
        "userData",
    }
)
"""Members of which every text within is a secret, or may be."""
_PAIRS: Final = frozenset({"appSettings", "connectionStrings", "env", "environmentVariables", "variables"})
"""Members that hold names and values: the names stay."""
_SETTINGS: Final = "/config/appsettings/list"
_MASKED: Final = frozenset(
    {
        "microsoft.app/containerapps",
        "microsoft.automation/automationaccounts/runbooks",
        "microsoft.compute/virtualmachines/extensions",
        "microsoft.compute/virtualmachines/runcommands",
        "microsoft.compute/virtualmachinescalesets",
        "microsoft.containerinstance/containergroups",
        "microsoft.datafactory/factories",
        "microsoft.logic/workflows",
        "microsoft.resources/deploymentscripts",
        "microsoft.resources/templatespecs/versions",
        "microsoft.web/connections",
    }
)
"""Types of which any text may hold a credential somewhere: only that part is taken out."""


def redacted(call: Call, document: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the answer of a call without the values of secrets."""
    if _SETTINGS in call.url and isinstance(document.get("properties"), dict):
        held = {name: marked(str(value), name=name) for name, value in document["properties"].items()}
        return {**document, "properties": held}
    walked = without(document, _WHOLE, _PAIRS)
    if isinstance(walked, dict):
        for name in ("data", "value"):
            if isinstance(walked.get(name), list):
                walked[name] = [_row(each) for each in walked[name]]
    return _row(walked)


def _row(row: Any) -> Any:  # noqa: ANN401 - JSON
    kind = row.get("type") if isinstance(row, dict) else None
    return masked_in(row) if isinstance(kind, str) and kind.lower() in _MASKED else row
