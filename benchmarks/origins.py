"""The same estate read live, from Terraform and from what the command line printed: the same findings, where the origin carries the fact.

An Azure that the tests emulate, and a Google Cloud on loopback, are read live and from an export as well.

The labs' main account is made in a moto server from what we read of its Terraform, read live, and printed as an auditor would print it.
A judgement that both origins can reach must be the same; one that only one can reach is counted, with why the other cannot.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks._cloud import REGION, emulated
from benchmarks._cloud_seed import seed
from benchmarks.account import LABS
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts
    from benchmarks._cloud import Emulated
    from benchmarks._cloud_seed import Seeded

_PRINTED: Final = (
    ("iam", "get_account_authorization_details"),
    ("iam", "list_roles"),
    ("iam", "get_credential_report"),
    ("ec2", "describe_security_groups"),
    ("ec2", "describe_instances"),
    ("ec2", "describe_volumes"),
    ("lambda", "list_functions"),
    ("ssm", "describe_parameters"),
    ("s3", "list_buckets"),
)
"""What an auditor prints: no call that is made for one thing."""
_PAIRS: Final = (("terraform", "live"), ("live", "export"), ("terraform", "export"))
_NOW: Final = datetime(2026, 11, 27, tzinfo=UTC)
Key = tuple[str, str, str]
"""Check, kind and name: the uids of machines and groups are the provider's to choose."""


def measure() -> Result:
    """Read the estate in three ways and compare what is said of it."""
    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.live.aws.caller import Connection
    from bartizan.collect.inventory.live.aws.collector import collect
    from bartizan.collect.inventory.reading import read

    if not LABS.is_dir():
        return skipped("origins", f"{LABS} is not there")
    labs = read([LABS])
    ((main, _count),) = Counter(one.account for one in labs.resources).most_common(1)
    mine = Facts(**{name: getattr(labs, name) for name in Facts.__slots__})
    mine.resources = [one for one in labs.resources if one.account == main]
    with emulated() as cloud, tempfile.TemporaryDirectory() as folder:
        seeded = seed(cloud, mine)
        live = collect([cloud.session()], regions=[REGION], connection=Connection(endpoint=cloud.endpoint)).facts
        _print(cloud, Path(folder))
        export = read([folder])
    origins = {"terraform": mine, "live": live, "export": export}
    judged = {name: _judged(facts) for name, facts in origins.items()}
    statements = {name: _statements(facts, seeded) for name, facts in origins.items()}
    details: dict[str, object] = {}
    differ = 0
    for one, other in _PAIRS:
        told, wrong = _compared(judged[one], judged[other])
        missing = statements[one] ^ statements[other]
        details[f"{one} and {other}"] = {**told, "statements of the same principals in one alone": len(missing)}
        differ += wrong + len(missing)
    details["azure: live and export"], wrong = _azure()
    differ += wrong
    details["gcp: live and export"], wrong = _gcp()
    differ += wrong
    details["labs that could not be made"] = len(seeded.failed)
    return Result(name="origins", figure=differ, unit="judgements and statements that differ", bar=0, higher=False, details=details)


def _azure() -> tuple[dict[str, object], int]:
    """Read an emulated Azure live, and the same from rows that it exports."""
    from contextlib import closing

    from tests.collect.inventory.live.azure.estate import emulated as azure
    from tests.collect.inventory.live.azure.estate import exported, wide
    from tests.collect.inventory.live.rest.places import Bearer

    from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
    from bartizan.collect.inventory.exports.reading import read_exports
    from bartizan.collect.inventory.live.azure.collector import Sought, caller_of, collect
    from bartizan.collect.inventory.live.rest.client import Connections

    estate = wide()
    with azure(estate) as cloud, closing(Connections(Bearer(estate.token))) as client, tempfile.TemporaryDirectory() as folder:
        live = collect(caller_of(client), cloud, AzureReading(), Sought(subscriptions=["Shop", "Empty"], settings=True))
        rows = Path(folder) / "rows.json"
        rows.write_text(json.dumps(exported(estate)))
        export = read_exports([str(rows)])
    told, wrong = _compared(_judged(live.facts), _judged(export))
    return {**told, "requests": sum(live.made.values())}, wrong


def _gcp() -> tuple[dict[str, object], int]:
    """Read a Google Cloud on loopback live, in bulk and by the lists of its services, and the same from what the inventory exports."""
    from tests.collect.inventory.live.gcp.asking import read

    from bartizan.collect.inventory.exports.reading import read_exports
    from benchmarks._gcp import exported, google, refused

    with google() as cloud, tempfile.TemporaryDirectory() as folder:
        live = read(cloud, "organizations/9")
        cloud.refuse("cloudasset", refused(403, "PERMISSION_DENIED", "no"))
        lists = read(cloud, "organizations/9")
        assets = Path(folder) / "assets.ndjson"
        assets.write_text(exported(cloud.things, "organizations/9"))
        export = read_exports([str(assets)])
    told, wrong = _compared(_judged(live.facts), _judged(export))
    listed, more = _compared(_judged(live.facts), _judged(lists.facts))
    return {**told, "by lists of services": listed, "requests": sum(live.made.values())}, wrong + more


def _print(cloud: Emulated, folder: Path) -> None:
    """Write what the command line prints."""
    for service, operation in _PRINTED:
        client = cloud.client(service)
        pages = client.can_paginate(operation)
        answer = client.get_paginator(operation).paginate().build_full_result() if pages else getattr(client, operation)()
        answer.pop("ResponseMetadata", None)
        (folder / f"{service}-{operation}.json").write_text(json.dumps(answer, default=_written))


def _written(value: Any) -> str:  # noqa: ANN401 - what botocore makes of answers
    import base64

    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def _judged(facts: Facts) -> dict[Key, tuple[str, str]]:
    """Return the verdict of each check of each thing, and why."""
    from bartizan.review.cloud.checks.judging import review
    from bartizan.workbench.cloud import checks_of

    return {(one.check, one.resource.kind, one.resource.name): (one.verdict.value, one.why) for one in review(facts, checks_of(), now=_NOW)}


def _compared(one: Mapping[Key, tuple[str, str]], other: Mapping[Key, tuple[str, str]]) -> tuple[dict[str, object], int]:
    both = one.keys() & other.keys()
    told = [key for key in both if "unknown" not in (one[key][0], other[key][0])]
    wrong = sorted(key for key in told if one[key][0] != other[key][0])
    silent = Counter(_reason(side[key][1]) for key in both for side in (one, other) if side[key][0] == "unknown")
    return {
        "judged by both": len(told),
        "differ": [f"{'/'.join(key)}: {one[key]}, {other[key]}" for key in wrong],
        "one of them cannot tell, because": dict(silent.most_common(6)),
        "things of the first alone, by kind": dict(Counter(key[1] for key in one.keys() - both).most_common(6)),
        "things of the second alone, by kind": dict(Counter(key[1] for key in other.keys() - both).most_common(6)),
    }, len(wrong)


def _reason(why: str) -> str:
    """Return why something is unknown, without of what."""
    return next((word for word in ("not-in-origin", "not-implemented", "no Terraform file tells it", "hangs on") if word in why), why[:60])


def _statements(facts: Facts, seeded: Seeded) -> frozenset[tuple[object, ...]]:
    """Return who may do what of the principals that were made, in one account's words."""
    made = {(one.kind, one.name) for one in seeded.facts.resources if one.kind in ("iam_role", "iam_user", "iam_group")}
    names = {f":{kind.removeprefix('iam_')}/{name}" for kind, name in made}
    targets: dict[str, str] = {}
    for one in facts.attachments:
        end = next((part for part in (_tail(one.target),) if part in names), "")
        if end and one.kind in ("identity", "trust", "boundary") and "#" in one.policy:
            targets[one.policy] = end
    return frozenset(
        (
            targets[one.policy],
            one.policy.partition("#")[2],
            one.effect,
            *(tuple(sorted(map(seeded.mine, part))) for part in (one.actions, one.resources, one.not_actions, one.not_resources)),
        )
        for one in facts.statements
        if one.policy in targets
    )


def _tail(uid: str) -> str:
    kind, _, rest = uid.rpartition(":")[2].partition("/")
    return f":{kind}/{rest.rpartition('/')[2]}"
