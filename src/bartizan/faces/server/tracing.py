"""Trace what the server does, as OpenTelemetry: requests, waits for the disk, pieces judged, notices. Off unless settings say where to."""

from __future__ import annotations

import logging
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import MissingExtra
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Tracer", "tracer_to"]

_PATIENCE: Final = 5_000
"""Milliseconds that the last spans have when the server ends; a collector that is away loses spans, never a record."""
_NANO: Final = 1_000_000_000


class Tracer:
    """Spans by name. This one makes none."""

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[dict[str, str | int]]:  # noqa: ARG002 - for who makes some
        """Time what is done within the block; what is put into the value that it gives is said of it."""
        return nullcontext({})

    def past(self, name: str, seconds: float, **attributes: str | int) -> None:
        """Tell of what took so many seconds until now."""

    def close(self) -> None:
        """Send what is held."""


class _OtlpTracer(Tracer):
    def __init__(self, address: str, node: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        # What cannot be sent is no concern of whoever reads the log, and would stand there in a form of its own.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        who = {"service.name": "bartizan", "service.version": __version__, **({"service.instance.id": node} if node else {})}
        self._provider = TracerProvider(resource=Resource(who))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address, timeout=_PATIENCE // 1000)))
        self._tracer = self._provider.get_tracer("bartizan")

    @contextmanager
    def span(self, name: str, **attributes: str | int) -> Iterator[dict[str, str | int]]:
        said: dict[str, str | int] = dict(attributes)
        with self._tracer.start_as_current_span(name) as span:
            try:
                yield said
            finally:
                span.set_attributes(said)

    def past(self, name: str, seconds: float, **attributes: str | int) -> None:
        now = time.time_ns()
        span = self._tracer.start_span(name, start_time=now - int(seconds * _NANO), attributes=attributes)
        span.end(now)

    def close(self) -> None:
        self._provider.force_flush(_PATIENCE)
        self._provider.shutdown()


def tracer_to(address: str, node: str = "") -> Tracer:
    """Return what traces to an OTLP address, ``http://HOST:4318/v1/traces``, "" to nowhere. MissingExtra where it is not installed."""
    if not address:
        return Tracer()
    try:
        made: Any = _OtlpTracer(address, node)
    except ImportError as error:
        feature = "tracing"
        raise MissingExtra(feature, "otel") from error
    return made  # type: ignore[no-any-return]  # the SDK is typed only where it is installed
