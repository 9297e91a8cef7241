"""Servers on loopback that speak like AWS, or refuse to."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "123456789012"
WHO = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>arn:aws:iam::{ACCOUNT}:user/example</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@dataclass
class Reply:
    """What a server answers; ``cut`` breaks the connection off in the middle of it."""

    status: int = 200
    body: str = ""
    kind: str = "text/xml"
    cut: bool = False


@cache
def session() -> Any:  # noqa: ANN401 - boto3 carries no types
    """Return the one session of all tests, which reads each service model once."""
    import boto3

    return boto3.Session("example", "example", region_name="us-east-1")


@dataclass
class Server:
    """A server: what it was asked, and what it answers."""

    endpoint: str
    answer: Callable[[str], Reply]
    asked: list[str] = field(default_factory=list)

    def session(self) -> Any:  # noqa: ANN401 - boto3 carries no types
        return session()


def operation_of(path: str, target: str, body: str) -> str:
    """Return the operation of a request, or its path where the protocol is REST."""
    if target:
        return target.rpartition(".")[2]
    return next((part.partition("=")[2] for part in body.split("&") if part.startswith("Action=")), path)


@contextmanager
def serving(answer: Callable[[str], Reply]) -> Iterator[Server]:
    """Serve answers by operation; who asks is always told who it is."""
    server = Server("", answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            operation = operation_of(self.path, self.headers.get("X-Amz-Target") or "", body)
            with lock:
                server.asked.append(operation)
            reply = Reply(body=WHO) if operation == "GetCallerIdentity" else server.answer(operation)
            held = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(held) + (100 if reply.cut else 0)))
            self.end_headers()
            self.wfile.write(held)
            self.close_connection = reply.cut

        do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815 - http.server's names

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.endpoint = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def refusal(status: int, code: str) -> Reply:
    """Return an error in the form that every protocol of AWS reads."""
    xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    return Reply(status, json.dumps({"__type": code, "message": "no"}) if status == 400 else xml)
