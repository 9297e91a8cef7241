"""Read AWS Config: snapshots and histories as it delivers them, and what `aws configservice select-resource-config` prints.

A configuration item holds what the API told when it last changed, under names of its own; it is turned into the answer that it was made
from, so that both are read the same. Types that are not known are gaps, as is what no configuration item holds.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Gap
from bartizan.collect.inventory.exports.aws.answers import Kept
from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.inventory.expressions import evaluate, placed
from bartizan.collect.inventory.live.aws.accounts import HOMES
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.documents import Refused, documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Origin, Value

__all__ = ["FORMAT"]

_WRAPPERS: Final = ("configurationItems", "baseConfigurationItems")
_GONE: Final = frozenset({"ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded"})
_TAGS: Final = "resourcegroupstaggingapi:GetResources"
_GLOBAL: Final = frozenset({"global", ""})


@cache
def _types() -> Mapping[str, Mapping[str, Any]]:
    """Return how each type is told."""
    (document,) = documents(files(__package__).joinpath("config_types.yml").read_bytes())
    if isinstance(document, Refused):
        raise document
    rows: Any = document.value
    return {row["type"]: row for row in rows}


def _claims(record: Mapping[str, Value]) -> bool:
    if any(isinstance(record.get(name), list) for name in _WRAPPERS):
        return True
    results = record.get("Results")
    if isinstance(results, list) and "QueryInfo" in record:
        return True
    return str(record.get("resourceType", "")).startswith("AWS::") and "configuration" in record


class Config:
    """The items of all files; of an item that comes twice the later one holds."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._items: dict[tuple[str, str, str, str], tuple[str, Mapping[str, Any], Origin]] = {}
        self._unknown: Counter[str] = Counter()
        self._gaps: list[Gap] = []

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take an item, or a file of items."""
        for item in _items(record):
            told = str(item.get("resourceType", ""))
            if told not in _types() or not isinstance(_held(item.get("configuration")), dict):
                self._unknown[told or "no type"] += 1
                continue
            key = (_text(item, "awsAccountId", "accountId"), _text(item, "awsRegion"), told, _text(item, "arn", "ARN", "resourceId"))
            when = _text(item, "configurationItemCaptureTime")
            known = self._items.get(key)
            if known is None or known[0] <= when:
                self._items[key] = (when, item, origin)

    def facts(self) -> Facts:
        """Return the facts of all items that are still there."""
        kept = Kept()
        for (account, region, told, _uid), (_when, item, origin) in self._items.items():
            if item.get("configurationItemStatus") in _GONE:
                continue
            partition = next((part for part in HOMES if f"arn:{part}:" in _text(item, "arn", "ARN")), "aws")
            place = Place(account, HOMES[partition] if region in _GLOBAL or told.startswith("AWS::IAM::") else region, partition)
            _put(kept, place, _types()[told], _scope(item, region), origin)
        facts = kept.facts() if self._items else Facts()
        for told, count in sorted(self._unknown.items()):
            detail = f"{count} items of {told}: that type is not read, or its configuration is missing"
            facts.gaps.append(Gap(provider="aws", call="AWS Config", reason="not-implemented", detail=detail, kinds=(told,)))
        return facts


def _put(kept: Kept, place: Place, told: Mapping[str, Any], scope: Mapping[str, Any], origin: Origin) -> None:
    home = Place(place.account, HOMES.get(place.partition, ""), place.partition)
    listed = told["list"]
    once = listed["call"].partition(":")[0] in ("s3", "iam")
    kept.put(home if once else place, listed["call"], evaluate(listed["as"], scope), origin)
    tagged = [{"ResourceARN": scope["arn"], "Tags": scope["tags"]}] if scope["tags"] else []
    kept.put(place, _TAGS, {"ResourceTagMappingList": tagged}, origin)
    for one in told.get("single", ()):
        if "when" not in one or evaluate(one["when"], scope):
            kept.put_one(Call.of(place, one["call"], placed(one["with"], scope)), evaluate(one["as"], scope))


def _items(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "Results" in record and "configuration" not in record:
        rows = [_held(row) for row in record["Results"]]
    else:
        rows = next((record[name] for name in _WRAPPERS if isinstance(record.get(name), list)), [record])
    yield from (row for row in rows if isinstance(row, dict))


def _scope(item: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    configuration = _held(item.get("configuration"))
    supplementary = {key: _held(value) for key, value in (item.get("supplementaryConfiguration") or {}).items()}
    tags = _tags(item.get("tags"))
    pascal = _pascal(configuration)
    return {
        "configuration": configuration,
        "pascal": {**pascal, **({"Tags": tags} if tags or "Tags" not in pascal else {})},
        "supplementary": {**supplementary, "_pascal": _pascal(supplementary)},
        "tags": tags,
        "arn": _text(item, "arn", "ARN"),
        "name": item.get("resourceName") or item.get("resourceId"),
        "region": region,
    }


def _tags(told: Any) -> list[dict[str, str]]:  # noqa: ANN401 - JSON
    if isinstance(told, dict):
        return [{"Key": key, "Value": str(value)} for key, value in told.items()]
    return [{"Key": one.get("key", ""), "Value": one.get("value", "")} for one in told or () if isinstance(one, dict)]


def _pascal(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a configuration with the names that the API has."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _pascal(each) for key, each in value.items()}
    return [_pascal(each) for each in value] if isinstance(value, list) else value


def _held(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return what a text of JSON holds, and anything else as it is."""
    if not isinstance(value, str) or value[:1] not in "{[":
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _text(item: Mapping[str, Any], *names: str) -> str:
    return next((str(item[name]) for name in names if item.get(name)), "")


FORMAT = Format(
    name="aws-config",
    provider="aws",
    title="snapshots, histories and query results of AWS Config",
    claims=_claims,
    begin=Config,
)
