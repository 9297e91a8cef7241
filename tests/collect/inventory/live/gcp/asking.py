"""Read the estate of the server on loopback."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.collect.inventory.live.rest.places import Bearer

from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import GcpReading
from bartizan.collect.inventory.live.gcp.collector import Collected, Sought, collect
from bartizan.collect.inventory.live.pace import Clock
from bartizan.collect.inventory.live.rest.client import Connections

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._gcp import Google

    from bartizan.collect.inventory.contract import Facts

HOSTS = ("cloudasset", "cloudresourcemanager", "iam", "orgpolicy", "serviceusage")
QUICK = {f"{name}.googleapis.com": 10_000.0 for name in HOSTS} | {f"iam.googleapis.com/{one}": 10_000.0 for one in ("v2", "v3")}
"""A pace that no test waits for."""


def read(google: Google, *targets: str, tries: int = 3, **more: Any) -> Collected:  # noqa: ANN401 - what is sought
    """Read targets, the project of the estate where none is named, without waiting for anything."""
    clock = Clock(time.monotonic, lambda _seconds: None)
    sought = Sought(nodes=targets or ("projects/shop",), endpoint=google.endpoint, rates=QUICK, tries=tries, threads=4, clock=clock, **more)
    with closing(Connections(Bearer())) as client:
        return collect(client, GcpReading("live"), sought)


def told(facts: Facts) -> dict[str, dict[str, Any]]:
    """Return what is said of each resource."""
    return {one.uid: {"kind": one.kind, "account": one.account, **one.properties, "?": one.unknown} for one in facts.resources}


def given(facts: Facts) -> Counter[tuple[str, str, str]]:
    """Return what is given to whom where."""
    return Counter((one.policy, one.target, one.scope) for one in facts.attachments)


def said(facts: Facts) -> Counter[tuple[str, tuple[str, ...]]]:
    """Return what roles and deny policies say."""
    return Counter((one.policy, one.actions) for one in facts.statements)


def missed(facts: Facts) -> list[tuple[str, str, str]]:
    """Return what could not be read: call, reason, where."""
    return [(gap.call, gap.reason, gap.uid or gap.account) for gap in facts.gaps]


def account_file(folder: Path, endpoint: str) -> Path:
    """Write the file of a service account whose tokens a server on loopback gives."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    told = {
        "type": "service_account",
        "project_id": "shop",
        "private_key_id": "k",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "reader@shop.iam.gserviceaccount.com",
        "token_uri": f"{endpoint}/token",
    }
    file = folder / "account.json"
    file.write_text(json.dumps(told))
    return file
