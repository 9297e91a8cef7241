"""Write decoders as mapping files, and say what their records are called and which fields they have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.rules.imports.wazuh.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.rules.imports.wazuh.decoders import Fitted

__all__ = ["json_mapping", "text_mappings", "worlds_of"]

_HEAD: Final = {"program_name": "syslog.program", "hostname": "syslog.host"}
_CLOCKS: Final = ["timestamp", "@timestamp", "time", "eventTime", "date", "ts"]
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


def worlds_of(decoders: Iterable[Fitted]) -> dict[str, World]:
    """Return the log of each name that decoders give to records, with its fields."""
    found: dict[str, World] = {}
    for fitted in decoders:
        for called in dict.fromkeys(fitted.called.values()):
            before = found[called].names if called in found else {}
            names = {name: name for name in (*before, *_HEAD, *fitted.fields.get(called, {}))}
            if {"user", "dstuser", "srcuser"} & set(names):
                names["user"] = "user"
            found[called] = World(called, {"product": "wazuh", "service": called}, names, log="log", host="hostname")
    return found


def text_mappings(decoders: Iterable[Fitted]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a mapping file, with its name, for each root decoder of a text log."""
    taken: set[str] = set()
    for fitted in decoders:
        if fitted.patterns:
            plain = "wazuh-" + (_NO_NAME.sub("-", fitted.root.name.lower()).strip("-") or "decoder")
            name = next(one for one in (plain, *(f"{plain}-{number}" for number in range(2, 10_000))) if one not in taken)
            taken.add(name)
            yield name, _text_mapping(name, fitted)


def json_mapping(fields: Sequence[str]) -> dict[str, Any]:
    """Return the mapping file for JSON objects that have one of the fields that rules ask for."""
    return {
        "name": "wazuh-json",
        "title": "JSON that imported rules ask about",
        "product": {"name": "json", "vendor_name": "Wazuh"},
        "read": "json",
        "recognise": [{name: "present"} for name in fields],
        "routes": [
            {
                "name": "json",
                "sigma": [{"product": "wazuh", "service": "json"}],
                "ocsf": {"class_uid": 0, "activity_id": 99, "time": _CLOCKS},
            }
        ],
    }


def _text_mapping(name: str, fitted: Fitted) -> dict[str, Any]:
    header = {"header": "syslog", "program": list(fitted.programs)} if fitted.programs else {"header": "maybe"}
    routes = []
    for called in dict.fromkeys(fitted.called.values()):
        own = [key for key, value in fitted.called.items() if value == called]
        routes.append(
            {"name": _NO_NAME.sub("-", called.lower()).strip("-") or "record", "when": {"@pattern": own}, **_route(fitted, called)}
        )
    return {
        "name": name,
        "title": f"Records of the decoder {fitted.root.name}",
        "product": {"name": fitted.root.name, "vendor_name": "Wazuh"},
        "read": {"as": "regex", **header, "patterns": dict(fitted.patterns)},
        "routes": routes,
    }


def _route(fitted: Fitted, called: str) -> Mapping[str, Any]:
    fields = fitted.fields.get(called, {})
    shown: dict[str, Any] = dict(_HEAD)
    for name, groups in fields.items():
        if groups != [name]:
            shown[name] = groups[0] if len(groups) == 1 else list(groups)
    users = [group for name in ("dstuser", "user", "srcuser") for group in fields.get(name, ())]
    if users and users != ["user"]:
        shown["user"] = users[0] if len(users) == 1 else users
    text = {"message": "log", "program": "syslog.program", "host": "syslog.host"}
    return {
        "sigma": [{"product": "wazuh", "service": called, "fields": shown}, {"product": "linux", "service": "syslog", "fields": text}],
        "ocsf": {"class_uid": 0, "activity_id": 99, "time": "syslog.timestamp", "message": "log"},
    }
