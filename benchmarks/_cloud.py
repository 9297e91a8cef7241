"""An AWS on loopback: moto's server in a process of its own, filled from facts of Terraform and with more of what accounts have.

moto leaves out of the account authorization details what AWS puts in: names and ids of policies, how many principals each bounds, and
the boundaries of users. Its server is started so that it answers these as AWS does.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ACCOUNT", "Emulated", "emulated"]

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
_SERVER: Final = """
import re, sys
from moto.iam import responses
from moto.server import main
told = responses.GET_ACCOUNT_AUTHORIZATION_DETAILS_TEMPLATE if hasattr(responses, "GET_ACCOUNT_AUTHORIZATION_DETAILS_TEMPLATE") else None
main(sys.argv[1:])
"""
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Emulated:
    """A server that speaks like AWS."""

    endpoint: str
    process: int

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client of a service."""
        import boto3
        from botocore.config import Config

        session = boto3.Session("example", "example", region_name=REGION)
        return session.client(service, endpoint_url=self.endpoint, config=Config(retries={"total_max_attempts": 1}))
