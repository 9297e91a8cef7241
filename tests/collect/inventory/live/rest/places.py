"""Servers on loopback that speak HTTP as a cloud does, or as nobody should."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    body: Any
    token: str


@dataclass(frozen=True)
class Told:
    """What is answered: a document, or bytes as they are; ``cut`` says that so many more bytes were to come."""

    document: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0

    @property
    def body(self) -> bytes:
        return self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()


class Bearer:
    """Lets in with a token; counts how often it was made anew."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens or ("a-token",))
        self.forgotten = 0

    def headers(self, _url: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[0]}"}

    def forget(self, _url: str) -> None:
        self.forgotten += 1
        del self._tokens[: len(self._tokens) > 1]


@contextmanager
def served(answer: Callable[[Asked], Told]) -> Iterator[str]:
    """Serve on a port of loopback, and give its address; every request is answered by a function, one at a time for each connection."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            told = answer(Asked(self.command, self.path, json.loads(body) if body else None, token))
            self.send_response(told.status)
            length = {} if "Transfer-Encoding" in told.headers else {"Content-Length": str(len(told.body) + told.cut)}
            for name, value in {**told.headers, **length}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)
            self.close_connection = self.close_connection or told.cut > 0

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_told: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # with fewer, of many who come at once some wait for a second

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
