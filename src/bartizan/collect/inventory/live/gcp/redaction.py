"""Take the values of secrets out of answers of Google Cloud before anything else sees them.

Metadata of machines holds switches that checks ask for, and scripts and keys: of all that is no switch the name stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.credentials import marked
from bartizan.collect.inventory.live.redaction import masked_in, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.live.rest.calls import Call

__all__ = ["redacted"]

_WHOLE: Final = frozenset(
    {
        "airflowConfigOverrides",
        "authString",
        "betaSettings",
        "buildEnvironmentVariables",
        "clientKey",
        "clientSecret",
        "containerEnvVariables",
        "envVariables",
        "environmentVariables",
        "httpHeaders",
        "inlineSecret",
        "keyString",
        "kubectl.kubernetes.io/last-applied-configuration",
        "oauth2ClientSecret",
        "oauth2ClientSecretSha256",
        "password",
        "privateKey",
        "privateKeyData",
        "rawKey",
        "rootPassword",
        "rsaEncryptedKey",
        "secretEnv",
        "sharedSecret",
        "sourceArchiveUrl",
        "sourceUploadUrl",
        "substitutions",
        "userSecret",
    }
)
"""Members of which every text within is a secret, or may be."""
_PAIRS: Final = frozenset({"env", "environment"})
"""Members that hold pairs of names and values: the names stay."""
_METADATA: Final = frozenset({"metadata", "commonInstanceMetadata"})
_SWITCHES: Final = frozenset(
    {
        "block-project-ssh-keys",
        "disable-legacy-endpoints",
        "enable-guest-attributes",
        "enable-osconfig",
        "enable-oslogin",
        "enable-oslogin-2fa",
        "google-compute-enable-virtio-rng",
        "serial-port-enable",
        "serial-port-logging-enable",
    }
)
"""Keys of metadata whose values are a word: what a check asks for."""
_MASKED: Final = frozenset({"args", "command", "script", "description"})


def redacted(_call: Call, document: Any) -> Any:  # noqa: ANN401 - JSON
    """Return an answer without the values of secrets."""
    return _metadata(without(document, _WHOLE, _PAIRS))


def _metadata(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_metadata(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _held(key, each, value) for key, each in value.items()}


def _held(key: str, value: Any, beside: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if key in _MASKED:
        return masked_in(value)
    if key not in _METADATA or not isinstance(value, dict):
        return _metadata(value)
    if isinstance(value.get("items"), list):
        return {**value, "items": [_switch(each.get("key"), each.get("value")) for each in value["items"] if isinstance(each, dict)]}
    if "spec" in beside:  # that of an object of Kubernetes: its name and labels
        return _metadata(value)
    return {name: _switch(name, one)["value"] for name, one in value.items()}


def _switch(name: Any, value: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    kept = name in _SWITCHES or value is None or isinstance(value, bool | int)
    return {"key": name, "value": value if kept else marked(value if isinstance(value, str) else str(value), name=str(name))}
