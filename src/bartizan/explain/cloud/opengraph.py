"""Tell the graph of attack paths as BloodHound OpenGraph JSON: every node and every hop.

Source: BloodHound documentation, "OpenGraph schema" (2025): nodes with an id and up to three kinds, edges with two ends matched by id and a
kind of letters, digits and underscores; properties are texts, numbers, truth values, or lists of one of these.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.review.cloud.ways import hop_told, names_of

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Principal, Resource
    from bartizan.review.cloud.reviewed import Reviewed
    from bartizan.review.cloud.ways import HopTold

__all__ = ["opengraph"]

_PROVIDERS: Final = {"aws": "AWS", "azure": "Az", "gcp": "GCP", "kubernetes": "K8s"}
_BASE: Final = "BartizanCloud"
_WORD: Final = re.compile(r"[A-Za-z0-9]+")


def opengraph(reviewed: Reviewed) -> dict[str, Any]:
    """Return all nodes and hops as one document that BloodHound takes in."""
    names = names_of(reviewed)
    held: dict[str, Resource | Principal] = {str(one.uid): one for one in reviewed.facts.resources}
    held |= {str(one.uid): one for one in reviewed.facts.principals}
    admins = {str(one.principal) for one in reviewed.paths.admins}
    nodes = []
    for uid in dict.fromkeys(map(str, reviewed.paths.nodes)):
        name, kind = names.get(uid, (uid, ""))
        known = held.get(uid)
        provider = "" if known is None else known.provider
        properties: dict[str, Any] = {"name": name, "displayname": name, "administrator": uid in admins}
        if known is not None:
            properties |= {"provider": known.provider, "account": known.account}
        nodes.append(
            {"id": uid, "kinds": [*([f"{_PROVIDERS.get(provider, '')}{_camel(kind)}"] if kind else []), _BASE], "properties": properties}
        )
    edges = [_edge(hop_told(reviewed, hop)) for hop in reviewed.paths.hops]
    return {"metadata": {"source_kind": _BASE}, "graph": {"nodes": nodes, "edges": edges}}


def _edge(hop: HopTold) -> dict[str, Any]:
    return {
        "start": {"value": hop.src, "match_by": "id"},
        "end": {"value": hop.dst, "match_by": "id"},
        "kind": _camel(hop.rule) or "Reaches",
        "properties": {
            "title": hop.title,
            "allowed_by": [f"{text} [{where}]" for text, where in hop.allowed],
            "depends": list(hop.depends),
            "detection": hop.state,
            "detections": list(hop.detections),
        },
    }


def _camel(text: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text))
