"""Make a client of a kubeconfig: the file that kubectl reads.

Commands that give a token (``exec``, as clouds use them) are never run: a file that comes from elsewhere must not start programs.
"""

from __future__ import annotations

import base64
import binascii
import os
import ssl
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.live.kubernetes.client import ApiServer
from bartizan.documents import Refused, documents
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["connect", "usual"]


def usual() -> Path:
    """Return the kubeconfig that kubectl would take: the first of $KUBECONFIG, else ~/.kube/config."""
    first = next((name for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name), "")
    return Path(first) if first else Path.home() / ".kube" / "config"


def connect(config: Path, context: str = "") -> tuple[str, ApiServer]:
    """Return the name of a context's cluster and a client for it; InputError where the file does not say how to get in.

    Without ``context`` it is the current one. A relative path in the file counts from its folder.
    """
    document = _read(config)
    chosen = context or str(document.get("current-context") or "")
    told = _named(document, "contexts", chosen, "context", config)
    cluster = _named(document, "clusters", str(told.get("cluster")), "cluster", config)
    user = _named(document, "users", str(told.get("user")), "user", config)
    server = str(cluster.get("server") or "")
    if not server.startswith(("https://", "http://")):
        message = f"{config}: cluster '{told.get('cluster')}': its server is '{server}', which is no address"
        raise InputError(message)
    headers = _headers(user, config)
    made = ApiServer(server, headers, _certificates(cluster, user, config) if server.startswith("https://") else None)
    return str(told.get("cluster")), made


def _read(config: Path) -> Mapping[str, Any]:
    try:
        read = list(documents(config.read_bytes()))
    except OSError as error:
        message = f"{config}: {error.strerror}"
        raise InputError(message) from error
    if len(read) == 1 and not isinstance(read[0], Refused) and isinstance(read[0].value, dict):
        return read[0].value
    why = f"{read[0].line}: {read[0].why}" if read and isinstance(read[0], Refused) else " it is no kubeconfig"
    message = f"{config}:{why}"
    raise InputError(message)


def _named(document: Mapping[str, Any], key: str, name: str, inner: str, config: Path) -> Mapping[str, Any]:
    every = [one for one in document.get(key) or () if isinstance(one, dict)]
    for one in every:
        if one.get("name") == name:
            return one.get(inner) or {}
    there = ", ".join(str(one.get("name")) for one in every) or "none"
    message = f"{config}: {key} has no '{name}'; there is {there}"
    raise InputError(message)


def _headers(user: Mapping[str, Any], config: Path) -> dict[str, str]:
    if "exec" in user or "auth-provider" in user:
        message = f"{config}: the user gets a token by running a program, which is not done: write `token:` with what it prints"
        raise InputError(message)
    token = user.get("token") or (_file(config, user["tokenFile"]).read_text().strip() if "tokenFile" in user else "")
    if token:
        return {"Authorization": f"Bearer {token}"}
    if "username" in user:
        pair = base64.b64encode(f"{user['username']}:{user.get('password', '')}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    return {}


def _certificates(cluster: Mapping[str, Any], user: Mapping[str, Any], config: Path) -> ssl.SSLContext:
    try:
        made = ssl.create_default_context()
        if cluster.get("insecure-skip-tls-verify"):
            made.check_hostname = False
            made.verify_mode = ssl.CERT_NONE
        elif authority := _given(cluster, "certificate-authority", config):
            made = ssl.create_default_context(cadata=authority.decode("ascii"))
        certificate, key = (_given(user, name, config) for name in ("client-certificate", "client-key"))
        if certificate and key:
            with _together(certificate, key) as path:
                made.load_cert_chain(path)
    except (ssl.SSLError, UnicodeError) as error:
        message = f"{config}: its certificates cannot be used: {error}"
        raise InputError(message) from error
    return made


def _given(told: Mapping[str, Any], name: str, config: Path) -> bytes:
    """Return a certificate or key that stands in the file, or in another that it names."""
    try:
        if f"{name}-data" in told:
            return base64.b64decode(str(told[f"{name}-data"]), validate=True)
        return _file(config, told[name]).read_bytes() if name in told else b""
    except (OSError, binascii.Error) as error:
        message = f"{config}: {name} cannot be read: {error}"
        raise InputError(message) from error


def _file(config: Path, name: object) -> Path:
    return config.parent / str(name)


@contextmanager
def _together(certificate: bytes, key: bytes) -> Iterator[str]:
    """Give a file with both, which nobody else may read, as long as it is needed: the ssl module takes files alone."""
    handle, path = tempfile.mkstemp(prefix="bartizan-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(certificate + b"\n" + key)
        yield path
    finally:
        Path(path).unlink()
