"""Send findings to a webhook, signed so that who gets them can tell that they are ours and new."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from bartizan.errors import UsageError
from bartizan.respond.notify.contract import Notice, Refusal

if TYPE_CHECKING:
    from bartizan.respond.notify.template import NoticeTemplate

__all__ = ["SIGNATURE", "Webhook", "signature"]

SIGNATURE: Final = "X-Bartizan-Signature"
_SECONDS: Final = 10.0
_AGAIN: Final = frozenset({408, 425, 429})
"""Statuses below 500 that ask to try again."""
_SHOWN: Final = 200


def signature(secret: bytes, body: bytes, second: int) -> str:
    """Return what proves a body to who knows the secret: ``t=SECOND,v1=HMAC``, the HMAC-SHA256 of ``SECOND.BODY`` in hexadecimal.

    The second (since 1970) is signed too, so that what was heard once cannot be played again later.
    """
    proof = hmac.new(secret, b"%d." % second + body, hashlib.sha256).hexdigest()
    return f"t={second},v1={proof}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes each finding as the body of a POST; ``secret`` signs it, b"" does not.

    ``template`` writes the body: it is sent as JSON where it is JSON, as text where not. None sends the OCSF finding.
    """

    name: str
    url: str
    secret: bytes = field(default=b"", repr=False)
    template: NoticeTemplate | None = None

    def __post_init__(self) -> None:
        """Raise UsageError where the address is none."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = f"{self.name}: '{self.url}' is no address of a webhook: write https://HOST/PATH"
            raise UsageError(message)

    def send(self, notice: Notice, now: float) -> Refusal | None:
        """POST the finding; any status of 200 to 299 takes it. Redirects are not followed: a finding goes where it was sent."""
        told = (notice.line, "application/json") if self.template is None else _written(self.template, notice)
        if isinstance(told, Refusal):
            return told
        body, kind = told
        headers = {"content-type": kind, "idempotency-key": notice.uid, "user-agent": "bartizan"}
        if self.secret:
            headers[SIGNATURE] = signature(self.secret, body, int(now))
        return self._posted(body, headers)

    def _posted(self, body: bytes, headers: dict[str, str]) -> Refusal | None:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname or "", parts.port, timeout=_SECONDS, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
        try:
            connection.request("POST", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", body, headers)
            answer = connection.getresponse()
            text = answer.read(_SHOWN)
        except (OSError, http.client.HTTPException) as error:
            return Refusal(f"{type(error).__name__}: {error}")
        finally:
            connection.close()
        if answer.status // 100 == 2:  # noqa: PLR2004 - HTTP's own hundreds
            return None
        again = answer.status >= 500 or answer.status in _AGAIN  # noqa: PLR2004 - as above
        return Refusal(f"{answer.status} {answer.reason}: {text.decode('utf-8', 'backslashreplace')}", again)


def _written(template: NoticeTemplate, notice: Notice) -> tuple[bytes, str] | Refusal:
    """Return a body and what it is."""
    text = template.written(notice)
    if isinstance(text, Refusal):
        return text
    body = text.encode("utf-8", "backslashreplace")
    try:
        msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body, "text/plain; charset=utf-8"
    return body, "application/json"
