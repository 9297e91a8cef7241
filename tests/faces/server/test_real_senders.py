"""Real senders, as their makers publish them, against a server of our own."""

from __future__ import annotations

import logging
import re
import shutil
import socket
import ssl
import subprocess
import time
import warnings
from typing import TYPE_CHECKING

import pytest
from tests.faces.server.serving import Server, serving
from tests.hunting import accepted, pack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]
LINE = "Accepted password for root from 203.0.113.50 port {} ssh2"
SYSLOG = "<38>1 2026-11-26T10:00:00Z web-01 sshd 2112 - - " + LINE


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(pack(tmp_path_factory.mktemp("rules")))


def program(name: str) -> str:
    """Return a program of the system, or skip the test."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs the program {name}, which is not installed")
    return found


def secret(folder: Path) -> Path:
    kept = folder / "token"
    kept.write_text("s3cret\n", encoding="utf-8")
    return kept


def found(server: Server, count: int) -> list[tuple[str, str]]:
    """Wait for findings and return the stream and the raw record of each."""
    server.until(lambda: server.metric("bartizan_findings_total") >= count)
    server.end()
    data = [one["evidences"][0]["data"] for one in server.findings()]
    return sorted((one["origin"]["path"], one["raw_data"]) for one in data)


def test_the_client_of_elasticsearch(tmp_path: Path, rules: str) -> None:
    elasticsearch = pytest.importorskip("elasticsearch", reason="needs elasticsearch from the group 'senders'")
    from elasticsearch.helpers import bulk

    with serving(tmp_path, "--rules", rules, "--token", f"es=@{secret(tmp_path)}") as server:
        client = elasticsearch.Elasticsearch(f"http://127.0.0.1:{server.port}", basic_auth=("elastic", "s3cret"))
        assert client.info()["version"]["number"] == "8.19.0"
        documents = [{"_index": "logs", "message": accepted(number).strip(), "@timestamp": "2026-11-26T10:00:00Z"} for number in (1, 2)]
        beats = [{**one, "agent": {"type": "filebeat"}, "log": {"offset": 0}} for one in documents]
        assert bulk(client, beats) == (2, [])
        with pytest.raises(elasticsearch.AuthorizationException):
            elasticsearch.Elasticsearch(f"http://127.0.0.1:{server.port}", api_key="wrong").info()
        client.close()
        server.until(lambda: server.metric("bartizan_records_total") >= 2)
        assert server.metric("bartizan_received_records_total") == 2


def test_the_sdk_of_opentelemetry(tmp_path: Path, rules: str) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="needs the exporter of OpenTelemetry from the group 'senders'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from opentelemetry.exporter.otlp.proto.http import Compression
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        from opentelemetry.sdk.resources import Resource

        with serving(tmp_path, "--rules", rules, "--token", f"otel=@{secret(tmp_path)}") as server:
            provider = LoggerProvider(Resource.create({"service.name": "auth"}))
            exporter = OTLPLogExporter(
                f"http://127.0.0.1:{server.port}/v1/logs", headers={"authorization": "Bearer s3cret"}, compression=Compression.Gzip
            )
            provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
            logger = logging.getLogger("otel-test")
            logger.addHandler(LoggingHandler(logger_provider=provider))
            logger.warning(accepted(1).strip())
            assert provider.force_flush()
            provider.shutdown()
            assert found(server, 1) == [("otlp/otel/auth", accepted(1).strip())]


def test_the_handler_of_splunk(tmp_path: Path, rules: str) -> None:
    splunk = pytest.importorskip("splunk_handler", reason="needs splunk-handler from the group 'senders'")
    with serving(tmp_path, "--rules", rules, "--token", f"hec=@{secret(tmp_path)}") as server:
        handler = splunk.SplunkHandler(
            host="127.0.0.1",
            port=server.port,
            token="s3cret",
            index="main",
            sourcetype="auth",
            protocol="http",
            verify=False,
            flush_interval=0.2,
        )
        logger = logging.getLogger("splunk-test")
        logger.propagate = False
        logger.addHandler(handler)
        for number in (1, 2):
            logger.warning(accepted(number).strip())
        handler.force_flush()
        assert found(server, 2) == [("splunk/hec/auth", accepted(number).strip()) for number in (1, 2)]


@pytest.mark.parametrize(
    ("how", "framed"), [("udp", ""), ("tcp", ""), ("tcp", 'TCP_Framing="octet-counted"')], ids=["udp", "lines", "counted"]
)
def test_rsyslog(tmp_path: Path, rules: str, how: str, framed: str) -> None:
    rsyslogd = program("rsyslogd")
    with serving(tmp_path, "--rules", rules, "--syslog", f"{how}:127.0.0.1:0") as server:
        port = syslog_port(server)
        source = tmp_path / "auth.log"
        source.write_text("".join(f"{SYSLOG.format(number)}\n" for number in range(3)))
        config = tmp_path / "rsyslog.conf"
        rest = "%msg:R,ERE,1,FIELD:>1 (.*)--end%"
        config.write_text(
            f'global(workDirectory="{tmp_path}")\nmodule(load="imfile")\n'
            f'input(type="imfile" File="{source}" Tag="x")\ntemplate(name="msg" type="string" string="<38>1 {rest}\\n")\n'
            f'action(type="omfwd" Target="127.0.0.1" Port="{port}" Protocol="{how}" Template="msg" {framed})\n'
        )
        process = subprocess.Popen([rsyslogd, "-n", "-f", str(config), "-i", str(tmp_path / "pid")])
        try:
            messages = found(server, 3)
        finally:
            process.terminate()
            process.wait()
    assert messages == [("syslog", SYSLOG.format(number)) for number in range(3)]


@pytest.mark.parametrize("how", ["network-udp", "network-tcp", "syslog-tcp"])
def test_syslog_ng(tmp_path: Path, rules: str, how: str) -> None:
    """``network`` is RFC 3164 by lines, ``syslog`` RFC 5424, counted."""
    syslog_ng = program("syslog-ng")
    driver, _, transport = how.partition("-")
    with serving(tmp_path, "--rules", rules, "--syslog", f"{transport}:127.0.0.1:0") as server:
        source, config = tmp_path / "auth.log", tmp_path / "syslog-ng.conf"
        source.write_text("".join(f"Nov 23 08:14:02 web-01 sshd[2112]: {LINE.format(number)}\n" for number in range(3)))
        config.write_text(
            "@version: current\n"
            f'source s {{ file("{source}" follow-freq(1)); }};\n'
            f'destination d {{ {driver}("127.0.0.1" port({syslog_port(server)}) transport("{transport}")); }};\n'
            "log { source(s); destination(d); };\n"
        )
        own = [f"--{name}={tmp_path / name}" for name in ("persist-file", "pidfile", "control")]
        process = subprocess.Popen([syslog_ng, "-F", "--no-caps", "-f", str(config), *own])
        try:
            messages = found(server, 3)
        finally:
            process.terminate()
            process.wait()
    assert [(stream, raw.split("sshd", 1)[1].endswith(LINE.format(number))) for number, (stream, raw) in enumerate(messages)] == [
        ("syslog", True)
    ] * 3


def test_the_logger_of_util_linux(tmp_path: Path, rules: str) -> None:
    logger = program("logger")
    with serving(tmp_path, "--rules", rules, "--syslog", "tcp:127.0.0.1:0") as server:
        options = [
            "--server",
            "127.0.0.1",
            "--port",
            str(syslog_port(server)),
            "--tcp",
            "--octet-count",
            "--tag",
            "sshd",
            "--priority",
            "auth.info",
        ]
        subprocess.run([logger, *options, LINE.format(7)], check=True)
        ((stream, raw),) = found(server, 1)
    assert (stream, raw.endswith(LINE.format(7))) == ("syslog", True)


def test_syslog_and_http_over_tls(tmp_path: Path, rules: str) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    named = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([program("openssl"), *made, *named], check=True, capture_output=True)
    with serving(tmp_path, "--rules", rules, "--tls", str(certificate), str(key), "--syslog", "tls:127.0.0.1:0", ready=False) as server:
        context = ssl.create_default_context(cafile=str(certificate))
        with (
            socket.create_connection(("127.0.0.1", syslog_port(server))) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as sender,
        ):
            message = SYSLOG.format(1).encode()
            sender.sendall(b"%d %b" % (len(message), message))
        body = accepted(2).encode()
        with (
            socket.create_connection(("127.0.0.1", server.port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as sender,
        ):
            sender.sendall(b"POST /v1/records HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
            assert sender.recv(1000).startswith(b"HTTP/1.1 200")
        end = time.monotonic() + 60
        while len(server.findings()) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        streams = sorted(one["evidences"][0]["data"]["origin"]["path"] for one in server.findings())
    assert streams == ["ndjson/local", "syslog"]


def syslog_port(server: Server) -> int:
    return int(re.findall(r"syslog over [^\"\n]*:(\d+)", server.log.read_text())[0])
