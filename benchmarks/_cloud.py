"""An AWS on loopback: moto's server in a process of its own.

moto leaves out of the account authorization details what AWS puts in: names and ids of policies, and how many principals each bounds.
Its server is started so that it answers these as AWS does; whoever wants it bare says so.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ACCOUNT", "REGION", "Emulated", "emulated"]

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
_BARE: Final = "import sys; from moto.server import main; main(sys.argv[1:])"
_SERVER: Final = f"""
from moto.iam import models
models.ManagedPolicy.policy_name = property(lambda self: self.name)
models.ManagedPolicy.policy_id = property(lambda self: self.id)
models.ManagedPolicy.permissions_boundary_usage_count = 0
{_BARE}
"""
_PATIENCE: Final = 60.0
_SETTINGS: Final = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}


@dataclass(frozen=True, slots=True)
class Emulated:
    """A server that speaks like AWS."""

    endpoint: str
    clients: dict[str, Any] = field(default_factory=dict)

    def session(self) -> Any:  # noqa: ANN401 - boto3 carries no types
        """Return a session whose rights it knows."""
        import boto3

        return boto3.Session("example", "example", region_name=REGION)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client of a service."""
        from botocore.config import Config

        if service not in self.clients:
            self.clients[service] = self.session().client(
                service, endpoint_url=self.endpoint, config=Config(retries={"total_max_attempts": 1})
            )
        return self.clients[service]


@contextmanager
def emulated(*, bare: bool = False, log: Path | None = None, managed: bool = True) -> Iterator[Emulated]:
    """Start a server, and end it afterwards.

    ``log``: a file that takes a line for each request; ``managed``: each account has all policies that AWS manages.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", _BARE if bare else _SERVER, "-p", str(port)]
    environment = {**os.environ, **_SETTINGS, "MOTO_IAM_LOAD_MANAGED_POLICIES": str(managed).lower()}
    with (Path(os.devnull) if log is None else log).open("wb") as told:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=told)
    try:
        _wait(f"http://127.0.0.1:{port}/moto-api/")
        yield Emulated(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def _wait(address: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with suppress(URLError, OSError), urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    message = f"{address} does not answer"
    raise TimeoutError(message)
