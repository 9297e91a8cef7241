"""Read running subscriptions of Azure, and recordings of them: rows as exports have them, understood by what reads exports."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.live.azure.clouds import cloud_at
from bartizan.collect.inventory.live.azure.collector import caller_of, collect, read_recording
from bartizan.collect.inventory.live.azure.credentials import Tokens, default_credential
from bartizan.collect.inventory.live.rest.client import Connections

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bartizan.collect.inventory.live.azure.collector import Sought
    from bartizan.collect.inventory.live.azure.credentials import TokenCredential

__all__ = ["read", "recorded"]


class _Nobody:
    """Lets in where everybody is."""

    def headers(self, _url: str) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def forget(self, _url: str) -> None:
        """Have nothing to forget."""


def read(sought: Sought | None = None, *, endpoint: str = "", tenant: str = "", credential: TokenCredential | None = None) -> Facts:
    """Read subscriptions with a credential, that of the environment where none is given; ``endpoint`` for another Azure than that of all.

    MissingExtra where a credential is to be found and the extra 'azure' is not installed; InputError where Azure does not let it in.
    """
    with closing(Connections(_Nobody())) as anybody:
        cloud = cloud_at(endpoint, anybody)
    with closing(Connections(Tokens(credential or default_credential(cloud, tenant=tenant), cloud))) as client:
        return collect(caller_of(client), cloud, AzureReading(), sought).facts


def recorded(*files: Path) -> Facts:
    """Make facts of what was kept in files."""
    facts = Facts()
    for file in files:
        facts.add(read_recording(file, AzureReading()))
    return facts
