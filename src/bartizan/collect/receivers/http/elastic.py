"""Speak the part of Elasticsearch that shippers speak: ``_bulk``, and the questions that they ask before they send anything.

Paths, statuses and bodies as Elastic documents its REST API (8.x); the header ``X-Elastic-Product`` is what clients from 8 on ask for.
Documents are records; nothing can be searched or changed here, and templates, policies and pipelines are taken note of by nobody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.collect.receivers.contract import Answer, Asked, Intake, Trouble
from bartizan.collect.receivers.cutting import delivered, in_utf8, too_many
from bartizan.collect.receivers.tokens import carried

if TYPE_CHECKING:
    from bartizan.collect.receivers.contract import Receiver

__all__ = ["ElasticReceiver", "make"]

VERSION: Final = "8.19.0"
"""What shippers are told: Beats refuse to send to an older cluster than themselves, Elastic's own clients to another major version."""
_HEADERS: Final = (("content-type", "application/json"), ("x-elastic-product", "Elasticsearch"))
_COMPATIBLE: Final = "application/vnd.elasticsearch+json"
_BULK: Final = re.compile(r"/(?:(?P<index>[^/_][^/]*)/)?_bulk")
_DOCUMENT: Final = re.compile(r"/(?P<index>[^/_][^/]*)/_(?:doc|create)(?:/(?P<id>[^/]+))?")
_QUESTIONS: Final = re.compile(
    r"/(?:_license|_xpack|_nodes/http|_nodes/_all/http|_cluster/health|_cat/.*|_ilm/.*|_index_template/.*|_component_template/.*|_template/.*"
    r"|_ingest/pipeline/.*|_data_stream/.*|_alias/.*|_security/.*)?"
)
_ALIAS: Final = re.compile(r"/[^/_][^/]*(?:/_alias(?:/.*)?)?")
_KINDS: Final = {"index": 201, "create": 201}
_TYPES: Final = {400: "illegal_argument_exception", 401: "security_exception", 403: "security_exception", 413: "content_too_long_exception"}
_BUSY: Final = "es_rejected_execution_exception"
_LICENCE: Final = {"license": {"status": "active", "uid": "bartizan", "type": "basic", "mode": "basic"}}
_ACTION: Final = msgspec.json.Decoder(dict[str, dict[str, Any]])


class ElasticReceiver:
    """A cluster of one node that keeps every document and shows none."""

    name = "elastic"

    def serves(self, method: str, path: str) -> bool:
        """Say whether this is a request of this protocol."""
        if _BULK.fullmatch(path) or (_DOCUMENT.fullmatch(path) and method in {"POST", "PUT"}):
            return method in {"POST", "PUT"}
        return _QUESTIONS.fullmatch(path) is not None or (method in {"HEAD", "PUT"} and _ALIAS.fullmatch(path) is not None)

    def token(self, asked: Asked) -> str | None:
        """Return the password of Basic, or the token of ``ApiKey`` or ``Bearer``."""
        return carried(asked)

    def answer(self, asked: Asked) -> Answer | Intake | Trouble:
        """Take documents, or answer a question."""
        return in_utf8(_taken, asked)

    def refusal(self, trouble: Trouble) -> Answer:
        """Say why as Elasticsearch does; 429 is what makes every shipper wait and try again."""
        status = 429 if trouble.status in {429, 503} else trouble.status
        error = {"type": _TYPES.get(status, _BUSY), "reason": trouble.why}
        return Answer(status, msgspec.json.encode({"error": {"root_cause": [error], **error}, "status": status}), _HEADERS)


def _taken(asked: Asked) -> Answer | Intake | Trouble:
    found = _BULK.fullmatch(asked.path)
    if found is not None and asked.method in {"POST", "PUT"}:
        return _bulk(asked, found["index"] or "")
    single = _DOCUMENT.fullmatch(asked.path)
    if single is not None:
        return _document(asked, single["index"])
    return _answered(asked, *_told(asked))


def _told(asked: Asked) -> tuple[int, object]:
    """Return status and body for a question: those after templates and policies are told that all is there already."""
    path = asked.path
    if path == "/":
        return 200, _cluster()
    if path.startswith(("/_license", "/_xpack")):
        return 200, {**_LICENCE, **({"features": {"ilm": {"available": True, "enabled": True}}} if "xpack" in path else {})}
    if path.startswith("/_nodes"):
        return 200, {
            "cluster_name": "bartizan",
            "nodes": {"bartizan": {"name": "bartizan", "version": VERSION, "roles": ["data", "ingest"]}},
        }
    if path == "/_cluster/health":
        return 200, {"cluster_name": "bartizan", "status": "green", "number_of_nodes": 1, "timed_out": False}
    if asked.method in {"PUT", "POST"}:
        return 200, {"acknowledged": True}
    return 200, {}


def _cluster() -> dict[str, object]:
    version = {
        "number": VERSION,
        "build_flavor": "default",
        "build_type": "docker",
        "build_hash": "0",
        "build_date": "2026-01-01T00:00:00.000Z",
        "build_snapshot": False,
        "lucene_version": "9.12.0",
        "minimum_wire_compatibility_version": "7.17.0",
        "minimum_index_compatibility_version": "7.0.0",
    }
    return {
        "name": "bartizan",
        "cluster_name": "bartizan",
        "cluster_uuid": "bartizan",
        "version": version,
        "tagline": "You Know, for Search",
    }


def _answered(asked: Asked, status: int, body: object) -> Answer:
    """Return a JSON answer in the media type that was asked for: clients from 8 on compare it."""
    headers = _HEADERS
    if asked.headers.get("accept", "").startswith(_COMPATIBLE):
        headers = (("content-type", f"{_COMPATIBLE};compatible-with=8"), _HEADERS[1])
    return Answer(status, msgspec.json.encode(body), headers)


def _bulk(asked: Asked, index: str) -> Answer | Intake | Trouble:
    """Take the documents of a bulk request: a line that says what to do, then the document, by turns."""
    trouble = too_many(asked.body)
    if trouble is not None:
        return trouble
    lines = [line for line in asked.body.split(b"\n") if line and not line.isspace()]
    by_index: dict[str, list[bytes]] = {}
    items: list[dict[str, object]] = []
    errors, at = False, 0
    while at < len(lines):
        kind, place = _action(lines[at])
        if not kind:
            return Trouble(400, f"Malformed action/metadata line [{at + 1}], expected one of [create, delete, index, update]")
        at += 1
        target = str(place.get("_index") or index)
        if kind == "delete":
            items.append(_item(kind, target, place, 404))
            continue
        if at >= len(lines):
            return Trouble(400, "The bulk request must be terminated by a newline [\\n]")
        status = _KINDS.get(kind, 400) if _is_object(lines[at]) else 400
        if status in _KINDS.values():
            by_index.setdefault(target, []).append(lines[at].strip())
        errors = errors or status not in _KINDS.values()
        items.append(_item(kind, target, place, status))
        at += 1
    if not items:
        return Trouble(400, "request body is required")
    kept = _answered(asked, 200, {"took": 0, "errors": errors, "items": items})
    found = [each for label, records in by_index.items() for each in delivered(records, label=label)]
    return Intake(found, kept)


def _action(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        found = _ACTION.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return "", {}
    kind, place = next(iter(found.items()), ("", {}))
    return (kind, place) if kind in {"create", "delete", "index", "update"} and len(found) == 1 else ("", {})


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line, type=dict[str, msgspec.Raw]), dict)
    except (msgspec.DecodeError, RecursionError):
        return False


def _item(kind: str, index: str, place: dict[str, Any], status: int) -> dict[str, object]:
    told: dict[str, object] = {"_index": index, "_id": place.get("_id"), "status": status}
    if status == 400:  # noqa: PLR2004 - an HTTP status
        reason = "failed to parse" if kind in _KINDS else f"{kind} is not done here: documents are only taken"
        told["error"] = {"type": "document_parsing_exception" if kind in _KINDS else "illegal_argument_exception", "reason": reason}
    else:
        told |= {"result": "created" if kind in _KINDS else "not_found", "_version": 1}
    return {kind: told}


def _document(asked: Asked, index: str) -> Answer | Intake | Trouble:
    """Take a single document."""
    line = asked.body.replace(b"\r", b" ").replace(b"\n", b" ").strip()
    if not _is_object(line):
        return Trouble(400, "failed to parse")
    kept = _answered(asked, 201, {"_index": index, "_id": None, "_version": 1, "result": "created"})
    return Intake(list(delivered([line], label=index)), kept)


def make() -> Receiver:
    """Make the receiver."""
    return ElasticReceiver()
