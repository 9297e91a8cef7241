"""Make calls of AWS through a session that was handed in: paced, asked again where that can help, all pages, redacted."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from bartizan.collect.inventory.live.aws.reasons import CutOff, Page, passes, reason_of
from bartizan.collect.inventory.live.aws.redaction import redacted
from bartizan.collect.inventory.live.calls import Answer
from bartizan.collect.inventory.live.pace import Clock, Pace
from bartizan.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.live.aws.calls import Call

__all__ = ["Caller", "Connection", "Session"]

_RATES: Final[Mapping[str, float]] = {
    "iam": 15,
    "organizations": 4,
    "sso-admin": 8,
    "ec2": 50,
    "s3": 100,
    "lambda": 15,
    "apigateway": 8,
    "ssm": 10,
}
"""Calls a second to begin with, half of what AWS documents where it does. A pace that is too fast slows down by itself."""
_RATE: Final = 20.0
_TRIES: Final = 6
_LONGEST_WAIT: Final = 20.0
_SYSTEM: Final = Clock(time.monotonic, time.sleep)


class Session(Protocol):
    """Makes clients, as ``boto3.Session`` does."""

    def client(self, service_name: str, **settings: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client of a service."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to reach AWS: ``endpoint`` for something else that speaks like it, ``threads`` that call at once."""

    endpoint: str = ""
    threads: int = 8
    tries: int = _TRIES
    timeout: float = 60
    rates: Mapping[str, float] = field(default_factory=dict)
    """Calls a second for services whose pace is known better."""


class Caller:
    """The calls of one account. ``made`` counts requests by service and operation, those that were made again too."""

    def __init__(self, session: Session, connection: Connection | None = None, *, clock: Clock = _SYSTEM, seed: int | None = None) -> None:
        """Call with the rights of a session."""
        self._session, self._connection, self._clock = session, connection or Connection(), clock
        self._clients: dict[tuple[str, str], Any] = {}
        self._paces: dict[tuple[str, str], Pace] = {}
        self._lock = threading.Lock()
        self._chance = random.Random(seed)  # noqa: S311 - spreads calls that are made again
        self.made: Counter[str] = Counter()

    def __call__(self, call: Call) -> Answer:
        """Return what AWS answers."""
        try:
            document = self._pages(call, json.loads(call.parameters))
        except Exception as error:  # noqa: BLE001 - the supervisor of a call: whatever befalls it is a gap that says so
            return Answer(failure=reason_of(error))
        document.pop("ResponseMetadata", None)
        return Answer(redacted(call.service, call.operation, _plain(document)))

    def release(self) -> None:
        """Let go of clients and their connections: they are made again when they are needed."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _pages(self, call: Call, parameters: dict[str, Any]) -> dict[str, Any]:
        from botocore import xform_name  # noqa: PLC0415 - only who reads AWS has it

        client, method = self._client(call.service, call.place.region), xform_name(call.operation)
        asked = self._paced(call, getattr(client, method))
        if not client.can_paginate(method):
            return dict(asked(**parameters))
        pages = client.get_paginator(method)
        pages._method = asked  # noqa: SLF001 - each page is a call of its own: paced, counted, asked again
        size = _most(client, call.operation, pages, parameters)
        return dict(pages.paginate(**parameters, **({"PaginationConfig": {"PageSize": size}} if size else {})).build_full_result())

    def _paced(self, call: Call, method: Callable[..., Any]) -> Callable[..., Any]:
        pace = self._pace(call.service, call.place.region)

        def asked(**parameters: Any) -> Any:  # noqa: ANN401 - botocore's answers
            for tried in range(1, self._connection.tries + 1):
                pace.take()
                with self._lock:
                    self.made[call.name] += 1
                try:
                    answer = method(**parameters)
                except Exception as error:
                    if reason_of(error).reason == "throttled":
                        pace.throttled()
                    if not passes(error) or tried == self._connection.tries:
                        raise
                    self._clock.sleep(self._chance.uniform(0.5, 1) * min(_LONGEST_WAIT, 0.25 * 2**tried))
                else:
                    pace.answered()
                    return answer
            raise AssertionError

        return asked

    def _pace(self, service: str, region: str) -> Pace:
        with self._lock:
            key = (service, region)
            if key not in self._paces:
                rate = self._connection.rates.get(service) or _RATES.get(service, _RATE)
                self._paces[key] = Pace(rate, self._clock)
            return self._paces[key]

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - as above
        with self._lock:  # boto3 makes one client at a time
            key = (service, region)
            if key not in self._clients:
                endpoint = {"endpoint_url": self._connection.endpoint} if self._connection.endpoint else {}
                made = self._clients[key] = self._session.client(service, region_name=region, config=self._settings, **endpoint)
                made.meta.events.register("after-call", _whole)
                made.meta.events.register("before-parse", _answered)
                if endpoint and service == "s3control":
                    made.meta.events.register("before-call.s3-control", _unprefixed(self._connection.endpoint))
            return self._clients[key]

    @cached_property
    def _settings(self) -> Any:  # noqa: ANN401 - as above
        try:
            from botocore.config import Config  # noqa: PLC0415 - as above
        except ImportError as error:
            feature = "reading AWS"
            raise MissingExtra(feature, "cloud") from error
        once = {"total_max_attempts": 1, "mode": "standard"}
        seconds, own = self._connection.timeout, bool(self._connection.endpoint)
        return Config(
            retries=once,
            connect_timeout=seconds,
            read_timeout=seconds,
            max_pool_connections=self._connection.threads,
            user_agent_extra="bartizan",
            inject_host_prefix=not own,
            s3={"addressing_style": "path"} if own else None,
        )


def _answered(response_dict: Mapping[str, Any], operation_model: Any, **_more: object) -> None:  # noqa: ANN401 - as above
    """Raise Page where an error is not told as AWS tells errors."""
    status, body = response_dict["status_code"], response_dict["body"]
    if status >= 400 and isinstance(body, bytes) and operation_model.http.get("method") != "HEAD":  # noqa: PLR2004 - HTTP's number
        head = body[:500].lstrip().lower()
        if not head or head.startswith((b"<!doctype", b"<html")):
            raise Page(status, "an error page, or nothing: this is no answer of AWS")


def _whole(http_response: Any, model: Any, **_more: object) -> None:  # noqa: ANN401 - as above
    """Raise CutOff where an answer is not all there."""
    if model.has_streaming_output:
        return
    content, headers = http_response.content, http_response.headers
    length = headers.get("Content-Length", "")
    if length.isdigit() and int(length) != len(content) and "Content-Encoding" not in headers and model.http.get("method") != "HEAD":
        message = f"{len(content)} of {length} bytes came"
        raise CutOff(message)
    if "json" in model.service_model.metadata.get("protocol", "") and content.lstrip()[:1] == b"{" and content.rstrip()[-1:] != b"}":
        message = "a JSON document without its end came"
        raise CutOff(message)


def _most(client: Any, operation: str, pages: Any, parameters: Mapping[str, Any]) -> int:  # noqa: ANN401 - as above
    """Return how much a page can hold as the service model says, 0 where it does not."""
    limit = pages._limit_key  # noqa: SLF001 - botocore has no other door to it
    takes = client.meta.service_model.operation_model(operation).input_shape
    shape = takes.members.get(limit) if takes and limit and limit not in parameters else None
    return int(shape.metadata.get("max", 0)) if shape is not None else 0


def _unprefixed(endpoint: str) -> Callable[..., None]:
    """Return what sends calls of S3 Control to an endpoint itself: botocore puts the account before its host, whatever it is."""

    def told(params: dict[str, Any], **_more: object) -> None:
        params["url"] = endpoint.rstrip("/") + urlsplit(params["url"])._replace(scheme="", netloc="").geturl()

    return told


def _plain(value: Any) -> Any:  # noqa: ANN401 - what botocore makes of answers
    """Return JSON: times in RFC 3339, bytes as text in base64, streams read."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, date) or value is None or isinstance(value, str | int | float | bool):
        return value.isoformat() if isinstance(value, date) else value
    return _plain(value.read()) if hasattr(value, "read") else str(value)
