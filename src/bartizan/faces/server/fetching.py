"""Make of settings the places to fetch from: their clients are made when the server starts, what is wrong is said before."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError, MissingExtra
from bartizan.faces.server.served import Pull

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bartizan.collect.receivers.pull.contract import Puller
    from bartizan.faces.server.settings import Setting, Settings

__all__ = ["properties_in", "pulls"]

_SECONDS: Final = 20
"""For connecting and for each answer of AWS."""


def pulls(settings: Settings) -> list[Pull]:
    """Return where to fetch from. InputError with file and line where a place is none, MissingExtra where its client is not installed."""
    return [_pull(item) for item in settings["pull"].value]


def properties_in(path: Path, what: str) -> dict[str, str]:
    """Return the properties in a file of ``NAME=VALUE`` lines, as Kafka's own tools write them."""
    found: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{what}: {path} cannot be read: {error}"
        raise InputError(message) from error
    for number, line in enumerate(lines, 1):
        name, sign, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not sign or not name.strip():
            message = f"{path}:{number}: this is no property: write NAME=VALUE"
            raise InputError(message)
        found[name.strip()] = value.strip()
    return found


def _pull(item: Settings) -> Pull:
    name, where = item["name"].value, item["name"].origin
    if bool(item["sqs"].value) == bool(item["kafka"].value):
        message = f"{where}: '{name}' is fetched from nowhere, or from two places: write either sqs or kafka"
        raise InputError(message)
    make = _sqs(item) if item["sqs"].value else _kafka(item)
    return Pull(name=name, make=make, silent=item["silent"].value)


def _sqs(item: Settings) -> Callable[[Callable[[str], None]], Puller]:
    _installed("boto3", item["sqs"], "aws")
    name, url = item["name"].value, item["sqs"].value
    place = {"region_name": item["region"].value or None, "endpoint_url": item["endpoint"].value or None}

    def make(_log: Callable[[str], None]) -> Puller:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        from bartizan.collect.receivers.pull.sqs import SqsPuller

        how = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"mode": "standard", "max_attempts": 3})
        try:
            session = boto3.session.Session()
            queue, store = (session.client(service, config=how, **place) for service in ("sqs", "s3"))
        except (BotoCoreError, ValueError) as error:
            message = f"{item['sqs'].origin}: {name}: {error}"
            raise InputError(message) from error
        return SqsPuller(name, url, queue=queue, store=store)

    return make


def _kafka(item: Settings) -> Callable[[Callable[[str], None]], Puller]:
    _installed("confluent_kafka", item["kafka"], "kafka")
    name, topics, file = item["name"].value, item["topics"].value, item["properties-file"]
    if not topics:
        message = f"{item['name'].origin}: '{name}' names no topics: write them as a list"
        raise InputError(message)
    more = {} if file.value is None else properties_in(file.value, file.origin)

    def make(log: Callable[[str], None]) -> Puller:
        from bartizan.collect.receivers.pull.kafka import KafkaPuller

        return KafkaPuller(name, topics, {**more, "bootstrap.servers": item["kafka"].value, "group.id": item["group"].value}, log)

    return make


def _installed(module: str, setting: Setting, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        feature = f"{setting.origin}: fetching from there"
        raise MissingExtra(feature, extra)
