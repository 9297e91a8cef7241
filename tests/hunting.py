"""Small logs, small rules, and hunts through them."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan.collect.limits import Limits
from bartizan.collect.units import units
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.run import Means, run
from bartizan.detect.hunt.setup import judge_for, rules_for
from bartizan.detect.hunt.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.detect.contract import FileBalance, Outcome

NOW = 1_795_430_000_000_000_000
"""2026-11-23T10:33:20Z."""
TINY = Limits(chunk=4096)
"""Files larger than 4 kB are read in several units."""

SSH_ROOT = """
title: Root came in by password
id: 11111111-1111-4111-8111-111111111111
status: test
level: high
tags: [attack.initial-access, attack.t1078.003]
logsource: {product: linux, service: sshd}
detection:
  words: [Accepted password for root]
  condition: words
"""
SSH_FAILED = """
title: A login failed
id: 22222222-2222-4222-8222-222222222222
status: stable
level: low
tags: [attack.credential-access, attack.t1110]
logsource: {product: linux, service: sshd}
detection:
  words: [Failed password]
  condition: words
"""
WHOAMI = """
title: Somebody asks who they are
id: 33333333-3333-4333-8333-333333333333
status: experimental
level: medium
tags: [attack.discovery, attack.t1033, cve.2021-44228]
logsource: {product: windows, category: process_creation}
detection:
  asked: {Image|endswith: '\\whoami.exe'}
  condition: asked
"""
INTEGRITY = """
title: A process of odd integrity
id: 44444444-4444-4444-8444-444444444444
level: critical
logsource: {product: windows, category: process_creation}
detection:
  odd: {IntegrityLevel: Odd}
  condition: odd
"""
CLOUD = """
title: A cloud matter
id: 55555555-5555-4555-8555-555555555555
level: informational
logsource: {product: aws, service: cloudtrail}
detection:
  event: {eventName: StopLogging}
  condition: event
"""
BROKEN = (
    "title: Broken\nid: 66666666-6666-4666-8666-666666666666\nlevel: hihg\nlogsource: {product: linux}\n"
    "detection: {a: {b: c}, condition: a}\n"
)
PACK = {
    "root.yml": SSH_ROOT,
    "failed.yml": SSH_FAILED,
    "whoami.yml": WHOAMI,
    "integrity.yml": INTEGRITY,
    "cloud.yml": CLOUD,
    "broken.yml": BROKEN,
}


FAILED = """
title: A login failed
name: failed
id: a1111111-1111-4111-8111-111111111111
level: low
logsource: {product: linux, service: sshd}
detection: {words: [Failed password], condition: words}
"""
ACCEPTED = """
title: A login worked
name: accepted
id: a2222222-2222-4222-8222-222222222222
level: low
logsource: {product: linux, service: sshd}
detection: {words: [Accepted password], condition: words}
"""


def pack(folder: Path, rules: Mapping[str, str] = PACK) -> Path:
    """Write a rule pack."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in rules.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def accepted(number: int, *, user: str = "root", host: str = "web-01") -> str:
    """Return an sshd line; the number is its second of 2026-11-23 and its port."""
    clock = f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
    return f"Nov 23 {clock} {host} sshd[2112]: Accepted password for {user} from 203.0.113.50 port {number} ssh2\n"


def failed(number: int) -> str:
    """Return an sshd line of a login that failed."""
    return accepted(number).replace("Accepted", "Failed")


def process(number: int, image: str = "C:\\Windows\\System32\\whoami.exe", **more: object) -> str:
    """Return a Sysmon process creation as flat JSON."""
    clock = f"2026-11-23 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"
    event = {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "Hostname": "ws-1.corp.example",
        "EventTime": clock,
        "UtcTime": f"{clock}.000",
        "RecordNumber": number,
        "ProcessId": str(number),
        "Image": image,
        "CommandLine": image,
        "User": "CORP\\analyst",
        **more,
    }
    return json.dumps(event) + "\n"


def write(path: Path, lines: Iterable[str]) -> Path:
    """Write a log, last changed when the tests' day was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    os.utime(path, ns=(NOW, NOW))
    return path


@dataclass(frozen=True)
class Told:
    """What a hunt gave: its outcome and its findings, as bytes and as objects."""

    outcome: Outcome
    text: bytes

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def sights(self) -> list[tuple[str, str, int]]:
        """Return the rule's first digit, the file's name and the record's number of each finding."""
        found = [(one["finding_info"]["analytic"]["uid"], one["evidences"][0]["data"]["origin"]) for one in self.findings]
        return [(uid[:1], Path(origin["path"]).name, origin["record"]) for uid, origin in found]

    @property
    def counts(self) -> dict[str, tuple[int, int, int, int]]:
        """Return read, stored, unparsed and duplicate of each file."""
        return {Path(one.path).name: counts(one) for one in self.outcome.balance}

    @property
    def verdicts(self) -> dict[str, tuple[str, str]]:
        """Return verdict and reason by the rule's first digit."""
        return {one.rule.id[:1]: (one.verdict, one.reason) for one in self.outcome.verdicts}


def counts(one: FileBalance) -> tuple[int, int, int, int]:
    return one.read, one.stored, one.unparsed, one.duplicate


def hunted(paths: Sequence[Path], rules: Path, *, limits: Limits | None = None, workers: int = 1, **asked: Any) -> Told:  # noqa: ANN401 - any of the request's own options
    """Hunt with the parts that the workbench puts together, with limits of one's own."""
    request = Request(rules=(rules,), now=NOW, **asked)
    loaded = rules_for(request)
    with closing(Spool()) as spool:
        means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool, workers=workers)
        outcome = run(units([str(path) for path in paths], limits=limits), request, means)
        groups = [replace(group, samples=tuple(group.samples)) for group in outcome.groups]
        return Told(replace(outcome, groups=groups), b"".join(spool.blocks()))
