"""Take the values of secrets out of an answer before anything else sees it.

A redacted text says which kind of credential it looked like, and nothing more. Which places hold secrets is said by the names of the
fields that do, whatever the operation: a new operation that gives an old structure is covered.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import Any, Final

from bartizan.collect.inventory.credentials import MARK, marked, masked

__all__ = ["redacted"]

_WHOLE: Final = frozenset(
    {
        "AuthParameters",
        "AuthToken",
        "ClientSecret",
        "Content",
        "CustomerKey",
        "DefaultArguments",
        "HeaderValue",
        "MasterUserPassword",
        "NonOverridableArguments",
        "OAuthToken",
        "OutputValue",
        "ParameterValue",
        "Password",
        "Plaintext",
        "PrivateKey",
        "RuntimeEnvironmentVariables",
        "SecretAccessKey",
        "SecretBinary",
        "SecretString",
        "SecretToken",
        "SessionToken",
        "TemplateBody",
        "UserData",
        "Variables",
        "authToken",
        "authorizationToken",
        "clientSecret",
        "defaultArguments",
        "password",
        "stageVariables",
        "userData",
        "variables",
    }
)
"""Fields of which every text within is a secret, or may be."""
_PAIRS: Final = frozenset({"Environment", "EnvironmentVariables", "environment", "environmentVariables", "EnvironmentVariablesOverride"})
"""Fields that hold mappings or pairs of names and values: the names stay."""
_MASKED: Final = frozenset(
    {("stepfunctions", "DescribeStateMachine"), ("codebuild", "BatchGetProjects"), ("batch", "DescribeJobDefinitions")}
)
"""Operations of which every text may hold a credential somewhere: only that part is taken out."""
_ADDRESS: Final = re.compile(r"(?<=://)[^\s/:@]{1,64}:[^\s/@]{1,128}(?=@)")
_VALUES: Final = frozenset({"value", "Value"})
_NOT_OF: Final = frozenset({("iam", "GetCredentialReport", "Content")})
"""Not secret after all: the credential report tells when credentials were used, not what they are."""
_ONLY_OF: Final = {("lambda", "GetFunction"): frozenset({"Location"}), ("lambda", "GetLayerVersion"): frozenset({"Location"})}
"""Fields that are secret in the answers of one operation: an address that is signed lets everybody in."""


def redacted(service: str, operation: str, document: Any) -> Any:  # noqa: ANN401 - JSON
    """Return an answer of an operation without the values of secrets."""
    whole = (_WHOLE | _ONLY_OF.get((service, operation), frozenset())) - {name for s, o, name in _NOT_OF if (s, o) == (service, operation)}
    walked = _walk(document, whole, pairs=False)
    return _masked(walked) if (service, operation) in _MASKED else walked


def _walk(value: Any, whole: frozenset[str], *, pairs: bool) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        return [_walk(each, whole, pairs=pairs) for each in value]
    if isinstance(value, str) and "://" in value:
        return _ADDRESS.sub(MARK, value)
    if not isinstance(value, dict):
        return value
    secret = whole | _VALUES if pairs else whole
    name = next((value[key] for key in ("name", "Name") if isinstance(value.get(key), str)), "")
    walked = {}
    for key, each in value.items():
        texts = key == "Environment" and isinstance(each, dict) and all(isinstance(one, str) for one in each.values())
        hidden = key in secret or texts
        walked[key] = _hidden((pairs and name) or key, each) if hidden else _walk(each, whole, pairs=pairs or key in _PAIRS)
    return walked


def _hidden(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _hidden(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_hidden(name, each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    return marked(_plain(str(value)), name=name)


def _plain(text: str) -> str:
    """Return a text that is base64, perhaps of gzip, as what it holds; another as it is."""
    try:
        held = base64.b64decode(text, validate=True)
        if held[:2] == b"\x1f\x8b":
            held = zlib.decompressobj(31).decompress(held, 1 << 16)
        return held.decode()
    except (binascii.Error, ValueError, zlib.error):
        return text


def _masked(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    return masked(value) if isinstance(value, str) else value
