"""Kubernetes paths: clusters written to be attacked, with every edge of an attack labelled beforehand; found, missed, and too many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.exports.reading import read_exports
from bartizan.collect.inventory.kubernetes.manifests import manifests
from bartizan.collect.inventory.kubernetes.names import ANYWHERE
from bartizan.collect.inventory.kubernetes.names import uid as thing
from bartizan.documents import Document, Refused, documents
from bartizan.review.cloud.paths.clusters import all_of, own_pod
from bartizan.review.cloud.paths.compiling import HAS_ALL, compile_paths
from bartizan.review.cloud.paths.contract import INTERNET, administration
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer
from bartizan.workbench import content_folder
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.review.cloud.paths.contract import PathRule

LABS: Final = Path(__file__).resolve().parents[1] / "tests" / "review" / "cloud" / "paths" / "kubernetes" / "labs"
LEAST: Final = 24
CLUSTER: Final = "cluster"
_GLOBAL: Final = ("user", "group", "node")


def measure() -> Result:
    """Compile every lab and compare its edges with the labels."""
    rules = list(path_rules(content_folder() / "paths" / "kubernetes").values())
    missed, extra, labelled, objects = [], [], 0, 0
    labs = sorted(LABS.glob("*.yml"))
    for lab in labs:
        wanted, found = labels(lab), edges(lab, rules)
        labelled += len(wanted)
        objects += sum(1 for _ in manifests(lab.read_bytes()))
        missed += [f"{lab.stem}: {' -> '.join(pair)}" for pair in sorted(wanted - found)]
        extra += [f"{lab.stem}: {' -> '.join(pair)}" for pair in sorted(found - wanted)]
    share = 100 * (labelled - len(missed)) / labelled if len(labs) >= LEAST and not extra else 0.0
    details: dict[str, object] = {"labs": len(labs), "objects": objects, "labelled edges": labelled, "rules": len(rules)}
    return Result(
        name="k8s-paths",
        figure=share,
        unit="% of labelled edges, none too many",
        bar=100.0,
        details={**details, "missed": missed or 0, "too many": extra or 0},
    )


def labels(lab: Path) -> set[tuple[str, str]]:
    """Return the edges that the first document of a lab names, by uid."""
    first = next(iter(documents(lab.read_bytes())))
    if isinstance(first, Refused) or not isinstance(first, Document):
        raise first
    value = first.value
    told: list[str] = value["edges"] if isinstance(value, dict) else []
    return {(_uid(src), _uid(dst)) for src, _, dst in (one.partition(" -> ") for one in told)}


def edges(lab: Path, rules: Sequence[PathRule]) -> set[tuple[str, str]]:
    """Return the edges that are found, but those from what stands for many where nobody gets there, and those of who has everything."""
    facts = read_exports([str(lab)])
    found = compile_paths(facts, rules, {"kubernetes": authorizer("kubernetes", facts)})
    pairs = {(str(hop.src), str(hop.dst)) for hop in found.hops if hop.rule != HAS_ALL}
    while True:
        reached = {dst for _, dst in pairs}
        kept = {(src, dst) for src, dst in pairs if not _stands_for_many(src) or src in reached}
        if kept == pairs:
            return kept
        pairs = kept


def _stands_for_many(uid: str) -> bool:
    return uid.endswith(("#all", "#any", "#own-pod"))


def _uid(name: str) -> str:
    if name == "admin":
        return administration("kubernetes", CLUSTER)
    kind, _, rest = name.partition("/")
    if name == INTERNET or ":" in kind or kind in ("", "application"):
        return name
    if kind in ("own-pod", "namespace"):
        return own_pod(CLUSTER, rest) if kind == "own-pod" else all_of(CLUSTER, rest)
    if name == "node/*":
        return thing(CLUSTER, "node", ANYWHERE)
    kind = "service_account" if kind == "account" else kind
    return f"k8s://{CLUSTER}/{kind}/{'/' if kind in _GLOBAL else ''}{rest}"
