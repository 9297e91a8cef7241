"""Read what the AWS command line prints, kept as files: the account authorization details of IAM, and what lists things of a kind.

An answer does not say what it answers: that is told by the name of its list and by what the things in it have. Whose it is, is told by
the ARNs, owners and zones in it. What needs a call for each thing (the policy of a bucket) stands in no such file, and is a gap.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Origin
from bartizan.collect.inventory.exports.aws.answers import Kept, is_bulk
from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.inventory.expressions import evaluate, placed
from bartizan.collect.inventory.live.aws.accounts import HOMES
from bartizan.collect.inventory.live.aws.calls import Place
from bartizan.collect.inventory.live.aws.iam import CALL
from bartizan.collect.inventory.live.aws.sections import sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts, Value
    from bartizan.collect.inventory.live.aws.sections import Section

__all__ = ["FORMAT"]

_DETAILS: Final = frozenset({"UserDetailList", "GroupDetailList", "RoleDetailList"})
_OTHERS: Final[Mapping[str, str]] = {
    "CacheClusters": "elasticache:DescribeCacheClusters",
    "FlowLogs": "ec2:DescribeFlowLogs",
    "InstanceInformationList": "ssm:DescribeInstanceInformation",
    "ResourceTagMappingList": "resourcegroupstaggingapi:GetResources",
    "Roles": "iam:ListRoles",
    "ScalableTargets": "application-autoscaling:DescribeScalableTargets",
    "SummaryMap": "iam:GetAccountSummary",
    "metricFilters": "logs:DescribeMetricFilters",
}
"""Lists that tell of things which another call lists."""
_TOO_COMMON: Final = frozenset({"item", "items"})
"""Names that other clouds use too: what says no more is not claimed."""
_FIRST: Final = re.compile(rb'\s*\{\s*"(\w+)"\s*:\s*[\[{]')
_ARN: Final = re.compile(r'"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z0-9-]*):(\d{12}):')
_OWNER: Final = re.compile(r'"(?:OwnerId|VpcOwnerId)":\s*"(\d{12})"')
_ZONE: Final = re.compile(r'"AvailabilityZone":\s*"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]"')


@cache
def _lists() -> Mapping[str, tuple[Section, ...]]:
    """Return, by name of the list in an answer, the sections whose things stand in it."""
    found: defaultdict[str, list[Section]] = defaultdict(list)
    for section in sections():
        step = section.listing.steps[0]
        name = re.match(r"\w+", step.items)
        if name and len(section.listing.steps) == 1 and is_bulk(step):
            found[name[0]].append(section)
    return {name: tuple(held) for name, held in found.items() if name not in _TOO_COMMON | _DETAILS}


def _calls(document: Mapping[str, Any]) -> set[str]:
    """Return the calls of which a document may be the answer."""
    if len(_DETAILS & document.keys()) > 1:
        return {CALL}
    if {"Content", "ReportFormat"} <= document.keys():
        return {"iam:GetCredentialReport"}
    found = {_OTHERS[name] for name in document.keys() & _OTHERS.keys() if isinstance(document[name], list | dict)}
    for name in document.keys() & _lists().keys():
        if isinstance(document[name], list | dict):
            found |= {section.listing.steps[0].call for section in _lists()[name] if _fits(section, document)}
    return found


def _fits(section: Section, document: Mapping[str, Any]) -> bool:
    """Say whether the things of a document can be of a section: they have a uid, and half of what it looks for."""
    items = evaluate(section.listing.steps[0].items, document)
    if not isinstance(items, list) or not items:
        return items == []
    scope = {**items[0], "_it": items[0]} if isinstance(items[0], dict) else {"_it": items[0]}
    marks = {"_account": "", "_region": "", "_here": ":", "_partition": "aws", "_of": {}}
    if placed(section.listing.uid, {**scope, **marks}) is None:
        return False
    named = {found[0] for text in section.listing.gives.values() if (found := re.match(r"[A-Za-z]\w*(?=$|[.\[ ])", text))}
    return not named or 2 * len(named & scope.keys()) >= len(named)


def _claims(record: Mapping[str, Value]) -> bool:
    return bool(_calls(record))


def _takes(head: bytes) -> bool:
    """Say whether a file is one answer that holds one list, which would otherwise be taken apart."""
    first = _FIRST.match(head)
    return first is not None and first[1].decode() in {*_lists(), *_OTHERS}


class CommandLine:
    """Everything that the command line told so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._taken: list[tuple[str, Mapping[str, Any], Origin, tuple[str, str, str]]] = []
        self._gaps: list[Gap] = []

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take one answer."""
        whose = _whose(json.dumps(record))
        for name in sorted(_calls(record)):
            self._taken.append((name, record, origin, whose))

    def file(self, content: bytes, path: str) -> None:
        """Take a file that is one answer."""
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            self._gaps.append(Gap(provider="aws", call=path, reason="failed", detail=f"this is no JSON: {error}"))
            return
        if isinstance(document, dict) and _calls(document):
            self.take(document, Origin("export", path))
        else:
            detail = "its list is named as one of AWS, but what is in it is nothing that is known"
            self._gaps.append(Gap(provider="aws", call=path, reason="failed", detail=detail))

    def facts(self) -> Facts:
        """Return the facts of all answers; those that do not say whose they are belong to the account that the others are of."""
        partition, account, region = (_most(self._taken, number) for number in range(3))
        kept = Kept()
        for name, document, origin, whose in self._taken:
            at = Place(whose[1] or account, whose[2] or region, whose[0] or partition or "aws")
            if name.partition(":")[0] == "iam":
                at = Place(at.account, HOMES.get(at.partition, ""), at.partition)
            if not at.account:
                detail = "nothing says of which account it is"
                self._gaps.append(Gap(provider="aws", call=origin.path, reason="unresolved", detail=detail))
            kept.put(at, name, document, origin)
        facts = kept.facts()
        facts.gaps.extend(self._gaps)
        return facts


def _whose(text: str) -> tuple[str, str, str]:
    """Return partition, account and region that a document names most, "" for what it does not say."""
    arns = _ARN.findall(text)
    owners = [*(account for _partition, _region, account in arns), *_OWNER.findall(text)]
    regions = [*(region for _partition, region, _account in arns if region), *_ZONE.findall(text)]
    return (arns[0][0] if arns else "", _first(owners), _first(regions))


def _first(values: list[str]) -> str:
    return Counter(values).most_common(1)[0][0] if values else ""


def _most(taken: list[tuple[str, Mapping[str, Any], Origin, tuple[str, str, str]]], number: int) -> str:
    return _first([whose[number] for _name, _document, _origin, whose in taken if whose[number]])


FORMAT = Format(
    name="aws-cli",
    provider="aws",
    title="what `aws iam get-account-authorization-details` and `aws SERVICE describe-…|list-…` print",
    claims=_claims,
    begin=CommandLine,
    takes=_takes,
)
