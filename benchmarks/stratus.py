"""Recorded attacks on an AWS account: for each technique, the detections of ours and of SigmaHQ that fire on its malicious action.

Each file of the field data is what CloudTrail wrote while one technique of Stratus Red Team was run. A technique counts as seen where a
rule fires on one of the calls that *are* the attack (listed here from that project's description of it), not on what is around them. A
rule that also fires on one in a hundred or more of all records of another account's exercise says nothing of the technique, and counts
for none: SigmaHQ's rule for assumed roles, for example, fires on whatever any role does.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks._field import SIGMA, sigma_packs
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ATTACKS = FIELD / "stratus"
EXERCISE = FIELD / "invictus-aws" / "CloudTrail"
BAR: Final = 13
NOISE: Final = 0.01
"""A rule that fires on this part of all records tells of none of them."""
MALICIOUS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws.credential-access.ec2-get-password-data": ("GetPasswordData",),
    "aws.credential-access.ec2-steal-instance-credentials": ("SendCommand", "GetCallerIdentity", "DescribeInstances"),
    "aws.defense-evasion.cloudtrail-event-selectors": ("PutEventSelectors",),
    "aws.defense-evasion.dns-delete-logs": ("DeleteResolverQueryLogConfig",),
    "aws.defense-evasion.organizations-leave": ("LeaveOrganization",),
    "aws.defense-evasion.vpc-remove-flow-logs": ("DeleteFlowLogs",),
    "aws.execution.ec2-launch-unusual-instances": ("RunInstances",),
    "aws.execution.ec2-user-data": ("ModifyInstanceAttribute",),
    "aws.exfiltration.ec2-security-group-open-port-22-ingress": ("AuthorizeSecurityGroupIngress",),
    "aws.exfiltration.ec2-share-ebs-snapshot": ("ModifySnapshotAttribute",),
    "aws.impact.bedrock-invoke-model": (
        "PutUseCaseForModelAccess",
        "CreateFoundationModelAgreement",
        "PutFoundationModelEntitlement",
        "InvokeModel",
    ),
    "aws.lateral-movement.ec2-serial-console-send-ssh-public-key": ("EnableSerialConsoleAccess", "SendSerialConsoleSSHPublicKey"),
    "aws.persistence.lambda-backdoor-function": ("AddPermission20150331v2",),
    "aws.persistence.lambda-layer-extension": ("UpdateFunctionConfiguration20150331v2",),
    "aws.persistence.rolesanywhere-create-trust-anchor": ("CreateTrustAnchor", "CreateProfile"),
    "aws.persistence.sts-federation-token": ("GetFederationToken",),
}


def measure() -> Result:
    """Hunt through every technique's records, once with our rules and once with SigmaHQ's."""
    if not ATTACKS.is_dir() or not SIGMA.is_dir() or not EXERCISE.is_dir():
        return skipped("stratus", "the field data is not here")
    files = sorted(ATTACKS.glob("aws*.json"))
    told: dict[str, list[str]] = defaultdict(list)
    packs = {"ours": ["starter"], "SigmaHQ": [word for word in sigma_packs() if word != "--rules"]}
    details: dict[str, object] = {}
    again: dict[str, list[str]] = defaultdict(list)
    for pack, rules in packs.items():
        exercise = _exercise(rules)
        details[f"findings of {pack} in the exercise"] = exercise.said
        for file in files:
            told[file.stem] += [f"{pack}: {title} ({times})" for title, times in sorted(_fired(file, rules, exercise.noisy).items())]
            calls = MALICIOUS.get(file.stem, ())
            there = sum((exercise.fired[call] for call in calls), Counter[str]())
            again[file.stem] += [f"{pack}: {title} ({times})" for title, times in sorted(there.items())]
    details |= {name: told[name] or "nothing fires" for name in sorted(told)}
    details |= {f"{name}, in the exercise": again[name] for name in sorted(again) if again[name]}
    for pack in packs:
        details[f"techniques that {pack} sees"] = sum(any(one.startswith(pack) for one in told[file.stem]) for file in files)
    seen = sum(bool(told[file.stem]) for file in files)
    return Result(name="stratus", figure=seen, unit=f"of {len(files)} techniques seen by a detection", bar=BAR, details=details)


def _fired(file: Path, rules: list[str], quiet: set[str]) -> Counter[str]:
    """Return how often which rules fire on the malicious calls of a file."""
    from bartizan.workbench import hunt

    malicious, found = MALICIOUS.get(file.stem, ()), Counter[str]()
    with hunt(file, rules=rules) as hunted:
        frame = hunted.findings()
    for title, rule, raw in zip(frame["title"], frame["rule_id"], frame["raw"], strict=True):
        if rule not in quiet and json.loads(raw)["eventName"] in malicious:
            found[title] += 1
    return found


@dataclass(frozen=True, slots=True)
class _Exercise:
    """What rules do in the exercise: which fire on too much to tell anything, and on which calls the others do, by title."""

    noisy: set[str]
    fired: Mapping[str, Counter[str]]
    said: str


def _exercise(rules: list[str]) -> _Exercise:
    from bartizan.workbench import hunt

    with hunt(EXERCISE, rules=rules) as hunted:
        records = int(hunted.balance()["read"].sum())
        frame = hunted.findings()
    fired = Counter(frame["rule_id"].to_list())
    noisy = {rule for rule, times in fired.items() if times >= NOISE * records}
    calls: dict[str, Counter[str]] = defaultdict(Counter)
    for title, rule, raw in zip(frame["title"], frame["rule_id"], frame["raw"], strict=True):
        if rule not in noisy:
            calls[json.loads(raw)["eventName"]][title] += 1
    kept = sum(times for rule, times in fired.items() if rule not in noisy)
    said = f"{kept} in {records:,} records, and {sum(fired.values()) - kept} of {len(noisy)} rules that fire on too much"
    return _Exercise(noisy, calls, said)
