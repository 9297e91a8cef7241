"""Make the snapshot of the policies that AWS manages from the installed moto, which carries them: ``python tools/managed_policies.py``."""  # noqa: INP001 - a script

from __future__ import annotations

import gzip
import json
from importlib.metadata import version
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path("src/bartizan/collect/inventory/managed_aws.json.gz")

policies = json.loads(aws_managed_policies_data)
snapshot = {
    "source": f"moto {version('moto')}, iam/aws_managed_policies.py (Apache-2.0), as read from AWS",
    "date": max(one.get("UpdateDate") or one["CreateDate"] for one in policies.values())[:10],
    "policies": {f"{one['Path'].lstrip('/')}{name}": one["Document"] for name, one in sorted(policies.items())},
}
TARGET.write_bytes(gzip.compress(json.dumps(snapshot, separators=(",", ":")).encode(), 9, mtime=0))
