"""Say what whoever holds the things of a case can reach next: the ways that a review of the cloud kept, from where the case stands on them.

A way counts where the newest review of its account still found it. A thing of a case stands on a way by its uid, as the role of a session,
by the id, name or address of its machine, or as a service account. Nothing is guessed: what no review told of is not there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import InputError
from bartizan.investigate.contract import CORE
from bartizan.investigate.tables import members, reading
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.investigate.places import Place
    from bartizan.investigate.scope import Claim
    from bartizan.schema.entities import Entity

__all__ = ["REVIEWS", "Onward", "Reach", "reach_of"]

REVIEWS: Final = "iam_analysis_finding"
"""The table in which reviews keep their ways."""
_CLEARED: Final = "cleared"
_MOST: Final = 20
_SESSION: Final = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d*):assumed-role/(?P<role>[^/]+)(?:/(?P<name>.*))?")
_ROLE: Final = re.compile(r"arn:[^:]+:iam::(?P<account>\d*):role/(?:.*/)?(?P<role>[^/]+)")
_SERVICE_ACCOUNT: Final = re.compile(r"system:serviceaccount:(?P<namespace>[^:]+):(?P<name>[^:]+)")
_MACHINES: Final = frozenset({"instance", "machine", "node", "pod"})
"""The last words of the kinds whose names are names of hosts."""
_INSTANCE: Final = re.compile(r"i-[0-9a-f]{8,17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """One hop of what comes next. ``detection``: seen, blind or silent; ``detections`` would fire on its ``events``."""

    title: str
    to: str
    name: str
    depends: tuple[str, ...]
    detection: str
    detections: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one entity of a case can come to. ``at``: which thing of the review it is; ``record``: the id of the finding that says so."""

    entity: Entity
    ring: str
    at: str
    goal: str
    name: str
    kind: str
    severity_id: int
    hops: tuple[Onward, ...]
    record: str

    @property
    def depends(self) -> tuple[str, ...]:
        """Return on what it hangs; () for what is certain."""
        return tuple(sorted({key for hop in self.hops for key in hop.depends}))


@dataclass(frozen=True, slots=True)
class _Way:
    record: str
    severity_id: int
    nodes: Sequence[Mapping[str, Any]]
    edges: Sequence[Mapping[str, Any]]


def reach_of(place: Place, claims: Sequence[Claim]) -> tuple[Reach, ...]:
    """Return what the entities of a case can reach, once for each of them and each goal: the shortest, those of the core first."""
    files = place.tables.get(REVIEWS, ())
    held = [claim for claim in claims if claim.ring != _CLEARED]
    if not files or not held:
        return ()
    ways = list(_ways(files))
    found: dict[tuple[str, str], Reach] = {}
    for claim in held:
        for way in ways:
            reach = _from(claim, way)
            if reach is not None:
                key = str(claim.entity), reach.goal
                known = found.get(key)
                if known is None or _weight(reach) < _weight(known):
                    found[key] = reach
    ordered = sorted(found.values(), key=lambda one: (one.ring != CORE, -one.severity_id, _weight(one), str(one.entity), one.goal))
    return tuple(ordered[:_MOST])


def _weight(reach: Reach) -> tuple[bool, int, str]:
    return bool(reach.depends), len(reach.hops), reach.record


def _from(claim: Claim, way: _Way) -> Reach | None:
    """Return what is left of a way behind the last place at which an entity stands on it."""
    places = [number for number, node in enumerate(way.nodes[:-1]) if _is(claim.entity, node)]
    if not places:
        return None
    begin = places[-1]
    goal = way.nodes[-1]
    names = {str(node["uid"]): str(node.get("name") or node["uid"]) for node in way.nodes}
    return Reach(
        entity=claim.entity,
        ring=claim.ring,
        at=str(way.nodes[begin]["uid"]),
        goal=str(goal["uid"]),
        name=names[str(goal["uid"])],
        kind=str(goal.get("type") or ""),
        severity_id=way.severity_id,
        hops=tuple(_onward(edge, names) for edge in way.edges[begin:]),
        record=way.record,
    )


def _onward(edge: Mapping[str, Any], names: Mapping[str, str]) -> Onward:
    data = edge.get("data") or {}
    to = str(edge["target"])
    return Onward(
        title=str(edge.get("name") or ""),
        to=to,
        name=names.get(to, to),
        depends=tuple(map(str, data.get("depends") or ())),
        detection=str(data.get("detection") or ""),
        detections=tuple(map(str, data.get("detections") or ())),
        events=tuple(map(str, data.get("events") or ())),
    )


def _is(entity: Entity, node: Mapping[str, Any]) -> bool:
    """Say whether an entity of a case is a node of a way."""
    uid, name, value = str(node["uid"]).casefold(), str(node.get("name") or "").casefold(), entity.value.casefold()
    called = node.get("data") or {}
    if entity.kind is EntityKind.IP:
        return value in {str(one).casefold() for one in called.get("ips") or ()}
    if entity.kind is EntityKind.HOST:
        hosts = {str(one).casefold() for one in called.get("hostnames") or ()}
        return value in hosts or (_is_machine(node) and value in {name, uid.rpartition("/")[2]})
    if entity.kind is EntityKind.CLOUD_PRINCIPAL:
        return value == uid or _is_session(value, uid) or _is_service_account(value, uid)
    return entity.kind is EntityKind.USER and (_is_service_account(value, uid) or (node.get("type") == "user" and value in {name, uid}))


def _is_machine(node: Mapping[str, Any]) -> bool:
    return str(node.get("type") or "").rpartition(" ")[2] in _MACHINES


def _is_session(value: str, uid: str) -> bool:
    """Say whether a session is one of a role, or of a machine that it is called after."""
    session = _SESSION.fullmatch(value)
    if session is None:
        return False
    role = _ROLE.fullmatch(uid)
    if role is not None:
        return (role["account"], role["role"]) == (session["account"], session["role"])
    name = session["name"] or ""
    return _INSTANCE.fullmatch(name) is not None and uid.endswith(f"/{name}")


def _is_service_account(value: str, uid: str) -> bool:
    account = _SERVICE_ACCOUNT.search(value)
    return account is not None and uid.endswith(f"/{account['namespace']}/{account['name']}") and "service_account" in uid.replace("-", "_")


def _ways(files: Iterable[Path]) -> Iterator[_Way]:
    """Yield the ways that the newest review of each account found."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    rows = []
    for path in files:
        with reading(path) as scan:
            schema = scan.collect_schema()
            if not {"metadata", "finding_info", "time"} <= set(schema) or "attack_graph" not in members(schema, "finding_info"):
                continue
            account = pl.col("cloud").struct.field("account").struct.field("uid") if "account" in members(schema, "cloud") else pl.lit("")
            columns = ("time", account.alias("account"), pl.col("metadata").struct.field("uid").alias("uid"), "severity_id")
            graph = pl.col("finding_info").struct.field("attack_graph").struct
            rows += scan.select(*columns, graph.field("nodes").alias("nodes"), graph.field("edges").alias("edges")).collect().rows()
    newest: dict[str, Any] = {}
    for time, account_uid, *_ in rows:
        newest[account_uid or ""] = max(newest.get(account_uid or "", time), time)
    for time, account_uid, uid, severity, nodes, edges in rows:
        if time == newest[account_uid or ""] and nodes and edges:
            yield _Way(uid, severity or 0, _parsed(nodes, uid), _parsed(edges, uid))


def _parsed(texts: Sequence[str], uid: str) -> list[Mapping[str, Any]]:
    try:
        return [json.loads(text) for text in texts]
    except ValueError as error:
        message = f"finding {uid}: its attack graph is no JSON ({error}); put the review into the lake anew"
        raise InputError(message) from error
