"""Take the values of secrets out of an answer before anything else sees it.

A redacted text says which kind of credential it looked like, and nothing more. Which places hold secrets is said by the names of the
fields that do, whatever the operation: a new operation that gives an old structure is covered.
"""

from __future__ import annotations

from typing import Any, Final

from bartizan.collect.inventory.live.redaction import masked_in, without

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
_NOT_OF: Final = frozenset({("iam", "GetCredentialReport", "Content"), ("organizations", "DescribePolicy", "Content")})
"""Not secret after all: the credential report tells when credentials were used, not what they are."""
_ONLY_OF: Final = {("lambda", "GetFunction"): frozenset({"Location"}), ("lambda", "GetLayerVersion"): frozenset({"Location"})}
"""Fields that are secret in the answers of one operation: an address that is signed lets everybody in."""


def redacted(service: str, operation: str, document: Any) -> Any:  # noqa: ANN401 - JSON
    """Return an answer of an operation without the values of secrets."""
    whole = (_WHOLE | _ONLY_OF.get((service, operation), frozenset())) - {name for s, o, name in _NOT_OF if (s, o) == (service, operation)}
    walked = without(document, whole, _PAIRS)
    return masked_in(walked) if (service, operation) in _MASKED else walked
