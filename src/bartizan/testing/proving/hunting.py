"""Hunt through written records as through any log, and say which rules fired on theirs."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bartizan.collect.units import units
from bartizan.detect.hunt.judge import Judge
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.run import Means, run
from bartizan.detect.hunt.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.detect.can_fire import Proof
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["hunted"]


def hunted(rules: LoadedRules, drafts: Sequence[Proof], known: Catalogue, *, now: int) -> list[Proof]:
    """Return each draft with what came of it: its records stand in a file of their own, which is read as any file is."""
    with tempfile.TemporaryDirectory(prefix="bartizan-") as folder:
        files: dict[tuple[bytes, ...], Path] = {}
        for draft in drafts:
            if draft.raw and tuple(draft.raw) not in files:
                files[tuple(draft.raw)] = path = Path(folder) / f"{len(files):06d}.log"
                path.write_bytes(b"\n".join(draft.raw) + b"\n")
        found = _found(rules, sorted(files.values()), known, now)
        return [_judged(draft, found[str(files[tuple(draft.raw)])]) if draft.raw else draft for draft in drafts]


@dataclass(slots=True)
class _Found:
    """What a hunt saw in one file: the source that it was taken for, and the ids of the rules that fired."""

    source: str = ""
    fired: set[str] = field(default_factory=set)


def _judged(draft: Proof, found: _Found) -> Proof:
    if found.source != draft.source:
        return replace(draft, outcome="silent", why=f"the records were taken for {found.source or 'no source'}")
    if draft.rule.id in found.fired:
        return replace(draft, outcome="proved", why="")
    return replace(draft, outcome="silent", why=draft.why or "the hunt did not let it fire")


def _found(rules: LoadedRules, paths: Sequence[Path], known: Catalogue, now: int) -> Mapping[str, _Found]:
    request, spool = Request(rules=(), now=now), Spool()
    found: defaultdict[str, _Found] = defaultdict(_Found)
    try:
        work = units([str(path) for path in paths], sources=known)
        outcome = run(work, request, Means(judge=Judge(rules, known, request), rules=rules, spool=spool))
        for file in outcome.balance:
            found[file.path].source = file.source
        for line in spool.lines():
            finding = msgspec.json.decode(line)
            found[finding["evidences"][0]["data"]["origin"]["path"]].fired.add(finding["finding_info"]["analytic"]["uid"])
    finally:
        spool.close()
    return found
