"""Build outcomes for tests: small ones by hand, large ones from a seed."""

from __future__ import annotations

import random

from bartizan.detect.contract import Evidence, FileBalance, Group, Outcome, RuleVerdict
from bartizan.rules.contract import Refusal, Rule
from bartizan.schema.entities import Entity, EntityKind
from bartizan.schema.logsource import Logsource

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
"""2023-11-14 22:13:20 UTC."""

WINDOWS = Logsource("windows", "process_creation")
TACTICS = ("execution", "persistence", "stealth", "credential-access", "discovery", "lateral-movement", "exfiltration")
TECHNIQUES = ("t1059.001", "t1547.001", "t1036.003", "t1003.001", "t1087.002", "t1021.002", "t1567.002")


def host(name: str) -> Entity:
    return Entity(EntityKind.HOST, name)


def user(name: str) -> Entity:
    return Entity(EntityKind.USER, name)


def rule(number: int, *, level: str = "high", tags: tuple[str, ...] = ("attack.execution", "attack.t1059.001"), title: str = "") -> Rule:
    return Rule(
        id=f"00000000-0000-4000-8000-{number:012d}",
        title=title or f"Rule number {number}",
        path=f"rules/rule_{number}.yml",
        logsource=WINDOWS,
        level=level,
        status="test",
        description=f"What rule {number} looks for.",
        author="The rule's author",
        tags=tags,
        references=("https://example.com/reference",),
        falsepositives=("Administrators at work",),
    )


def evidence(number: int, at: int, raw: str = "", **matched: str) -> Evidence:
    return Evidence(
        record_id=f"{number:032x}",
        finding_uid=f"{number + 1:032x}",
        time=START + at * SECOND,
        path="logs/day.json",
        record=number,
        raw=raw or f'{{"EventID":1,"RecordNumber":{number},"CommandLine":"tool.exe --run {number}"}}',
        matched=matched or {"CommandLine": f"tool.exe --run {number}"},
        ocsf={"class_uid": 1007, "device.hostname": "ws-1", "process.cmd_line": f"tool.exe --run {number}"},
    )


def group(made: Rule, *entities: Entity, at: int = 0, count: int = 1, lasting: int = 0, samples: tuple[Evidence, ...] = ()) -> Group:
    number = int(made.id[-12:]) * 1_000_000 + at
    return Group(
        rule=made,
        entities=tuple(sorted(entities, key=str)),
        count=count,
        first=START + at * SECOND,
        last=START + (at + lasting) * SECOND,
        samples=samples or (evidence(number, at),),
    )


def outcome(*groups: Group, partial: str = "", balance: tuple[FileBalance, ...] = (), refused: tuple[Refusal, ...] = ()) -> Outcome:
    rules = {one.rule.id: one.rule for one in groups}
    counts = {key: sum(one.count for one in groups if one.rule.id == key) for key in rules}
    idle = RuleVerdict(rule(9_999, title="An idle rule"), "cannot-fire", "no linux/auditd records were read")
    files = balance or (FileBalance(path="logs/day.json", source="windows-json", read=1_000, stored=990, duplicate=10, bytes=2_000_000),)
    return Outcome(
        balance=files,
        verdicts=(*(RuleVerdict(made, "running", "", counts[key]) for key, made in rules.items()), idle),
        refused=refused,
        groups=groups,
        findings=sum(one.count for one in groups),
        events=sum(one.stored for one in files),
        first=START,
        last=START + 86_400 * SECOND,
        partial=partial,
        by_source={"windows-json": sum(one.stored for one in files)},
    )


def intrusion() -> Outcome:
    """An intrusion over two hosts and an address, in the noise of a rule that fires on forty hosts."""
    ws, srv, intruder = host("ws-7.corp.example"), host("srv-files.corp.example"), user(r"corp\j.doe")
    address = Entity(EntityKind.IP, "198.51.100.23")
    steps = [
        group(
            rule(number + 1, level=level, tags=(f"attack.{tactic}", f"attack.{technique}"), title=title),
            *who,
            at=at,
            count=count,
            lasting=30,
        )
        for number, (level, tactic, technique, title, who, at, count) in enumerate(
            [
                ("medium", "initial-access", "t1566.001", "Office program starts a script host", (ws, intruder), 3_000, 1),
                ("high", "execution", "t1059.001", "Encoded PowerShell command line", (ws, intruder), 3_060, 4),
                ("high", "persistence", "t1547.001", "Run key that points to a temporary folder", (ws, intruder), 3_300, 1),
                ("critical", "credential-access", "t1003.001", "Memory of LSASS written to a file", (ws, intruder), 4_000, 1),
                (
                    "high",
                    "lateral-movement",
                    "t1021.002",
                    "Service created over an administrative share",
                    (srv, intruder, address),
                    5_200,
                    2,
                ),
                ("low", "discovery", "t1087.002", "Members of a domain group listed", (srv, intruder), 5_300, 12),
                ("critical", "exfiltration", "t1567.002", "Archive sent to cloud storage", (srv, address), 9_000, 3),
            ]
        )
    ]
    noisy = rule(50, level="medium", tags=("attack.discovery", "attack.t1082"), title="System information queried by the inventory agent")
    noise = [group(noisy, host(f"ws-{number}.corp.example"), at=60 * number, count=24, lasting=80_000) for number in range(40)]
    quiet = rule(51, level="informational", tags=(), title="Software installed")
    files = (
        FileBalance(
            path="logs/windows/security.evtx",
            source="windows-evtx",
            read=80_000,
            stored=79_500,
            unparsed=12,
            duplicate=488,
            bytes=71_303_168,
        ),
        FileBalance(path="logs/windows/sysmon.ndjson.gz", source="windows-json", read=120_000, stored=120_000, bytes=9_437_184),
        FileBalance(
            path="logs/proxy/access.log",
            source="access-log",
            read=52_345,
            stored=52_300,
            unparsed=45,
            bytes=7_340_032,
            problems=("cut off in the middle of line 52,346",),
        ),
        FileBalance(path="logs/photo.jpg", source="", read=0, bytes=204_800, problems=("binary data that no source reads",)),
    )
    refused = (Refusal("rules/broken.yml", 7, "level: 'hihg' is no level (did you mean 'high'?)"),)
    return outcome(*steps, *noise, group(quiet, at=20_000, count=7), balance=files, refused=refused)


def crowd(findings: int = 30_000, rules: int = 400, seed: int = 7) -> Outcome:
    """Many findings of many rules over 600 hosts and 300 users, with raw records of 2 kB: for bounds on size and time."""
    chance = random.Random(seed)
    levels = ("critical", "high", "high", "medium", "medium", "medium", "low", "low", "informational")
    made = [
        rule(
            number,
            level=levels[number % len(levels)],
            tags=(f"attack.{TACTICS[number % 7]}", f"attack.{TECHNIQUES[number % 7]}"),
            title=f"Behaviour number {number} that somebody once saw in an intrusion",
        )
        for number in range(rules)
    ]
    groups = []
    while findings > 0:
        count = min(findings, chance.choice((1, 1, 1, 2, 5, 20)))
        at = chance.randrange(86_400 * 3)
        who = (host(f"ws-{chance.randrange(600)}"), user(f"corp\\user-{chance.randrange(300)}"))
        raw = '{"EventID":1,"CommandLine":"' + '\\"tool\\" <b> & ' * 140 + f'{findings}"}}'
        groups.append(group(chance.choice(made), *who, at=at, count=count, lasting=600, samples=(evidence(findings, at, raw),)))
        findings -= count
    return outcome(*groups)
