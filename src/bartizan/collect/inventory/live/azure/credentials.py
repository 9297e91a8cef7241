"""Turn a credential of azure-identity, or of anything that gives tokens like it, into what lets requests in.

A token stays in here: it goes to the host that it is for, over TLS or to this machine, and nowhere else.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from bartizan.collect.inventory.live.rest.client import Unanswered
from bartizan.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.live.azure.clouds import Cloud

__all__ = ["Tokens", "default_credential"]

_EARLY: Final = 300
"""Seconds before its end at which a token is asked for anew."""
_WAYS: Final = "Attempted credentials:"
"""What azure-identity says before it says of each of a dozen ways why that did not work."""
_HERE: Final = ("127.0.0.1", "::1", "localhost")


class AccessToken(Protocol):
    """A token and when it ends, seconds since the epoch, as ``azure.core.credentials.AccessToken``."""

    @property
    def token(self) -> str:
        """The token."""
        ...

    @property
    def expires_on(self) -> int:
        """When it ends."""
        ...


class TokenCredential(Protocol):
    """Gives tokens, as ``azure.core.credentials.TokenCredential`` does."""

    def get_token(self, *scopes: str) -> Any:  # noqa: ANN401 - an AccessToken; azure-core's own takes more arguments
        """Return a token for scopes."""
        ...


class Tokens:
    """The authority of one Azure."""

    def __init__(self, credential: TokenCredential, cloud: Cloud, *, now: Callable[[], float] = time.time) -> None:
        """Ask a credential for tokens when they are needed."""
        self._credential, self._cloud, self._now = credential, cloud, now
        self._held: dict[str, AccessToken] = {}
        self._lock = threading.Lock()

    def headers(self, url: str) -> Mapping[str, str]:
        """Return the header with the token for who is asked. Raises Unanswered where there is none."""
        audience, parts = self._cloud.audience_of(url), urlsplit(url)
        if not audience or (parts.scheme != "https" and parts.hostname not in _HERE):
            message = f"no token is shown to {parts.scheme}://{parts.netloc}"
            raise Unanswered(message, again=False)
        with self._lock:
            held = self._held.get(audience)
            if held is None or held.expires_on - _EARLY < self._now():
                held = self._held[audience] = self._asked(audience)
        return {"Authorization": f"Bearer {held.token}"}

    def forget(self, url: str) -> None:
        """Let go of the token for who is asked."""
        with self._lock:
            self._held.pop(self._cloud.audience_of(url), None)

    def _asked(self, audience: str) -> AccessToken:
        try:
            found: AccessToken = self._credential.get_token(f"{audience}/.default")
        except Exception as error:
            told = " ".join(str(error).partition(_WAYS)[0].split())[:300]
            message = f"no token for {audience}: {told}"
            raise Unanswered(message, again=False) from error
        return found


def default_credential(cloud: Cloud, *, tenant: str = "") -> TokenCredential:
    """Return the credential that the environment, a managed identity or ``az login`` has. MissingExtra without the extra 'azure'."""
    try:
        from azure.identity import AzureCliCredential, ChainedTokenCredential, DefaultAzureCredential  # noqa: PLC0415 - an extra
    except ImportError as error:
        feature = "reading Azure"
        raise MissingExtra(feature, "azure") from error
    logging.getLogger("azure").addHandler(logging.NullHandler())  # what went wrong is told by whoever asked
    try:
        if not tenant:
            return DefaultAzureCredential(authority=cloud.login or None)
        usual = DefaultAzureCredential(authority=cloud.login or None, exclude_cli_credential=True, additionally_allowed_tenants=[tenant])
        return ChainedTokenCredential(AzureCliCredential(tenant_id=tenant), usual)
    except ValueError as error:
        message = f"the credential of Azure cannot be used: {error}"
        raise InputError(message) from error
