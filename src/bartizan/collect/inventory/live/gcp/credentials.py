"""Let requests to Google Cloud in with credentials that were handed in: those of google-auth, or anything that behaves like them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from bartizan.collect.inventory.live.rest.client import Unanswered
from bartizan.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SCOPE", "Credentials", "Google", "default"]

SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
"""The asset inventory takes no narrower one: what can be done is what the roles of the account allow."""
_HERE: Final = ("127.0.0.1", "::1", "localhost")
_FEATURE: Final = "reading Google Cloud"
_EXTRA: Final = "gcp"


class Credentials(Protocol):
    """What google-auth calls credentials."""

    def before_request(self, request: Any, method: str, url: str, headers: dict[str, str]) -> None:  # noqa: ANN401 - a transport of google-auth
        """Add to headers what lets a request in, the project that pays for it too; be let in anew where that has ended."""
        ...


class Google:
    """Lets in with credentials. ``quota`` is the project that pays and whose quota counts, where it is not that of the credentials."""

    def __init__(self, credentials: Credentials, *, quota: str = "", request: Any = None) -> None:  # noqa: ANN401 - as above
        """Let in with credentials; ``request`` carries what they ask of Google's token services, google-auth's own where it is None."""
        self._credentials, self._quota, self._request = credentials, quota, request
        self._lock = threading.Lock()

    def headers(self, url: str) -> Mapping[str, str]:
        """Return the headers that let a request to a URL in. Raises Unanswered where the credentials are refused."""
        parts, headers = urlsplit(url), dict[str, str]()
        if parts.scheme != "https" and parts.hostname not in _HERE:
            message = f"no token is shown to {parts.scheme}://{parts.netloc}"
            raise Unanswered(message, again=False)
        with self._lock:  # one thread asks for a token, and the others have it then
            try:
                self._credentials.before_request(self._transport(), "GET", url, headers)
            except Exception as error:  # google-auth and what carries it raise a dozen kinds
                message = f"the credentials were not accepted: {' '.join(str(error).split())[:300] or type(error).__name__}"
                raise Unanswered(message, again=bool(getattr(error, "retryable", False))) from error
        return {**headers, **({"x-goog-user-project": self._quota} if self._quota else {})}

    def forget(self, url: str) -> None:
        """Let go of a token that was refused; what cannot be made anew stays."""
        del url
        with self._lock:
            if getattr(self._credentials, "expiry", None):
                setattr(self._credentials, "token", None)  # noqa: B010 - of those that have one

    def _transport(self) -> Any:  # noqa: ANN401 - as above
        if self._request is None:
            self._request = _transport()
        return self._request


def default() -> Credentials:
    """Return the credentials of this machine, as every tool of Google finds them; InputError where there are none."""
    try:
        import google.auth  # noqa: PLC0415 - only who reads Google Cloud has it
        from google.auth.exceptions import DefaultCredentialsError  # noqa: PLC0415 - as above
    except ImportError as error:
        raise MissingExtra(_FEATURE, _EXTRA) from error
    try:
        found, _project = google.auth.default(scopes=[SCOPE])
    except DefaultCredentialsError as error:
        message = (
            "there are no credentials of Google Cloud: `gcloud auth application-default login` makes some, or name the file of a service "
            "account in GOOGLE_APPLICATION_CREDENTIALS"
        )
        raise InputError(message) from error
    return found


def _transport() -> Any:  # noqa: ANN401 - as above
    try:
        from google.auth.transport.requests import Request  # noqa: PLC0415 - as above
    except ImportError as error:
        raise MissingExtra(_FEATURE, _EXTRA) from error
    return Request()
