"""Say which log a rule of Elastic judges, and what the fields of the Elastic Common Schema are called there.

The log is what a query asks beside everything else: the kind of host, the category and type of event, or the data set. A field
that is not listed has no place in the log as others write it, and a rule that names it is refused. Names are facts of the Elastic
Common Schema 8, of the modules of Filebeat, and of Sigma's taxonomy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CLASSIFYING", "WORLDS", "Place", "World"]

CLASSIFYING: Final = frozenset(
    {
        *("agent.type", "data_stream.dataset", "event.category", "event.dataset", "event.kind", "event.module", "event.type"),
        *("host.os.family", "host.os.type"),
    }
)
"""Fields by which a query says which log it is about."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is found: under which name, and how.

    ``how`` is ``""`` (the same), ``path`` (the last part of a path), ``extension`` (what a path ends with behind a dot), ``words``
    (one word of a command line), or a word that an ``outcome`` is told by.
    """

    name: str
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A log: what a query must say of it, and may say of it (a field that classifies -> its values there), and its fields."""

    logsource: Mapping[str, str]
    needs: Mapping[str, frozenset[str]]
    allows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, Place] = field(default_factory=dict)
    own: re.Pattern[str] | None = None
    """Names that a module of Filebeat made of the record's own, which is group 1 in snake case."""
    separator: str = "/"
    """What parts a path."""

    def place(self, name: str) -> Place | None:
        """Return where a field is found; None where the log has no such field."""
        if name in self.fields:
            return self.fields[name]
        found = self.own.fullmatch(name) if self.own else None
        return Place(_SNAKE.sub(lambda met: met[1].upper(), found[1])) if found else None


_SNAKE: Final = re.compile(r"_([a-z])")
_PROCESS: Final = {
    "process.executable": Place("Image"),
    "process.name": Place("Image", "path"),
    "process.pid": Place("ProcessId"),
    "process.entity_id": Place("ProcessGuid"),
}
_STARTED: Final = {
    **_PROCESS,
    "process.args": Place("CommandLine", "words"),
    "process.command_line": Place("CommandLine"),
    "process.parent.args": Place("ParentCommandLine", "words"),
    "process.parent.command_line": Place("ParentCommandLine"),
    "process.parent.executable": Place("ParentImage"),
    "process.parent.name": Place("ParentImage", "path"),
    "process.parent.pid": Place("ParentProcessId"),
    "process.working_directory": Place("CurrentDirectory"),
}
_WINDOWS: Final = {
    "process.pe.company": Place("Company"),
    "process.pe.description": Place("Description"),
    "process.pe.original_file_name": Place("OriginalFileName"),
    "process.pe.product": Place("Product"),
    "process.Ext.token.integrity_level_name": Place("IntegrityLevel"),
    "user.name": Place("User", "path"),
}
_FILE: Final = {
    **_PROCESS,
    "file.extension": Place("TargetFilename", "extension"),
    "file.name": Place("TargetFilename", "path"),
    "file.path": Place("TargetFilename"),
}


def _one(*values: str) -> frozenset[str]:
    return frozenset(values)


def _host(product: str, category: str, kind: tuple[str, ...], fields: Mapping[str, Place]) -> World:
    """Make the world of an event on a host: ``kind`` are its category and types in the Elastic Common Schema."""
    systems = {"windows": _one("windows"), "linux": _one("linux"), "macos": _one("macos", "darwin")}[product]
    return World(
        logsource={"product": product, "category": category},
        needs={"host.os.type": systems, "event.category": _one(kind[0]), "event.type": _one(*kind[1:])},
        allows={"host.os.family": systems, "event.kind": _one("event")},
        fields={**fields, **(_WINDOWS if product == "windows" and fields is _STARTED else {})},
        separator="\\" if product == "windows" else "/",
    )


def _cloud(logsource: Mapping[str, str], dataset: str, fields: Mapping[str, Place], own: re.Pattern[str] | None = None) -> World:
    """Make the world of a data set of Filebeat."""
    allows = {"data_stream.dataset": _one(dataset), "event.module": _one(dataset.partition(".")[0]), "event.kind": _one("event")}
    return World(logsource=logsource, needs={"event.dataset": _one(dataset)}, allows=allows, fields=fields, own=own)


_AWS: Final = re.compile(
    r"aws\.cloudtrail\.(?:flattened\.)?"
    r"(error_code|error_message|event_category|event_type|read_only|recipient_account_id|user_identity\.[a-z_.]+"
    r"|(?<=flattened\.)(?:request_parameters|response_elements)\.[\w.]+)"
)
"""Without ``flattened``, parameters and answers are one text in a form of Filebeat's own."""
_OKTA: Final = re.compile(
    r"okta\.(actor\.(?:alternate_id|display_name|id|type)|client\.(?:device|id|zone|user_agent\.(?:browser|os|raw_user_agent))"
    r"|debug_context\.debug_data\.(?!flattened)[a-z_]+|display_message|event_type|outcome\.(?:reason|result)|security_context\.(?:domain|is_proxy|isp)"
    r"|severity|transaction\.(?:id|type))"
)
_STARTS: Final = ("process", "start", "process_started")
WORLDS: Final = (
    *(_host(product, "process_creation", _STARTS, _STARTED) for product in ("windows", "linux", "macos")),
    *(_host(product, "file_event", ("file", "creation"), _FILE) for product in ("windows", "linux", "macos")),
    _host("windows", "file_delete", ("file", "deletion"), _FILE),
    _cloud(
        {"product": "aws", "service": "cloudtrail"},
        "aws.cloudtrail",
        {
            "cloud.region": Place("awsRegion"),
            "event.action": Place("eventName"),
            "event.outcome": Place("errorCode", "outcome"),
            "event.provider": Place("eventSource"),
            "source.address": Place("sourceIPAddress"),
            "source.ip": Place("sourceIPAddress"),
            "user_agent.original": Place("userAgent"),
        },
        _AWS,
    ),
    _cloud({"product": "okta", "service": "okta"}, "okta.system", {"event.action": Place("eventType")}, _OKTA),
    _cloud(
        {"product": "gcp", "service": "gcp.audit"},
        "gcp.audit",
        {
            "event.action": Place("gcp.audit.method_name"),
            "event.provider": Place("gcp.audit.service_name"),
            **{name: Place(name) for name in ("gcp.audit.method_name", "gcp.audit.service_name", "gcp.audit.resource_name")},
        },
    ),
    _cloud({"product": "github", "service": "audit"}, "github.audit", {"event.action": Place("action")}),
    _cloud(
        {"product": "m365", "service": "audit"},
        "o365.audit",
        {"event.action": Place("Operation"), "event.provider": Place("Workload"), "o365.audit.Operation": Place("Operation")},
    ),
)
