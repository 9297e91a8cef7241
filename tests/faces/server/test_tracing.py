"""The server traces itself where it is told to, and a collector that is away costs nothing but spans."""

from __future__ import annotations

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.faces.server.serving import serving
from tests.hunting import accepted, pack

from bartizan.errors import MissingExtra
from bartizan.faces.server.tracing import Tracer, tracer_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """Take what an OpenTelemetry collector would, and notices beside."""
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/traces":
                got.append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", got
        server.shutdown()
        thread.join()


def spans(got: list[bytes]) -> list[tuple[str, dict[str, object], bool]]:
    """Return name, attributes and whether it ends behind its beginning, of each span."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    found = []
    for body in got:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            assert {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"] == "bartizan"
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                values = {one.key: one.value.string_value or one.value.int_value for one in span.attributes}
                found.append((span.name, values, span.end_time_unix_nano >= span.start_time_unix_nano))
    return found


def config(folder: Path, traces: str, hook: str = "") -> str:
    notify = f"notify: [{{name: soc, webhook: '{hook}', level: low}}]\n" if hook else ""
    (folder / "watch.yml").write_text(
        f"state: state\nlisten: 127.0.0.1:0\nrules: ['{pack(folder / 'rules')}']\ntraces: '{traces}'\n{notify}"
    )
    return str(folder / "watch.yml")


@pytest.mark.slow
def test_requests_flushes_pieces_and_notices_are_traced(tmp_path: Path, collector: tuple[str, list[bytes]]) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter", reason="needs the extra 'otel'")
    address, got = collector
    with serving(tmp_path, "--config", config(tmp_path, f"{address}/v1/traces", address)) as server:
        assert server.ask("POST", "/v1/records", accepted(1).encode())[0] == 200
        server.until(lambda: server.metric("bartizan_findings_total") == 1)
        assert server.end() == 0
    found = spans(got)
    assert {"request", "journal", "judge"} <= set(Counter(name for name, _, _ in found))
    assert all(ends for _, _, ends in found)
    assert [said for name, said, _ in found if name == "request" and said["receiver"]] == [
        {"receiver": "ndjson", "bytes": len(accepted(1)), "status": 200}
    ]
    assert [said for name, said, _ in found if name == "judge"] == [{"records": 1, "findings": 1}]


@pytest.mark.slow
def test_a_collector_that_is_away_costs_no_record(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter", reason="needs the extra 'otel'")
    with serving(tmp_path, "--config", config(tmp_path, "http://127.0.0.1:1/v1/traces")) as server:
        assert server.ask("POST", "/v1/records", accepted(1).encode())[0] == 200
        server.until(lambda: server.metric("bartizan_findings_total") == 1)
        assert server.end() == 0
        assert "127.0.0.1:1" not in server.log.read_text().replace(f"127.0.0.1:{server.port}", "")


def test_nothing_is_traced_without_an_address_and_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    none = tracer_to("")
    assert type(none) is Tracer
    with none.span("x", a=1) as said:
        said["b"] = 2
    none.past("x", 1.0)
    none.close()
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(MissingExtra, match=r"bartizan\[otel\]"):
        tracer_to("http://127.0.0.1:1/v1/traces")
