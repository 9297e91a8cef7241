"""Read a cluster, kind by kind, in pages; what is refused, throttled or broken becomes a gap, and a kind that is not served has none.

Secrets are asked for as tables: their names, types and labels come, and what they say stays where it is.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from bartizan.collect.inventory.kinds import kinds
from bartizan.collect.inventory.kubernetes.manifests import Manifest
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.collect.inventory.kubernetes.sections import PROVIDER
from bartizan.collect.inventory.live.kubernetes.client import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.kinds import Kind
    from bartizan.collect.inventory.live.kubernetes.client import Answer, Client

__all__ = ["collect", "paths"]

PAGE: Final = 500
"""Objects of one answer, as kubectl asks for."""
TRIES: Final = 4
_LONGEST_WAIT: Final = 30.0
_TABLE: Final = "application/json;as=Table;v=v1;g=meta.k8s.io"
_DENIED: Final = (401, 403)
_MISSING: Final = 404
_GONE: Final = 410
_BUSY: Final = 429
_BROKEN: Final = 500
_TYPE: Final = 1
"""The column of a secret's type."""


class _Failed(Exception):  # noqa: N818 - a verdict on a list, caught where it was asked
    def __init__(self, detail: str, reason: str = "failed") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Listing:
    kind: Kind
    path: str
    written: str
    """The kind as manifests write it."""


def paths() -> dict[str, str]:
    """Return, for each kind that is listed, the path at which it is."""
    return {one.kind.name: one.path for one in _listings()}


def collect(client: Client, cluster: str, *, kubelets: bool = False, wait: Callable[[float], None] = time.sleep) -> Facts:
    """Read all kinds of a cluster; with ``kubelets`` also how each kubelet is set up, which needs nodes/proxy."""
    objects = Objects(cluster, "live")
    for one in _listings():
        try:
            for item in _items(client, one, wait):
                objects.take(Manifest(item), f"/{one.path}")
            objects.seen.add(one.kind.name)
        except _Failed as failed:
            objects.gap(f"list {one.path}", failed.reason, failed.detail, (one.kind.name, *_parts(one)))
    for node in objects.names("Node") if kubelets else ():
        path = f"api/v1/nodes/{quote(node, safe='')}/proxy/configz"
        try:
            told = _decoded(_asked(client, path, "application/json", wait)).get("kubeletconfig")
            value = told if isinstance(told, dict) else {}
            head = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "metadata": {"name": node}}
            objects.take(Manifest({**value, **head}), f"/{path}")
        except _Failed as failed:
            objects.gap(f"get {path}", failed.reason, failed.detail, ("kubelet",))
    return objects.facts()


def _listings() -> Iterator[_Listing]:
    for (provider, _), kind in kinds().items():
        live = kind.sections.get("live")
        if provider == PROVIDER and isinstance(live, dict) and "path" in live:
            yield _Listing(kind, str(live["path"]), str(kind.sections["export"][0]["kind"]))


def _parts(one: _Listing) -> Iterator[str]:
    """Yield the kinds that are parts of one, as rules are of roles, and nobody can tell without it."""
    for (provider, name), kind in kinds().items():
        if provider == PROVIDER and name != one.kind.name:
            told = [entry for entry in kind.sections.get("export", ()) if entry.get("kind") == one.written]
            if told or (one.path.startswith(("api/v1/pods", "apis/apps/", "apis/batch/")) and name in ("container", "pod_spec", "image")):
                yield name


def _items(client: Client, one: _Listing, wait: Callable[[float], None]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a kind, page by page; a list that grew too old on the way is begun again, once."""
    for last in (False, True):
        found: list[dict[str, Any]] = []
        following = ""
        while True:
            query = {"limit": str(PAGE), **({"continue": following} if following else {})}
            accept = _TABLE if one.written == "Secret" else "application/json"
            answer = _asked(client, f"{one.path}?{urlencode(query)}", accept, wait)
            if answer.status == _GONE and not last:
                break
            if answer.status == _MISSING:
                return
            page = _decoded(answer)
            found += _page(page, one)
            metadata = page.get("metadata")
            following = str(metadata.get("continue") or "") if isinstance(metadata, dict) else ""
            if not following:
                yield from found
                return


def _page(page: Mapping[str, Any], one: _Listing) -> Iterator[dict[str, Any]]:
    version = "/".join(one.path.split("/")[1:-1])
    items = page.get("rows") if page.get("kind") == "Table" else page.get("items")
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            yield (
                {**_of_row(item), "apiVersion": version, "kind": one.written}
                if page.get("kind") == "Table"
                else {
                    "apiVersion": version,
                    **item,
                    "kind": one.written,
                }
            )


def _of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the secret of a row of a table; what it says is not among it."""
    told, cells = row.get("object"), row.get("cells")
    typed = {"type": cells[_TYPE]} if isinstance(cells, list) and len(cells) > _TYPE else {}
    return {"metadata": told.get("metadata") if isinstance(told, dict) else None, **typed}


def _asked(client: Client, path: str, accept: str, wait: Callable[[float], None]) -> Answer:
    """Ask until there is an answer that counts; who is asked to wait does, so many times."""
    for number in range(1, TRIES + 1):
        try:
            answer = client.get(path, accept)
        except Unanswered as unanswered:
            if number == TRIES:
                raise _Failed(str(unanswered)) from unanswered
            wait(float(number))
            continue
        if answer.status in _DENIED:
            raise _Failed(_message(answer), "denied")
        if answer.status != _BUSY and answer.status < _BROKEN:
            return answer
        if number < TRIES:
            wait(min(answer.wait or float(number), _LONGEST_WAIT))
    raise _Failed(_message(answer), "throttled" if answer.status == _BUSY else "failed")


def _decoded(answer: Answer) -> Mapping[str, Any]:
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        message = f"the answer is no JSON: {' '.join(str(error).split())}"
        raise _Failed(message) from error
    if not 200 <= answer.status < 300 or not isinstance(value, dict):  # noqa: PLR2004 - the statuses of success
        raise _Failed(_message(answer))
    return value


def _message(answer: Answer) -> str:
    try:
        told = json.loads(answer.body).get("message")
    except (ValueError, AttributeError, RecursionError):
        told = None
    return f"{answer.status}: {str(told)[:300]}" if told else f"{answer.status}"
