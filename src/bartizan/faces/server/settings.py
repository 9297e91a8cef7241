"""Read the settings of a server from a YAML file: every key is known, every mistake has its line, every value its origin."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from bartizan.documents import Map, Refused, Seq, documents
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["KEYS", "Key", "Setting", "Settings", "read_settings", "schema", "shown"]

LEVELS: Final = ("informational", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the file: what kind of value it takes, what it is without one, what it is for. ``of``: the keys of each item of a list."""

    kind: str
    default: Any
    about: str
    of: Mapping[str, Key] | None = None
    choices: tuple[str, ...] = ()
    needed: bool = False


_SENDER: Final = {
    "name": Key("text", "", "how the sender is shown", needed=True),
    "token-file": Key("path", None, "the file that holds its token", needed=True),
    "receivers": Key("texts", (), "protocols allowed: ndjson, splunk, elastic, otlp; empty for all"),
    "rate": Key("count", 0, "bytes per second, unpacked; 0 without bound"),
    "size": Key("count", 0, "bytes of a body, unpacked; 0 as the server's own bound"),
    "silent": Key("count", 0, "seconds of silence after which that is told; 0 never"),
}
_CHANNEL: Final = {
    "name": Key("text", "", "how the channel is called", needed=True),
    "webhook": Key("text", "", "an address that takes each finding as JSON"),
    "secret-file": Key("path", None, "the file with the secret that signs what a webhook gets"),
    "apprise-file": Key("path", None, "the file with an address as apprise writes it"),
    "template": Key("path", None, "a file with a Jinja template of what is sent"),
    "level": Key("text", "high", "the lowest level that is told", choices=LEVELS),
}
_PULL: Final = {
    "name": Key("text", "", "how the place is shown", needed=True),
    "sqs": Key("text", "", "the address of a queue of SQS: what is in it, or the objects of S3 that it tells of"),
    "region": Key("text", "", "the region of the queue; empty for the one that AWS's own settings name"),
    "endpoint": Key("text", "", "where SQS and S3 are, where that is not AWS"),
    "kafka": Key("text", "", "brokers of Kafka: HOST:PORT,HOST:PORT"),
    "topics": Key("texts", (), "topics of Kafka"),
    "group": Key("text", "bartizan", "the group of consumers that share the topics"),
    "properties-file": Key("path", None, "a file with more properties of librdkafka, NAME=VALUE: TLS, SASL and their secrets"),
    "silent": Key("count", 0, "seconds of silence after which that is told; 0 never"),
}
KEYS: Final[Mapping[str, Key]] = {
    "state": Key("path", None, "the folder of this watch", needed=True),
    "database": Key("text", "", "postgresql://USER@HOST/NAME, a database that several servers share; empty for a file in the folder"),
    "database-file": Key("path", None, "the file that holds that address, with its password"),
    "listen": Key("text", "127.0.0.1:8088", "HOST:PORT for everything over HTTP"),
    "certificate": Key("path", None, "the certificate for TLS (PEM)"),
    "key": Key("path", None, "the key of the certificate (PEM)"),
    "syslog": Key("texts", (), "ports for syslog: udp:HOST:PORT, tcp:HOST:PORT, tls:HOST:PORT"),
    "files": Key("texts", (), "files to follow, as globs: /var/log/*.log"),
    "pull": Key("list", (), "where to fetch from", of=_PULL),
    "senders": Key("list", (), "who may send", of=_SENDER),
    "rules": Key("texts", (), "Sigma packs; empty for our own content and what was added to it"),
    "level": Key("text", "informational", "run rules of this level and above", choices=LEVELS),
    "lateness": Key("count", 30, "seconds for which correlations wait for late records"),
    "judges": Key("count", 0, "processes that judge at most, called when more comes than one can judge; 0 for one per processor"),
    "lake": Key("path", None, "the lake that records and findings are put into"),
    "keep-days": Key("count", 0, "days for which findings and deliveries stay in the state; 0 for ever"),
    "traces": Key("text", "", "an OTLP address for traces of the server itself: http://HOST:4318/v1/traces"),
    "notify": Key("list", (), "whom to tell of findings", of=_CHANNEL),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it comes from: ``watch.yml:3``, or ``default``."""

    value: Any
    origin: str


Settings = dict[str, Setting]


def read_settings(path: Path) -> Settings:
    """Read a file. InputError with file, line and what to do where it is none; paths in it are relative to its folder."""
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise InputError(message) from error
    try:
        return _read(_mapping(content), KEYS, path)
    except Refused as refused:
        message = f"{path}:{refused.line}: {refused.why}"
        raise InputError(message) from refused


def schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of the file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "bartizan serve", **_object(KEYS)}


def shown(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and origin of every setting, those in lists by their places; secrets stand in files and are not read."""
    for name, setting in settings.items():
        if isinstance(setting.value, list) and setting.value and isinstance(setting.value[0], dict):
            for number, item in enumerate(setting.value):
                yield from ((f"{name}[{number}].{inner}", value, origin) for inner, value, origin in shown(item))
        else:
            value = setting.value
            yield (
                name,
                " ".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value),
                setting.origin,
            )


def _mapping(content: bytes) -> Map:
    found = next(documents(content), None)
    if isinstance(found, Refused):
        raise found
    if found is None or not isinstance(found.value, Map):
        message = f"settings are one YAML mapping with the keys {', '.join(KEYS)}"
        raise Refused(message, 1)
    return found.value


def _read(said: Map, keys: Mapping[str, Key], path: Path) -> Settings:
    for name in said:
        if name not in keys:
            near = get_close_matches(str(name), list(keys), n=1)
            meant = f" (did you mean '{near[0]}'?)" if near else ""
            message = f"'{name}' is no setting{meant}; there are {', '.join(keys)}"
            raise Refused(message, said.lines.get(name, said.line))
    found: Settings = {}
    for name, key in keys.items():
        if name not in said:
            if key.needed:
                message = f"'{name}' is missing: {key.about}"
                raise Refused(message, said.line)
            found[name] = Setting(key.default, "default")
            continue
        line = said.lines.get(name, said.line)
        found[name] = Setting(_value(name, key, said[name], (line, path)), f"{path}:{line}")
    return found


def _value(name: str, key: Key, value: object, where: tuple[int, Path]) -> Any:  # noqa: ANN401 - of the kind that the key says
    line, path = where
    if key.kind == "list":
        if not isinstance(value, Seq) or not all(isinstance(item, Map) for item in value):
            message = f"{name}: write a list of mappings with the keys {', '.join(key.of or ())}"
            raise Refused(message, line)
        return [_read(item, key.of or {}, path) for item in value]
    ask, words = _KINDS[key.kind]
    if not ask(value):
        message = f"{name}: {value!r} is not {words}; {key.about}"
        raise Refused(message, line)
    if key.choices and value not in key.choices:
        near = get_close_matches(str(value), key.choices, n=1)
        message = f"{name}: '{value}' is none of {', '.join(key.choices)}" + (f" (did you mean '{near[0]}'?)" if near else "")
        raise Refused(message, line)
    return path.parent / str(value) if key.kind == "path" else value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


_KINDS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "text": (_is_text, "a text"),
    "path": (_is_text, "a path"),
    "count": (_is_count, "a whole number of 0 or more"),
    "texts": (lambda value: isinstance(value, list) and all(map(_is_text, value)), "a list of texts"),
}


def _object(keys: Mapping[str, Key]) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, key in keys.items() if key.needed],
        "properties": {name: {**_shape(key), "description": key.about} for name, key in keys.items()},
    }


def _shape(key: Key) -> dict[str, object]:
    if key.kind == "list":
        return {"type": "array", "items": _object(key.of or {})}
    if key.kind == "texts":
        return {"type": "array", "items": {"type": "string", "minLength": 1}}
    if key.kind == "count":
        return {"type": "integer", "minimum": 0}
    return {"type": "string", "minLength": 1, **({"enum": list(key.choices)} if key.choices else {})}
