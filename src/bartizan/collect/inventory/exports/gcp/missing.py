"""Keep what is not there apart from what was not read: policies, keys and parts that were refused, and metadata that is shown in part.

The inventory shows four switches of the metadata of machines and projects, and neither scripts nor keys; a list that was read to its end
tells that there is nothing more.
Source: Cloud Asset Inventory, "Asset types" (supported metadata fields of Instance and Project).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bartizan.collect.inventory.contract import Gap, Uid, Value
    from bartizan.collect.inventory.exports.drafts import Draft, Drafts
    from bartizan.collect.inventory.exports.gcp.assets import Asset

__all__ = ["Missing"]

_NOTHING: Final[tuple[tuple[str, str, str, Value], ...]] = (
    ("project", "services", "serviceusage.googleapis.com/service", []),
    ("project", "sinks", "logging.googleapis.com/logsink", False),
    ("project", "metric_filters", "logging.googleapis.com/logmetric", []),
    ("compute_network", "dns_logging", "dns.googleapis.com/policy", False),
)
"""By kind and property, which parts tell it, and what it is where there are none of them."""
_IN_PART: Final = {
    "compute.googleapis.com/instance": ("metadata.names", "ssh_keys", "startup_script"),
    "compute.googleapis.com/project": ("metadata.ssh_keys",),
}
"""By type, what the inventory does not show of metadata."""
_SHOWN: Final = "the inventory shows no metadata but four switches"


class Missing:
    """What was not read of an estate, and which lists of which projects were read to their end."""

    def __init__(self) -> None:
        """Begin with nothing missing."""
        self.gaps: list[Gap] = []
        self._whole: set[tuple[str, str]] = set()
        self._shown: dict[Uid, tuple[str, ...]] = {}
        self._told: set[Uid] = set()
        self._single: dict[Uid, list[Gap]] = {}
        self._wide: list[Gap] = []

    def wholly(self, account: str, types: Iterable[str]) -> None:
        """Note that all things of some types were read of a project."""
        self._whole |= {(account, type_.lower()) for type_ in types}

    def whole(self, account: str, type_: str) -> bool:
        """Say whether all things of a type were read of a project."""
        return (account, type_) in self._whole

    def metadata(self, asset: Asset, uid: Uid) -> None:
        """Note whether a record shows all metadata of a machine or of a project, which is ``uid``."""
        if asset.type in _IN_PART and asset.whole:
            self._told.add(uid)
        elif asset.type in _IN_PART and not asset.bare:
            self._shown[uid] = _IN_PART[asset.type]

    def hide(self, asset: Asset, draft: Draft) -> None:
        """Take what a record of a machine does not show out of what was made of it, so that another can tell it."""
        for name in () if asset.whole else _IN_PART.get(asset.type, ()):
            if draft.properties.get(name) is not True:
                draft.properties.pop(name, None)

    def policy(self, uid: Uid, kind: str, account: str) -> str:
        """Return why the IAM policy of a thing was not read, "" where nothing says that it was not; after ``finish``."""
        near = (*self._single.get(uid, ()), *self._wide)
        return next((_told(gap) for gap in near if "policy" in gap.properties and _about(gap, kind, account)), "")

    def listed(self, kind: str, account: str) -> str:
        """Return why things of a kind were not read in a project, "" where nothing says that they were not; after ``finish``."""
        return next((_told(gap) for gap in self._wide if not gap.properties and _about(gap, kind, account)), "")

    def finish(self, drafts: Drafts, project: Callable[[str], str]) -> None:
        """Say what is known to be nothing, and what is not known after all; ``project`` gives the id of a project."""
        self._wide = [gap for gap in self.gaps if not gap.uid]
        for gap in self.gaps:
            if gap.uid:
                self._single.setdefault(gap.uid, []).append(gap)
        for draft in drafts.held.values():
            account = project(draft.account)
            for kind, name, type_, nothing in _NOTHING:
                if draft.kind == kind and name not in draft.properties and self.whole(account, type_):
                    draft.properties[name] = nothing
        for uid, names in self._shown.items():
            held = drafts.held.get(uid)
            for name in names if held is not None and uid not in self._told else ():
                if held is not None and held.properties.get(name) is not True:
                    held.properties.pop(name, None)
                    held.unknown[name] = _SHOWN


def _about(gap: Gap, kind: str, account: str) -> bool:
    return bool(gap.uid) or (gap.account in {"", account} and (not gap.kinds or kind in gap.kinds))


def _told(gap: Gap) -> str:
    return f"{gap.reason}: {gap.call}"
