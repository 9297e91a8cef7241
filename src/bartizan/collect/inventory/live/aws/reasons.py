"""Say why a call failed, from what botocore raised: whether to ask again, and what to tell of it."""

from __future__ import annotations

from typing import Any, Final

from bartizan.collect.inventory.live.calls import Failure

__all__ = ["CutOff", "Page", "passes", "reason_of"]

_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccessDeniedFault",
        "AuthFailure",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ExpiredToken",
        "ExpiredTokenException",
        "Forbidden",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "NotAuthorized",
        "NotAuthorizedException",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "SubscriptionRequiredException",
        "UnauthorizedException",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""As botocore's own retries know them."""
_NOT_THERE: Final = frozenset(
    {"InvalidAction", "NotImplemented", "NotImplementedException", "UnknownOperation", "UnknownOperationException", "UnsupportedOperation"}
)
_BROKEN_OFF: Final = frozenset(
    {
        "ConnectionClosedError",
        "ConnectTimeoutError",
        "CutOff",
        "HTTPClientError",
        "IncompleteReadError",
        "ReadTimeoutError",
        "ResponseParserError",
        "ResponseStreamingError",
    }
)
"""Connections that were there and broke. One that cannot be made at all says that the service is not in that region."""
_LONGEST: Final = 200


class CutOff(Exception):  # noqa: N818 - reads as what is wrong; never leaves the call that it befalls
    """An answer ended before its end. botocore takes half a JSON document for an answer that says nothing."""


class Page(Exception):  # noqa: N818 - as above
    """An error of a server that is not in the form of AWS: a page for people, or nothing; a proxy's, or an emulator's."""

    def __init__(self, status: int, text: str) -> None:
        """Hold the status of HTTP and the text."""
        super().__init__(text)
        self.response = {"Error": {"Code": str(status), "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}}


def reason_of(error: Exception) -> Failure:
    """Return why a call failed: denied, throttled, not-implemented, or failed."""
    response: Any = getattr(error, "response", None)
    if not isinstance(response, dict):
        return _without_answer(error)
    told = response.get("Error", {})
    code, status = str(told.get("Code", "")), int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    message = " ".join(str(told.get("Message", "")).split())[:_LONGEST]
    plain = code.rpartition("#")[2].partition(":")[0]
    if plain in _DENIED or status in (401, 403):
        return Failure("denied", code, message)
    if plain in _THROTTLED or status == 429:  # noqa: PLR2004 - HTTP's number
        return Failure("throttled", code, message)
    if plain in _NOT_THERE or status == 501 or (isinstance(error, Page) and status in (404, 500)):  # noqa: PLR2004 - as above
        return Failure("not-implemented", code, message)
    return Failure("failed", code, message)


def passes(error: Exception) -> bool:
    """Say whether the same call may be answered when it is made again: what is denied, wrong or not there stays so."""
    failure = reason_of(error)
    response: Any = getattr(error, "response", None)
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) if isinstance(response, dict) else 0
    if failure.reason == "failed":
        return status >= 500 if status else failure.code in _BROKEN_OFF  # noqa: PLR2004 - HTTP's number
    return failure.reason == "throttled"


def _without_answer(error: Exception) -> Failure:
    text = " ".join(str(error).split())
    name = type(error).__name__
    if name in ("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError", "UnauthorizedSSOTokenError", "SSOTokenLoadError"):
        return Failure("denied", name, text[:_LONGEST])
    if name in ("OperationNotPageableError", "UnknownServiceError", "ParamValidationError"):
        return Failure("not-implemented", name, text[:_LONGEST])
    return Failure("failed", name, text[:_LONGEST])
