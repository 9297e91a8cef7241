"""Name the things that records speak of, so that records of different sources can be joined on them.

Two tables say which attributes of a mapped record name a thing, of which kind and in which role (``ROLES`` of things by
name, ``USERS`` of accounts, whose name comes in parts). Everything else here follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bartizan.schema.columns import Cell

from bartizan.schema.names import distinguishes, normal_account, normal_name

__all__ = ["ROLES", "TELLING", "USERS", "Entity", "EntityKind", "Mention", "Role", "entities_of", "mentions_of", "principals_of"]


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
    r"""One thing, by kind and normalised name (``host`` lower case without a trailing dot, ``user`` as ``domain\name``, …)."""

    kind: EntityKind
    value: str

    def __str__(self) -> str:
        """Return the notation of the command line, ``kind:value``."""
        return f"{self.kind.value}:{self.value}"


class Role(Enum):
    """What a thing is to the record that names it."""

    DEVICE = "device"
    """It is where the record was made or what it is about."""
    ACTOR = "actor"
    TARGET = "target"
    SOURCE = "source"
    DESTINATION = "destination"
    OBJECT = "object"
    """It took part."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity as one attribute of a record names it. ``distinguishing`` is False of names that every machine has (SYSTEM, localhost)."""

    entity: Entity
    role: Role
    attribute: str
    distinguishing: bool


ROLES: Final[Mapping[str, tuple[EntityKind, Role]]] = {
    "device.hostname": (EntityKind.HOST, Role.DEVICE),
    "device.ip": (EntityKind.IP, Role.DEVICE),
    "src_endpoint.ip": (EntityKind.IP, Role.SOURCE),
    "src_endpoint.hostname": (EntityKind.HOST, Role.SOURCE),
    "dst_endpoint.ip": (EntityKind.IP, Role.DESTINATION),
    "dst_endpoint.hostname": (EntityKind.HOST, Role.DESTINATION),
    "dst_endpoint.domain": (EntityKind.DOMAIN, Role.DESTINATION),
    "http_request.url.hostname": (EntityKind.DOMAIN, Role.DESTINATION),
    "http_request.url.url_string": (EntityKind.URL, Role.OBJECT),
    "url.hostname": (EntityKind.DOMAIN, Role.DESTINATION),
    "url.url_string": (EntityKind.URL, Role.OBJECT),
    "tls.sni": (EntityKind.DOMAIN, Role.DESTINATION),
    "query.hostname": (EntityKind.DOMAIN, Role.OBJECT),
    "answers": (EntityKind.DOMAIN, Role.OBJECT),
    "actor.process.uid": (EntityKind.PROCESS, Role.ACTOR),
    "actor.process.file.path": (EntityKind.FILE, Role.ACTOR),
    "actor.process.file.hashes": (EntityKind.HASH, Role.ACTOR),
    "process.uid": (EntityKind.PROCESS, Role.OBJECT),
    "process.file.path": (EntityKind.FILE, Role.OBJECT),
    "process.file.hashes": (EntityKind.HASH, Role.OBJECT),
    "process.parent_process.uid": (EntityKind.PROCESS, Role.OBJECT),
    "process.parent_process.file.path": (EntityKind.FILE, Role.OBJECT),
    "module.file.path": (EntityKind.FILE, Role.OBJECT),
    "module.file.hashes": (EntityKind.HASH, Role.OBJECT),
    "driver.file.path": (EntityKind.FILE, Role.OBJECT),
    "driver.file.hashes": (EntityKind.HASH, Role.OBJECT),
    "script.file.path": (EntityKind.FILE, Role.OBJECT),
    "script.hashes": (EntityKind.HASH, Role.OBJECT),
    "job.file.path": (EntityKind.FILE, Role.OBJECT),
    "file.path": (EntityKind.FILE, Role.OBJECT),
    "file.hashes": (EntityKind.HASH, Role.OBJECT),
    "service.name": (EntityKind.SERVICE, Role.OBJECT),
    "win_service.name": (EntityKind.SERVICE, Role.OBJECT),
    "api.service.name": (EntityKind.SERVICE, Role.OBJECT),
    "actor.session.issuer": (EntityKind.CLOUD_PRINCIPAL, Role.OBJECT),
    "cloud.account.uid": (EntityKind.CLOUD_RESOURCE, Role.DEVICE),
    "resources": (EntityKind.CLOUD_RESOURCE, Role.OBJECT),
    "package.purl": (EntityKind.PACKAGE, Role.OBJECT),
    "package.name": (EntityKind.PACKAGE, Role.OBJECT),
}
"""Attribute -> what it names. The attributes that hold lists of objects are read by the key in ``_KEYS``."""

USERS: Final[Mapping[str, Role]] = {
    "actor.user": Role.ACTOR,
    "actor.process.user": Role.ACTOR,
    "process.user": Role.ACTOR,
    "user": Role.TARGET,
    "user_result": Role.TARGET,
    "job.user": Role.OBJECT,
    "process.parent_process.user": Role.OBJECT,
    "src_endpoint.owner": Role.OBJECT,
    "dst_endpoint.owner": Role.OBJECT,
}
"""Where a user object stands -> its role. An account is named by its ARN, else by domain and name, else by its uid."""

_KEYS: Final = {"answers": "rdata", "resources": "uid"}
_HASH_KEY: Final = "value"
_REPOSITORY: Final = "repository"
_ALONE: Final = frozenset({(EntityKind.HOST, Role.DEVICE), (EntityKind.IP, Role.SOURCE)})
"""Each thing of this kind and role tells findings apart."""
_ACTING: Final = frozenset({EntityKind.USER, EntityKind.CLOUD_PRINCIPAL})
"""Of these the one who acted tells findings apart, or who was acted upon where nobody is said to have acted."""
_AMONG: Final = {Role.ACTOR: 0, Role.TARGET: 1}
TELLING: Final = (
    *(name for name, (kind, role) in ROLES.items() if (kind, role) in _ALONE or (kind in _ACTING and role in _AMONG)),
    *(f"{prefix}.{part}" for prefix, role in USERS.items() if role in _AMONG for part in ("name", "domain", "uid")),
)
"""The attributes that decide about ``principals_of``: findings repeat their values."""


def mentions_of(record: Mapping[str, Cell]) -> tuple[Mention, ...]:
    """Return every mention of an entity in a mapped record (dotted names), in the order of the tables."""
    found = list(_things(record))
    for prefix, role in USERS.items():
        found.extend(_account(record, prefix, role))
    return tuple(found)


def entities_of(record: Mapping[str, Cell]) -> tuple[Entity, ...]:
    """Return the entities that a mapped record (dotted names) names, each once, in the order of the tables."""
    return tuple(dict.fromkeys(mention.entity for mention in mentions_of(record)))


def principals_of(record: Mapping[str, Cell]) -> tuple[Entity, ...]:
    """Return the entities by which a reader tells findings apart: the host, the source address and who acted.

    Names that do not distinguish are left out, and so is a user's name beside the cloud principal it belongs to. The result
    is sorted, so that it can be a key.
    """
    cells = tuple(map(record.get, TELLING))
    try:
        return _principals(cells)
    except TypeError:
        # A cell that is a list of objects cannot be looked up by hashing; no source writes one there.
        return _principals.__wrapped__(cells)


@lru_cache(maxsize=16_384)
def _principals(cells: tuple[Cell, ...]) -> tuple[Entity, ...]:
    mentions = [mention for mention in mentions_of(dict(zip(TELLING, cells, strict=True))) if mention.distinguishing]
    chosen = {mention.entity for mention in mentions if (mention.entity.kind, mention.role) in _ALONE}
    acting = [mention for mention in mentions if mention.entity.kind in _ACTING and mention.role in _AMONG]
    if acting:
        chosen.add(min(acting, key=lambda mention: (_AMONG[mention.role], mention.entity.kind is EntityKind.USER)).entity)
    return tuple(sorted(chosen, key=str))


def _things(record: Mapping[str, Cell]) -> Iterator[Mention]:
    for attribute, (kind, role) in ROLES.items():
        cell = record.get(attribute)
        if isinstance(cell, str):
            yield from _named(kind, cell, role, attribute)
        elif isinstance(cell, tuple):
            key = _HASH_KEY if kind is EntityKind.HASH else _KEYS.get(attribute, "")
            for item in cell:
                value = item.get(key) if isinstance(item, Mapping) else item
                if isinstance(value, str):
                    yield from _named(_kind(kind, item), value, role, attribute)


def _kind(kind: EntityKind, item: Cell) -> EntityKind:
    """Return what one object of a list is: a resource may say that it is a repository."""
    said = item.get("type") if kind is EntityKind.CLOUD_RESOURCE and isinstance(item, Mapping) else None
    return EntityKind.REPOSITORY if isinstance(said, str) and _REPOSITORY in said.casefold() else kind


def _named(kind: EntityKind, text: str, role: Role, attribute: str) -> Iterable[Mention]:
    found = normal_name(kind.value, text)
    if found is None:
        return ()
    return (Mention(Entity(EntityKind(found.kind), found.value), role, attribute, distinguishes(found.kind, found.value)),)


def _account(record: Mapping[str, Cell], prefix: str, role: Role) -> Iterator[Mention]:
    """Name the account whose parts stand under ``prefix``: the cloud principal, and the user by name or, without one, by uid."""
    name, domain, uid = (record.get(f"{prefix}.{part}") for part in ("name", "domain", "uid"))
    texts = [part if isinstance(part, str) else "" for part in (name, domain, uid)]
    for found in normal_account(texts[0], texts[1], texts[2]):
        attribute = f"{prefix}.{found.part}"
        yield Mention(Entity(EntityKind(found.kind), found.value), role, attribute, distinguishes(found.kind, found.value))
