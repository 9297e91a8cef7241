"""Name the things that records speak of, so that records of different sources can be joined on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Entity", "EntityKind"]


class EntityKind(Enum):
    """The kinds of thing a record can name; the value is what users type and files carry."""

    HOST = "host"
    USER = "user"
    IP = "ip"
    DOMAIN = "domain"
    URL = "url"
    PROCESS = "process"
    FILE = "file"
    HASH = "hash"
    CLOUD_PRINCIPAL = "cloud-principal"
    CLOUD_RESOURCE = "cloud-resource"
    SERVICE = "service"
    REPOSITORY = "repository"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing, by kind and normalised name (``host`` lower case without a trailing dot, ``user`` as ``domain\\name``, …)."""

    kind: EntityKind
    value: str

    def __str__(self) -> str:
        """Return the notation of the command line, ``kind:value``."""
        return f"{self.kind.value}:{self.value}"
