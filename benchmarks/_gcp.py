"""A server on loopback that answers as Google Cloud documents it: the asset inventory, the Resource Manager, IAM, and lists of services.

The host that would be asked stands at the beginning of the path. Answers have few things on a page, so that pages are met.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

from benchmarks._gcp_estate import ABOVE, BINDING, BOUND, BOUNDARY, CONSTRAINTS, DENIED, IDS, NODES, ROLE, THINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks._gcp_estate import Thing

__all__ = ["Google", "Told", "disabled", "exported", "google", "refused"]

_OF_ORGANIZATION: Final[tuple[tuple[str, str, Mapping[str, Any]], ...]] = (
    ("v1/organizations/9/roles", "roles", ROLE),
    ("v3/organizations/9/locations/global/policyBindings", "policyBindings", BINDING),
    ("v3/organizations/9/locations/global/principalAccessBoundaryPolicies", "principalAccessBoundaryPolicies", BOUNDARY),
)
_KINDS: Final = {"projects": "Project", "folders": "Folder", "organizations": "Organization"}


@dataclass(frozen=True)
class Told:
    """What is answered: a document, or bytes as they are; ``cut`` bytes more were to come."""

    document: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0


def refused(status: int, code: str, message: str, *details: Mapping[str, Any]) -> Told:
    """Return an error as Google Cloud writes it."""
    return Told({"error": {"code": status, "message": message, "status": code, "details": list(details)}}, status)


def disabled(service: str, consumer: str) -> Told:
    """Return what is answered where a service is off in a project."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": service, "consumer": consumer},
    }
    return refused(403, "PERMISSION_DENIED", f"{service} has not been used in {consumer} before or it is disabled.", info)


@dataclass
class Google:
    """The server: what it was asked, and what it answers otherwise than it would."""

    endpoint: str = ""
    page: int = 3
    asked: list[str] = field(default_factory=list)
    tokens: Counter[str] = field(default_factory=Counter)
    otherwise: list[tuple[str, Callable[[int], Told | None]]] = field(default_factory=list)
    """By a pattern of method and address, what is answered the how-manieth time; None as ever."""
    things: Sequence[Thing] = THINGS
    groups: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """By address, address and type of each member."""
    _times: Counter[str] = field(default_factory=Counter)

    def refuse(self, pattern: str, told: Told, *, times: int = 1 << 30) -> None:
        """Answer with this what a pattern finds, so many times."""
        self.otherwise.append((pattern, lambda time: told if time <= times else None))

    def answer(self, method: str, target: str, body: Any) -> Told:  # noqa: ANN401 - JSON
        """Return the answer to a request."""
        parts = urlsplit(target)
        address = parts.path.lstrip("/")
        self.asked.append(f"{method} {target.lstrip('/')}")
        for pattern, say in self.otherwise:
            if re.search(pattern, f"{method} {target.lstrip('/')}"):
                self._times[pattern] += 1
                told = say(self._times[pattern])
                if told is not None:
                    return told
        query = parse_qs(parts.query)
        host, _, path = address.partition("/")
        answers = {
            "cloudasset.googleapis.com": self._inventory,
            "cloudresourcemanager.googleapis.com": self._manager,
            "cloudidentity.googleapis.com": self._directory,
            "orgpolicy.googleapis.com": self._constraints,
        }
        if host in answers:
            return answers[host](path, query, body)
        if "denypolicies" in path:
            return _denials(path)
        return self._service(address, parts.query, query)

    def _inventory(self, path: str, query: Mapping[str, list[str]], _body: Any) -> Told:  # noqa: ANN401 - JSON
        node = path.removeprefix("v1/").removesuffix("/assets")
        node = next((f"projects/{number}" for number, name in IDS.items() if node == f"projects/{name}"), node)
        if node not in ABOVE:
            return refused(404, "NOT_FOUND", f"{node} is not there")
        found = assets(self.things, node, query["contentType"][0])
        wanted = set(query.get("assetTypes", ()))
        strange = wanted - _types(self.things)
        if "Nowhere" in str(strange):
            return refused(400, "INVALID_ARGUMENT", f"{strange} is no type")
        return Told(self._page("assets", [one for one in found if not wanted or one["assetType"] in wanted], query))

    def _manager(self, path: str, query: Mapping[str, list[str]], body: Any) -> Told:  # noqa: ANN401 - JSON
        name, colon, _verb = path.removeprefix("v3/").partition(":")
        name = next((f"projects/{number}" for number, told in IDS.items() if name == f"projects/{told}"), name)
        if "parent" in query:
            below = [node for node, above in ABOVE.items() if above[:1] == (query["parent"][0],) and node.startswith(name)]
            return Told(self._page(name, [managed(node) for node in below], query))
        if name not in ABOVE:
            return refused(403, "PERMISSION_DENIED", f"The caller does not have permission on {name}")
        if not colon:
            return Told(managed(name))
        if body != {"options": {"requestedPolicyVersion": 3}}:
            return refused(400, "INVALID_ARGUMENT", "conditions would be left out")
        return Told({"version": 3, "etag": "BwX=", "bindings": BOUND[name]})

    def _constraints(self, path: str, query: Mapping[str, list[str]], _body: Any) -> Told:  # noqa: ANN401 - JSON
        node = path.removeprefix("v2/").removesuffix("/policies")
        return Told(self._page("policies", [constraint(node)] if node in CONSTRAINTS else [], query))

    def _directory(self, path: str, query: Mapping[str, list[str]], _body: Any) -> Told:  # noqa: ANN401 - JSON
        names = {f"groups/{number}": address for number, address in enumerate(self.groups)}
        if path == "v1/groups:lookup":
            found = [name for name, address in names.items() if address == query["groupKey.id"][0]]
            return (
                Told({"name": found[0]})
                if found
                else refused(403, "PERMISSION_DENIED", "Error(2028): Permission denied, or it may not exist")
            )
        members = self.groups[names[path.removeprefix("v1/").removesuffix("/memberships")]]
        told = [
            {"name": path.removeprefix("v1/") + f"/{at}", "preferredMemberKey": {"id": who}, "type": kind}
            for at, (who, kind) in enumerate(members)
        ]
        return Told(self._page("memberships", told, query))

    def _service(self, address: str, raw: str, query: Mapping[str, list[str]]) -> Told:
        for thing in self.things:
            if thing.asked == address:
                return Told(thing.policy)
        if address.endswith("/datasets/sales"):
            return Told(next(one.item for one in self.things if one.type.endswith("Dataset")))
        for name, member, told in _OF_ORGANIZATION:
            if address == f"iam.googleapis.com/{name}":
                return Told(self._page(member, [told], query))
        if address.startswith("cloudkms.googleapis.com") and address.endswith("/locations"):
            return Told({"locations": [{"name": "projects/shop/locations/europe"}]} if "shop" in address else {})
        listed = [one for one in self.things if one.address.split("?")[0] == address and one.address.partition("?")[2] in raw]
        return self._list(address, listed, query)

    def _list(self, address: str, listed: Sequence[Thing], query: Mapping[str, list[str]]) -> Told:
        if address == f"compute.googleapis.com/compute/v1/projects/{IDS['456']}":
            return disabled("compute.googleapis.com", "projects/456")
        if not listed:
            return Told({"kind": "an empty list"})
        scope, _, member = listed[0].member.rpartition("/")
        if not member:
            return Told(listed[0].item)
        page = self._page(member, [one.item for one in listed], query)
        if not scope:
            return Told(page)
        empty = {"regions/none": {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results for scope"}}}
        token = {"nextPageToken": page.pop("nextPageToken")} if "nextPageToken" in page else {}
        return Told({"items": {scope: page, **empty}, **token})

    def _page(self, member: str, found: Sequence[Any], query: Mapping[str, list[str]]) -> dict[str, Any]:
        first = int(query.get("pageToken", ["0"])[0])
        more = {"nextPageToken": str(first + self.page)} if first + self.page < len(found) else {}
        return {member: list(found[first : first + self.page]), **more}


def managed(node: str) -> dict[str, Any]:
    """Return a node as the Resource Manager tells it."""
    kind, _, number = node.partition("/")
    above = {"parent": ABOVE[node][0]} if ABOVE[node] else {"directoryCustomerId": "C01"}
    names = {"projectId": IDS[number], "displayName": IDS[number].title()} if kind == "projects" else {"displayName": f"{kind} {number}"}
    return {"name": node, "state": "ACTIVE", **above, **names}


def constraint(node: str) -> dict[str, Any]:
    """Return the organization policy of a node."""
    return {"name": f"{node}/policies/{CONSTRAINTS[node]}", "spec": {"rules": [{"enforce": True}]}}


def denial(node: str) -> dict[str, Any]:
    """Return the deny policy of a node."""
    point = quote(f"cloudresourcemanager.googleapis.com/{node}", safe="")
    rule = {
        "deniedPrincipals": ["principalSet://goog/public:all"],
        "exceptionPrincipals": ["principal://goog/subject/ann@example.com"],
        "deniedPermissions": DENIED[node],
    }
    return {"name": f"policies/{point}/denypolicies/no", "kind": "DenyPolicy", "displayName": "no", "rules": [{"denyRule": rule}]}


def _denials(path: str) -> Told:
    node = unquote(path.split("/")[2]).removeprefix("cloudresourcemanager.googleapis.com/")
    if not path.endswith("/denypolicies"):
        return Told(denial(node))
    return Told({"policies": [{name: told for name, told in denial(node).items() if name != "rules"}] if node in DENIED else []})


def assets(things: Sequence[Thing], node: str, content: str) -> list[dict[str, Any]]:
    """Return what the inventory tells below a node."""
    nodes = [one for one, above in ABOVE.items() if one == node or node in above]
    held = [one for one in things if f"projects/{one.project}" in nodes]
    if content == "IAM_POLICY":
        found = [_asset(f"{NODES}{one}", _node_type(one), one, iamPolicy={"bindings": BOUND[one]}) for one in nodes]
        return found + [
            _asset(one.name, one.type, f"projects/{one.project}", iamPolicy=one.policy)
            for one in held
            if one.policy is not None and one.policy["bindings"]
        ]
    if content == "ORG_POLICY":
        told = [
            (one, {"constraint": f"constraints/{CONSTRAINTS[one]}", "booleanPolicy": {"enforced": True}})
            for one in nodes
            if one in CONSTRAINTS
        ]
        return [_asset(f"{NODES}{one}", _node_type(one), one, orgPolicy=[policy]) for one, policy in told]
    found = [_asset(f"{NODES}{one}", _node_type(one), one, resource={"data": _node(one)}) for one in nodes]
    found += [
        _asset(f"//iam.googleapis.com/{denial(one)['name']}", "iam.googleapis.com/PolicyV2", one, resource={"data": denial(one)})
        for one in nodes
        if one in DENIED
    ]
    types = ("Role", "PolicyBinding", "PrincipalAccessBoundaryPolicy") if "organizations/9" in nodes else ()
    found += [
        _asset(f"//iam.googleapis.com/{told['name']}", f"iam.googleapis.com/{type_}", "organizations/9", resource={"data": told})
        for type_, (_name, _member, told) in zip(types, _OF_ORGANIZATION, strict=False)
    ]
    return found + [_asset(one.name, one.type, f"projects/{one.project}", resource={"data": _shown(one)}) for one in held]


def exported(things: Sequence[Thing], node: str) -> str:
    """Return what ``gcloud asset export`` writes for a node, all contents in one file."""
    found = [one for content in ("RESOURCE", "IAM_POLICY", "ORG_POLICY") for one in assets(things, node, content)]
    return "".join(f"{json.dumps(one)}\n" for one in found)


def _asset(name: str, kind: str, node: str, **told: Any) -> dict[str, Any]:  # noqa: ANN401 - what an asset has
    return {"name": name, "assetType": kind, "ancestors": [node, *ABOVE[node]], "updateTime": "2026-11-27T00:00:00Z", **told}


def _node_type(node: str) -> str:
    return f"cloudresourcemanager.googleapis.com/{_KINDS[node.partition('/')[0]]}"


def _node(node: str) -> dict[str, Any]:
    told = managed(node)
    if not node.startswith("projects/"):
        above = {"parent": told["parent"]} if "parent" in told else {"owner": {"directoryCustomerId": told["directoryCustomerId"]}}
        return {"name": node, "displayName": told["displayName"], "lifecycleState": "ACTIVE", **above}
    kind, _, number = told["parent"].partition("/")
    names = {
        "projectId": told["projectId"],
        "projectNumber": node.partition("/")[2],
        "name": told["displayName"],
        "lifecycleState": "ACTIVE",
    }
    return {**names, "parent": {"type": kind.removesuffix("s"), "id": number}}


def _shown(thing: Thing) -> dict[str, Any]:
    hidden = {"kind", "rootPassword", "privateKeyData"} if thing.type != "storage.googleapis.com/Bucket" else set()
    return {name: told for name, told in {**thing.item, **thing.shown}.items() if told is not None and name not in hidden}


def _types(things: Sequence[Thing]) -> set[str]:
    return {one.type for one in things}


def _token() -> Told:
    """Answer as Google's token service does to the signed word of a service account."""
    return Told({"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"})


@contextmanager
def google() -> Iterator[Google]:
    """Serve on a port of loopback."""
    made = Google()
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                made.tokens[self.headers.get("Authorization", "")] += 1
                asked = body and "json" in self.headers.get("Content-Type", "")
                told = _token() if self.path == "/token" else made.answer(self.command, self.path, json.loads(body) if asked else None)
            held = told.document if isinstance(told.document, bytes) else json.dumps(told.document).encode()
            self.send_response(told.status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(held) + told.cut), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(held)
            self.close_connection = self.close_connection or told.cut > 0

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_told: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
