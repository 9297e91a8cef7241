"""Ask Cloud Identity who is in the groups that policies name, and in the groups within them.

No role of Google Cloud allows it: who asks is a reader of groups in the directory, or a member. Members come with their type in the full
view alone.
Source: Cloud Identity API, "groups.lookup", "groups.memberships.list".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.live.gcp.addresses import following
from bartizan.collect.inventory.live.gcp.gaps import gap_of
from bartizan.collect.inventory.live.gcp.reasons import OFF
from bartizan.collect.inventory.live.gcp.records import of_thing
from bartizan.collect.inventory.live.gcp.services import Found
from bartizan.collect.inventory.live.rest.calls import pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bartizan.collect.inventory.contract import Value
    from bartizan.collect.inventory.live.calls import Ask, Failure
    from bartizan.collect.inventory.live.gcp.addresses import Addresses
    from bartizan.collect.inventory.live.gcp.records import Node
    from bartizan.collect.inventory.live.rest.calls import Call

__all__ = ["Directory", "groups_in"]

_SERVICE: Final = "cloudidentity.googleapis.com"
_TYPE: Final = f"{_SERVICE}/Membership"
_SET: Final = "principalSet://goog/group/"


@dataclass(frozen=True, slots=True)
class Directory:
    """Asks about groups. ``anew`` asks without looking at what was kept."""

    ask: Ask[Call]
    addresses: Addresses
    anew: Ask[Call] | None = None

    def read(self, groups: Iterable[str], node: Node) -> Found:
        """Return the memberships of groups, by address, and of the groups in them; ``node`` is for whose sake they are asked."""
        found, waiting = Found(), [*groups]
        for address in waiting:  # grows while it is gone through
            for member, kind in self._members(address, found):
                data = {"group": address, "member": member, "type": kind}
                name = f"//{_SERVICE}/groups/{address}/memberships/{member}"
                found.records.append(("cloudidentity.memberships.list", of_thing(name, _TYPE, data, node)))
                if kind == "GROUP" and member not in waiting:
                    waiting.append(member)
            if found.gaps and OFF in found.gaps[-1].detail:
                return Found(found.records, [*found.gaps[:-1], replace(found.gaps[-1], uid=Uid(""))])
        return found

    def _members(self, address: str, found: Found) -> Iterator[tuple[str, str]]:
        """Yield address and type of each member of a group."""
        call = self.addresses.call("cloudidentity.groups.lookup", f"{_SERVICE}/v1/groups:lookup?groupKey.id={quote(address, safe='@')}")
        answer = self.ask(call)
        if answer.failure is not None:
            _missed(call, answer.failure, address, found)
            return
        name = str(answer.document.get("name", ""))
        first = self.addresses.call("cloudidentity.memberships.list", f"{_SERVICE}/v1/{name}/memberships?view=FULL&pageSize=500")
        for page, told in pages(self.ask, first, following, anew=self.anew):
            if told.failure is not None:
                _missed(page, told.failure, address, found)
                return
            listed = told.document.get("memberships")
            for one in listed if isinstance(listed, list) else ():
                key = one.get("preferredMemberKey") if isinstance(one, dict) else None
                if isinstance(key, dict) and isinstance(key.get("id"), str):
                    yield key["id"].lower(), str(one.get("type", ""))


def groups_in(record: Mapping[str, Value]) -> Iterator[str]:
    """Yield the addresses of groups that an asset's policy names: an IAM policy, or the rules of a deny policy."""
    for text in _texts(record.get("iamPolicy") or _rules(record)):
        kind, _, address = text.partition(":")
        if kind == "group" and "@" in address:
            yield address.lower()
        elif text.startswith(_SET):
            yield text.removeprefix(_SET).lower()


def _rules(record: Mapping[str, Value]) -> Any:  # noqa: ANN401 - JSON
    resource = record.get("resource")
    data = resource.get("data") if isinstance(resource, dict) else None
    return data.get("rules") if isinstance(data, dict) and "/denypolicies/" in str(record.get("name")) else None


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)


def _missed(call: Call, failure: Failure, address: str, found: Found) -> None:
    found.gaps.append(replace(gap_of(call.name, failure, "", kinds=("group",)), uid=Uid(f"group:{address}")))
