"""Read everything below a node at once from the Cloud Asset Inventory: resources, IAM policies, organization policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from bartizan.collect.inventory.live.gcp.addresses import following
from bartizan.collect.inventory.live.gcp.sections import types
from bartizan.collect.inventory.live.rest.calls import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Value
    from bartizan.collect.inventory.live.calls import Answer, Ask, Failure
    from bartizan.collect.inventory.live.gcp.addresses import Addresses
    from bartizan.collect.inventory.live.rest.calls import Call

__all__ = ["CONTENTS", "Bulk"]

CONTENTS: Final = {
    "IAM_POLICY": "cloudasset.assets.listIamPolicy",
    "RESOURCE": "cloudasset.assets.listResource",
    "ORG_POLICY": "cloudasset.assets.listOrgPolicy",
}
"""What the inventory tells, and the permission that each needs."""
_PAGE: Final = 1000
_UNKNOWN_TYPE: Final = "INVALID_ARGUMENT"


class Bulk:
    """One content of the inventory below a node. ``failure`` says why it is not whole, once all assets were taken."""

    def __init__(self, ask: Ask[Call], addresses: Addresses, *, anew: Ask[Call] | None = None) -> None:
        """Ask through ``ask``; ``anew`` asks without looking at what was kept."""
        self._ask, self._addresses, self._anew = ask, addresses, anew
        self.failure: Failure | None = None
        self.refused: Failure | None = None
        """Why types could not be named: this inventory does not have one of them, and does not show which."""

    def assets(self, node: str, content: str) -> Iterator[dict[str, Value]]:
        """Yield the assets below a node, ``projects/ID`` or the like; of resources those that tell of a kind."""
        asked = [("contentType", content), ("pageSize", str(_PAGE))]
        narrowed = [("assetTypes", one) for one in types()] if content == "RESOURCE" else []
        self.failure = None
        for number, answer in enumerate(self._pages(node, content, [*asked, *narrowed])):
            self.failure = answer.failure
            if answer.failure is None:
                yield from _assets(answer)
            elif number == 0 and narrowed and answer.failure.code == _UNKNOWN_TYPE:  # a type that this inventory does not have
                self.refused = answer.failure
                yield from self._all(node, content, asked)
                return

    def _all(self, node: str, content: str, asked: list[tuple[str, str]]) -> Iterator[dict[str, Value]]:
        known = {one.lower() for one in types()}
        for answer in self._pages(node, content, asked):
            self.failure = answer.failure
            yield from (one for one in _assets(answer) if str(one.get("assetType", "")).lower() in known)

    def _pages(self, node: str, content: str, asked: list[tuple[str, str]]) -> Iterator[Answer]:
        address = f"cloudasset.googleapis.com/v1/{node}/assets?{urlencode(asked, safe='/')}"
        call = self._addresses.call(CONTENTS[content], address, account=node)
        return (answer for _page, answer in pages(self._ask, call, following, anew=self._anew))


def _assets(answer: Answer) -> list[dict[str, Value]]:
    listed = answer.document.get("assets")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
