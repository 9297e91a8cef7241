"""Make of settings what they mean: ports, senders, channels. What cannot be is said before anything is started."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bartizan.collect.receivers.gate import Sender
from bartizan.detect.watch.places import Places
from bartizan.errors import InputError, UsageError
from bartizan.faces.server.served import SyslogPort
from bartizan.respond.notify.others import AppriseChannel
from bartizan.respond.notify.sending import Asked
from bartizan.respond.notify.template import NoticeTemplate
from bartizan.respond.notify.webhook import Webhook

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.faces.server.settings import Settings

__all__ = ["address", "channels", "context", "places_of", "secret_in", "secrets_in", "senders", "syslog_port"]

_PORTS = 65_535
_SECRETS = (("senders", "token-file"), ("notify", "secret-file"), ("notify", "apprise-file"))


def address(text: str, what: str) -> tuple[str, int]:
    """Return host and port."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _PORTS:
        message = f"{what} {text}: write HOST:PORT, for example 127.0.0.1:8088"
        raise UsageError(message)
    return host.strip("[]"), int(port)


def syslog_port(word: str, what: str) -> SyslogPort:
    """Return a port for syslog."""
    how, _, rest = word.partition(":")
    if how not in {"udp", "tcp", "tls"}:
        message = f"{what} {word}: write udp:HOST:PORT, tcp:HOST:PORT or tls:HOST:PORT"
        raise UsageError(message)
    return SyslogPort(how, *address(rest, f"{what} {how}"))


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the TLS of a server."""
    import ssl

    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        made.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        message = f"{certificate}, {key}: no certificate and its key can be read there: {error}"
        raise UsageError(message) from error
    return made


def secret_in(path: Path, what: str) -> str:
    """Return the secret that a file holds, without the blanks around it."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{what}: {path} cannot be read: {error}"
        raise InputError(message) from error
    if not secret:
        message = f"{what}: {path} is empty: write the secret into it"
        raise InputError(message)
    return secret


def places_of(settings: Settings) -> Places:
    """Return where a watch keeps what it knows. An address with a password in it is refused: settings are no place for secrets."""
    said, file = settings["database"], settings["database-file"]
    if said.value and file.value is not None:
        message = f"{file.origin}: database and database-file both say where the database is: name one of them"
        raise InputError(message)
    if re.match(r"\w+://[^/@]*:[^/@]+@", said.value):
        message = f"{said.origin}: there is a password in the address of the database: name a file that holds it with database-file"
        raise InputError(message)
    database = said.value if file.value is None else secret_in(file.value, file.origin)
    return Places(root=settings["state"].value, database=database)


def secrets_in(settings: Settings) -> list[str]:
    """Return every secret that the settings name, so that none of them is ever written."""
    named = [item[name] for key, name in _SECRETS for item in settings[key].value]
    named.append(settings["database-file"])
    addresses = [item["webhook"].value for item in settings["notify"].value if item["webhook"].value]
    return [*addresses, *(secret_in(one.value, one.origin) for one in named if one.value is not None)]


def senders(settings: Settings) -> list[Sender]:
    """Return who may send."""
    return [_sender(item) for item in settings["senders"].value]


def channels(settings: Settings) -> list[Asked]:
    """Return whom to tell."""
    return [_channel(item) for item in settings["notify"].value]


def _sender(item: Settings) -> Sender:
    said: dict[str, Any] = {name: setting.value for name, setting in item.items()}
    token = secret_in(said["token-file"], item["token-file"].origin)
    receivers: Sequence[str] = said["receivers"]
    return Sender(
        name=said["name"], token=token, receivers=tuple(receivers), rate=said["rate"], size=said["size"], silent=said["silent"]
    )  # fmt: skip


def _channel(item: Settings) -> Asked:
    name, where = item["name"].value, item["name"].origin
    template = None if item["template"].value is None else NoticeTemplate(item["template"].value)
    if item["webhook"].value:
        secret = item["secret-file"]
        known = b"" if secret.value is None else secret_in(secret.value, secret.origin).encode()
        return Asked(Webhook(name=name, url=item["webhook"].value, secret=known, template=template), item["level"].value)
    if item["apprise-file"].value is None:
        message = f"{where}: the channel '{name}' has neither webhook nor apprise-file: say where it goes"
        raise InputError(message)
    url = secret_in(item["apprise-file"].value, item["apprise-file"].origin)
    return Asked(AppriseChannel(name=name, url=url, template=template), item["level"].value)
