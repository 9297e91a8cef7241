"""An API server is trusted by the authority that the kubeconfig names, and trusts the certificate that it holds."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import ssl
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bartizan.collect.inventory.live.kubernetes.client import ApiServer, Unanswered
from bartizan.collect.inventory.live.kubernetes.kubeconfig import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Pair(NamedTuple):
    certificate: bytes
    key: bytes


def issue(name: str, by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    )
    return builder.sign(by[1] if by else key, hashes.SHA256()), key


def pair(made: tuple[x509.Certificate, ec.EllipticCurvePrivateKey]) -> Pair:
    clear = serialization.NoEncryption()
    key = made[1].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, clear)
    return Pair(made[0].public_bytes(serialization.Encoding.PEM), key)


@contextmanager
def served(folder: Path, authority: Pair, own: Pair) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.path)))
            self.end_headers()
            self.wfile.write(self.path.encode())
            self.close_connection = True  # without a word: who asks again finds it closed

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    (folder / "server.pem").write_bytes(own.certificate + own.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.load_verify_locations(cadata=authority.certificate.decode())
    context.verify_mode = ssl.CERT_REQUIRED
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever is refused is told at the other end
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/base/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def config(path: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    told = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(told))
    return path


def written(data: bytes) -> str:
    return base64.b64encode(data).decode()


def ask(client: ApiServer) -> str:
    try:
        return client.get("/api/v1/pods?limit=5").body.decode()
    finally:
        client.close()


@pytest.mark.enable_socket
def test_both_ends_must_show_a_certificate_of_the_authority(tmp_path: Path) -> None:
    root = issue("authority", None)
    authority, server, user = pair(root), pair(issue("server", root)), pair(issue("alice", root))
    (tmp_path / "user.key").write_bytes(user.key)
    (tmp_path / "user.crt").write_bytes(user.certificate)
    inside = {"client-certificate-data": written(user.certificate), "client-key-data": written(user.key)}
    files = {"client-certificate": "user.crt", "client-key": "user.key"}
    with served(tmp_path, authority, server) as address:
        known = {"server": address, "certificate-authority-data": written(authority.certificate)}
        for number, told in enumerate((inside, files)):
            assert ask(connect(config(tmp_path / f"{number}", known, told))[1]) == "/base/api/v1/pods?limit=5"
        unchecked = {"server": address, "insecure-skip-tls-verify": True}
        assert ask(connect(config(tmp_path / "2", unchecked, inside))[1]) == "/base/api/v1/pods?limit=5"
        with pytest.raises(Unanswered):
            ask(connect(config(tmp_path / "3", known, {}))[1])
        with pytest.raises(Unanswered, match="CERTIFICATE_VERIFY_FAILED"):
            ask(connect(config(tmp_path / "4", {"server": address}, inside))[1])


@pytest.mark.enable_socket
def test_a_connection_that_the_server_closed_is_opened_again(tmp_path: Path) -> None:
    root = issue("authority", None)
    authority, server, user = pair(root), pair(issue("server", root)), pair(issue("alice", root))
    inside = {"client-certificate-data": written(user.certificate), "client-key-data": written(user.key)}
    with served(tmp_path, authority, server) as address:
        known = {"server": address, "certificate-authority-data": written(authority.certificate)}
        client = connect(config(tmp_path / "c", known, inside))[1]
        assert [client.get("/a").body, client.get("/b").body] == [b"/base/a", b"/base/b"]
        client.close()
