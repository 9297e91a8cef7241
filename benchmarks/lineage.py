"""From one process that read the memory of the logon process: what led to it and came of it, on real hosts (OTRF's LSASS sets).

Each set is hunted through, and the process of the first finding of our rule about that memory is followed. The truth is read from
the raw events by other means, as OTRF tells the story: the payload (the topmost program above that process that lies in a user's
folder), all that it started, directly or not, what these wrote and where they connected. Beside it the closure that follows every step
back and forward. The truth and the method both rest on who started whom: precision is of the guards, not of the idea.
"""

from __future__ import annotations

import json
import tempfile
import time
import zipfile
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Final

from bartizan.investigate.lineage.finding import process_named
from bartizan.investigate.lineage.following import everything_from, lineage_of
from bartizan.investigate.lineage.steps import steps_of
from bartizan.investigate.places import place_at
from benchmarks._process import BARTIZAN, run
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_RULE: Final = "d40f6a00-1e23-5933-8635-eaf8342b57c7"
_MOST, _RECALL, _PRECISION = 40, 0.9, 0.6
_START, _CONNECT, _WRITE = "1", "3", "11"


def measure() -> Result:
    """Follow the process of each set."""
    sets = sorted(path for path in FIELD.glob("otrf/compound/LSASS*/*.zip") if not path.name.endswith("zeek_logs.zip"))
    if not sets:
        return skipped("lineage", "the field data is not here")
    details: dict[str, object] = {}
    scores = []
    for path in sets:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            run([BARTIZAN, "hunt", str(path), "--out", str(out)])
            seed, host = _seed(out / "findings.ndjson")
            began = time.process_time()
            known = steps_of(place_at(out), host)
            start = process_named(known, seed)
            found = {thing.name for thing in lineage_of(known, start).things}
            cpu = time.process_time() - began
            naive = {thing.name for thing in everything_from(known, start)}
        truth = _truth(list(_events(path)), seed)
        (recall, precision), theirs = _scored(found, truth), _scored(naive, truth)
        scores.append((len(found), recall, precision))
        details[f"{path.parent.name}"] = (
            f"{len(found)} things of {len(truth)} true, recall {recall:.2f}, precision {precision:.2f}, {cpu:.2f} s CPU; "
            f"closure {len(naive)} things, recall {theirs[0]:.2f}, precision {theirs[1]:.2f}"
        )
    most, recall, precision = max(one[0] for one in scores), fmean(one[1] for one in scores), min(one[2] for one in scores)
    details["bars"] = (
        f"at most {_MOST} things ({most}), mean recall {_RECALL} ({recall:.2f}), precision {_PRECISION} ({precision:.2f} at least)"
    )
    missed = (most > _MOST) + (recall < _RECALL) + (precision < _PRECISION)
    return Result(name="lineage", figure=missed, unit="of 3 bars missed", bar=0, higher=False, details=details)


def _seed(findings: Path) -> tuple[str, str]:
    """Return the process of the first finding of the rule, and its host."""
    met = []
    for line in findings.read_bytes().splitlines():
        found = json.loads(line)
        if found["finding_info"]["analytic"]["uid"] == _RULE:
            event = json.loads(found["evidences"][0]["data"]["raw_data"])
            met.append((found["time"], str(event["SourceProcessGUID"]).strip("{}").lower(), str(event["Hostname"])))
    _, seed, host = min(met)
    return seed, host


def _events(path: Path) -> Iterator[Mapping[str, object]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for line in archive.read(name).splitlines():
                if b"Sysmon" in line:
                    yield json.loads(line)


def _truth(events: Iterable[Mapping[str, object]], seed: str) -> set[str]:
    parents: dict[str, str] = {}
    images: dict[str, str] = {}
    children: defaultdict[str, list[str]] = defaultdict(list)
    did: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        kind, guid = str(event["EventID"]), str(event.get("ProcessGuid", "")).strip("{}").lower()
        if kind == _START:
            parent = str(event["ParentProcessGuid"]).strip("{}").lower()
            parents[guid], images[guid] = parent, str(event["Image"]).lower()
            children[parent].append(guid)
        elif kind == _WRITE:
            did[guid].add(str(event["TargetFilename"]).lower())
        elif kind == _CONNECT:
            did[guid].add(f"{event['DestinationIp']}:{event['DestinationPort']}")
    root = above = seed
    while above in parents:
        root = above if "\\users\\" in images[above] else root
        above = parents[above]
    truth, waiting = set[str](), [root]
    while waiting:
        guid = waiting.pop()
        truth |= {guid, *did[guid]}
        waiting += children[guid]
    return truth


def _scored(found: set[str], truth: set[str]) -> tuple[float, float]:
    """Return recall and precision."""
    return len(found & truth) / len(truth), len(found & truth) / len(found)
