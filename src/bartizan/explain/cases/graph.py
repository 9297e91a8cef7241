"""Draw a case as a graph: its entities, and what findings and records say happened between them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import moment, shorten, visible
from bartizan.investigate.linking import acting, names_one
from bartizan.investigate.scope import scope_of
from bartizan.schema.entities import EntityKind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bartizan.investigate.contract import Case, Signal, Tie

__all__ = ["Edge", "Graph", "Node", "graph_of", "written"]

_SHAPES: Final = {"host": "box", "ip": "ellipse", "user": "hexagon", "cloud-principal": "hexagon", "domain": "ellipse", "file": "note"}
_SHOWN: Final = frozenset({EntityKind.HOST, EntityKind.USER, EntityKind.CLOUD_PRINCIPAL, EntityKind.IP, EntityKind.DOMAIN, EntityKind.FILE})


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """An entity: ``kind:value``, its kind and ring, since when (ns UTC)."""

    name: str
    kind: str
    ring: str
    since: int


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """What happened from one entity to another: since when (ns UTC), how often, and a record that says so."""

    start: str
    end: str
    what: str
    since: int
    count: int
    record: str


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes by name, the edges by time."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(case: Case, ties: Sequence[Tie] = ()) -> Graph:
    """Return the graph of a case."""
    claims = [claim for claim in scope_of(case, ties) if claim.entity.kind in _SHOWN]
    nodes = {str(claim.entity): Node(str(claim.entity), claim.entity.kind.value, claim.ring, claim.first) for claim in claims}
    found: dict[tuple[str, str, str], Edge] = {}
    edges = [edge for signal in case.signals for edge in _of_signal(signal)]
    edges += [
        Edge(left, right, link.type, link.time, 1, link.records[0])
        for link in case.links
        for left, arrow, right in [link.entity.partition(" -> ")]
        if arrow and link.records
    ]
    for edge in sorted(edges, key=lambda edge: (edge.since, edge)):
        key = edge.start, edge.end, edge.what
        if edge.start in nodes and edge.end in nodes and edge.start != edge.end:
            held = found.get(key)
            found[key] = edge if held is None else Edge(*key, held.since, held.count + edge.count, held.record)
    return Graph(tuple(sorted(nodes.values())), tuple(sorted(found.values(), key=lambda edge: (edge.since, edge))))


def written(graph: Graph, form: str) -> str:
    """Return a graph as text: ``dot``, ``mermaid`` or ``json``."""
    return _FORMS[form](graph)


def _of_signal(signal: Signal) -> Iterator[Edge]:
    """Yield an edge from each acting place, or the account that acted there, to what it was done to or with."""
    places = [str(one) for one in acting(signal)]
    for finding in signal.findings:
        who = [str(one.entity) for one in finding.named if one.role is Role.ACTOR and one.entity.kind in _SHOWN and names_one(one.entity)]
        record = finding.records[0] if finding.records else finding.uid
        for place in places:
            for other in dict.fromkeys(str(one.entity) for one in finding.named):
                if other in who:
                    yield Edge(other, place, signal.title, finding.time, 1, record)
                elif other not in places:
                    yield Edge(place, other, signal.title, finding.time, 1, record)


def _dot(graph: Graph) -> str:
    lines = ["digraph case {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=10]; edge [fontname="sans-serif", fontsize=8];']
    for node in graph.nodes:
        style = "solid" if node.ring == "core" else "dashed"
        label = _quoted(f"{shorten(node.name.partition(':')[2], 48)}\n{node.kind}, since {moment(node.since)[5:16]}")
        lines.append(f"  {_quoted(node.name)} [label={label}, shape={_SHAPES[node.kind]}, style={style}];")
    for edge in graph.edges:
        times = f", {edge.count} times" if edge.count > 1 else ""
        label = _quoted(f"{moment(edge.since)[11:16]} {shorten(edge.what, 40)}{times}")
        lines.append(f"  {_quoted(edge.start)} -> {_quoted(edge.end)} [label={label}];")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    inside = visible(text, keep="\n").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inside}"'


def _mermaid(graph: Graph) -> str:
    ids = {node.name: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [f'  {ids[node.name]}["{_plain(node.name)}"]{":::suspected" if node.ring != "core" else ""}' for node in graph.nodes]
    lines += [
        f'  {ids[edge.start]} -->|"{moment(edge.since)[11:16]} {_plain(shorten(edge.what, 40))}"| {ids[edge.end]}' for edge in graph.edges
    ]
    return "\n".join([*lines, "  classDef suspected stroke-dasharray: 4 3"])


def _plain(text: str) -> str:
    """Return text in which nothing has a meaning to Mermaid."""
    return "".join(char if char.isalnum() or char in " .-_/:@" else f"#{ord(char)};" for char in visible(text))


def _json(graph: Graph) -> str:
    return json.dumps({"nodes": [asdict(node) for node in graph.nodes], "edges": [asdict(edge) for edge in graph.edges]}, indent=1)


_FORMS: Final[Mapping[str, Callable[[Graph], str]]] = {"dot": _dot, "mermaid": _mermaid, "json": _json}
