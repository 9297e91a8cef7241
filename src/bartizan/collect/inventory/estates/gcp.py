"""Read running projects, folders and organizations of Google Cloud, and recordings of them: assets, understood by what reads exports."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import GcpReading
from bartizan.collect.inventory.live.gcp.collector import collect, named, read_recordings
from bartizan.collect.inventory.live.gcp.credentials import Google, default
from bartizan.collect.inventory.live.rest.client import Connections

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.live.gcp.collector import Sought
    from bartizan.collect.inventory.live.gcp.credentials import Credentials

__all__ = ["read", "recorded"]


def read(sought: Sought, *, credentials: Credentials | None = None) -> Facts:
    """Read nodes and all below them with credentials, those of the environment where none are given.

    UsageError where a node is none; MissingExtra where credentials are to be found and the extra 'gcp' is not installed; InputError where
    there are none.
    """
    for node in sought.nodes:
        named(node)
    with closing(Connections(Google(credentials or default()))) as client:
        return collect(client, GcpReading("live"), sought).facts


def recorded(*files: Path) -> Facts:
    """Make facts of what was kept in files: together, for what is above several targets is there once."""
    return read_recordings(GcpReading("recording"), files)
