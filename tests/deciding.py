"""Cases of decisions as data: a small estate for each, policies in one line per statement, and what has to come out.

A statement is ``allow s3:Get*, s3:List* on arn:aws:s3:::b/* to role/reader if StringEquals aws:username = alice|bob and ...``; ``not``
before actions, resources (``on not``) and principals (``to not``) makes NotAction, NotResource and NotPrincipal. What one line cannot
say is a mapping as IAM writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.contract import Attachment, Condition, Edge, Facts, Gap, Grant, Origin, Principal, Resource, Statement, Uid
from bartizan.documents import Document, documents
from bartizan.review.cloud.permission.assuming import assume
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.aws.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CASES = Path(__file__).parent / "review/cloud/permission/cases"
HOME, OTHER, FOREIGN, MANAGEMENT = "111111111111", "222222222222", "333333333333", "999999999999"
"""The account of most, another that was read, one that was not read, and the one that manages the organization."""
ROOT, OU = "r-aaaa", "ou-aaaa-11111111"
ORGANIZATION = f"arn:aws:organizations::{MANAGEMENT}"
ALIASES = {
    "alice": f"arn:aws:iam::{HOME}:user/alice",
    "reader": f"arn:aws:iam::{HOME}:role/reader",
    "session": f"arn:aws:sts::{HOME}:assumed-role/reader/session-1",
    "other-session": f"arn:aws:sts::{HOME}:assumed-role/reader/session-2",
    "root": f"arn:aws:iam::{HOME}:root",
    "linked": f"arn:aws:iam::{HOME}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
    "federated": f"arn:aws:sts::{HOME}:federated-user/fay",
    "team": f"arn:aws:iam::{HOME}:group/team",
    "bob": f"arn:aws:iam::{OTHER}:user/bob",
    "worker": f"arn:aws:iam::{OTHER}:role/worker",
    "worker-session": f"arn:aws:sts::{OTHER}:assumed-role/worker/session-9",
    "other-root": f"arn:aws:iam::{OTHER}:root",
    "stranger": f"arn:aws:iam::{FOREIGN}:user/stranger",
    "boss": f"arn:aws:iam::{MANAGEMENT}:user/boss",
    "github": f"arn:aws:iam::{HOME}:oidc-provider/token.actions.githubusercontent.com",
    "saml": f"arn:aws:iam::{HOME}:saml-provider/corp",
    "anyone": "*",
    "key": f"arn:aws:kms:eu-west-1:{HOME}:key/k1",
    "their-key": f"arn:aws:kms:eu-west-1:{OTHER}:key/k2",
    "unread-key": f"arn:aws:kms:eu-west-1:{HOME}:key/k3",
    "queue": f"arn:aws:sqs:eu-west-1:{HOME}:queue",
    "topic": f"arn:aws:sns:eu-west-1:{HOME}:topic",
    "secret": f"arn:aws:secretsmanager:eu-west-1:{HOME}:secret:db-AbCdEf",
    "function": f"arn:aws:lambda:eu-west-1:{HOME}:function:f",
    "object": "arn:aws:s3:::b/k",
    "bucket": "arn:aws:s3:::b",
    "point": f"arn:aws:s3:eu-west-1:{HOME}:accesspoint/ap",
    "their-object": "arn:aws:s3:::theirs/k",
    "instance": f"arn:aws:ec2:eu-west-1:{HOME}:instance/i-1",
    "table": f"arn:aws:dynamodb:eu-west-1:{HOME}:table/t",
}
_KINDS = {
    "bucket": "s3_bucket",
    "point": "s3_access_point",
    "key": "kms_key",
    "queue": "sqs_queue",
    "topic": "sns_topic",
    "secret": "secretsmanager_secret",
    "function": "lambda_function",
    "instance": "instance",
    "table": "dynamodb_table",
}
_LINE = re.compile(
    r"(?P<effect>allow|deny) (?P<a>not )?(?P<actions>\S+(?:, \S+)*)(?: on (?P<r>not )?(?P<resources>\S+(?:, \S+)*))?"
    r"(?: to (?P<p>not )?(?P<principals>\S+(?:, \S+)*))?(?: if (?P<conditions>.+))?",
)


@dataclass(frozen=True)
class Case:
    """One case: where it stands, what it says, the section it follows, the question, and what has to come out."""

    place: str
    says: str
    see: str
    facts: Facts
    principal: Uid
    action: str
    resource: str
    context: Mapping[str, Sequence[str]]
    answer: str
    depends: tuple[str, ...]
    by: str
    """Where the deciding statement stands and its number: ``identity 0``; only where, where nothing allows it; '' for not told."""


def alias(name: str) -> str:
    """Return what a name stands for."""
    return ALIASES.get(name, name)


def cases(folder: Path = CASES) -> Iterator[Case]:
    """Yield all cases, by file and number."""
    for path in sorted(folder.glob("*.yml")):
        for document in documents(path.read_bytes()):
            assert isinstance(document, Document), f"{path}: {document}"
            told: Any = document.value
            given = told.get("given", {})
            for number, row in enumerate(told["cases"]):
                yield case(f"{path.stem}-{number}", {"see": told["see"], **given, **row})


def case(place: str, row: Mapping[str, Any]) -> Case:
    """Make a case of what its row says."""
    strange = row.keys() - FIELDS
    assert not strange, f"{place}: {sorted(strange)}"
    who, to = alias(row.get("who", "alice")), alias(row["to"])
    context = {key: [] if value == "absent" else texts(value) for key, value in row.get("with", {}).items()}
    return Case(
        place=place,
        says=row["says"],
        see=row["see"],
        facts=_facts(row, who, to),
        principal=Uid(who),
        action=row["does"],
        resource=to,
        context=context,
        answer=row["answer"],
        depends=tuple(texts(row.get("depends", []))),
        by=row.get("by", ""),
    )


FIELDS = frozenset(
    {
        "absent",
        "answer",
        "assume",
        "boundary",
        "by",
        "depends",
        "does",
        "gaps",
        "grants",
        "group",
        "holder",
        "identity",
        "management",
        "origin",
    }
    | {"properties", "rcp", "resource", "says", "scp", "see", "session", "tags", "to", "trust", "trusts", "unknown", "who", "with"},
)


def texts(value: object) -> list[str]:
    """Return one or several values as texts."""
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in (value if isinstance(value, list) else [value])]


def statements(policy: str, rows: object, origin: Origin) -> Iterator[Statement]:
    """Yield the statements of a policy."""
    for number, row in enumerate(rows if isinstance(rows, list) else [rows]):
        match = _LINE.fullmatch(row)
        assert match, row
        told = match.groupdict()
        actions, resources = _split(told["actions"]), _split(told["resources"])
        principals = tuple(map(_principal, _split(told["principals"])))
        yield Statement(
            policy=Uid(policy),
            number=number,
            effect=told["effect"].title(),
            origin=origin,
            actions=() if told["a"] else actions,
            not_actions=actions if told["a"] else (),
            resources=() if told["r"] else resources,
            not_resources=resources if told["r"] else (),
            principals=() if told["p"] else principals,
            not_principals=principals if told["p"] else (),
            conditions=tuple(map(_condition, told["conditions"].split(" and "))) if told["conditions"] else (),
        )


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(alias(one) if one != "anyone" else "*" for one in re.split(", (?!')", text)) if text else ()


def _principal(text: str) -> tuple[str, str]:
    kind, colon, rest = text.partition("=")
    if colon:
        return kind, alias(rest)
    if text == "*":
        return "*", "*"
    if text.endswith((".amazonaws.com", ".amazon.com")) and not text.startswith("cognito-identity"):
        return "Service", text
    return ("Federated" if "provider/" in text or not text.startswith(("arn:", *"0123456789A")) else "AWS"), text


def _condition(text: str) -> Condition:
    operator, rest = text.split(" ", 1)
    key, _, values = rest.partition(" = ")
    return Condition(operator, key.strip(), tuple(values.split("|")) if values else ())


def _facts(row: Mapping[str, Any], who: str, to: str) -> Facts:
    facts = Facts()
    origin = Origin(row.get("origin", "live"))
    _people(facts, row, who)
    _things(facts, row, to)
    holder = alias(row.get("holder", _holder(to)))
    owner = who if not who.startswith("arn:aws:sts") or "federated" in who else ALIASES["worker" if OTHER in who else "reader"]
    for kind, target in (
        ("identity", owner),
        ("group", ALIASES["team"]),
        ("boundary", owner),
        ("session", who),
        ("resource", holder),
        ("trust", to),
        ("trusts", owner),
    ):
        if row.get(kind):
            policy = f"{target}#{kind}"
            facts.statements += statements(policy, row[kind], origin)
            facts.attachments.append(
                Attachment(Uid(policy), Uid(target), {"group": "identity", "trusts": "trust"}.get(kind, kind), origin=origin)
            )
    if row.get("group"):
        facts.edges.append(Edge(Uid(owner), Uid(ALIASES["team"]), "member-of"))
    _organization(facts, row, origin)
    facts.grants += [Grant(Uid(to), alias(who_), what) for who_, what in row.get("grants", [])]
    facts.gaps += map(_gap, row.get("gaps", []))
    return assume(facts, texts(row.get("assume", [])))


def _gap(row: Mapping[str, Any]) -> Gap:
    return Gap(
        provider="aws",
        call="x",
        reason="denied",
        account=row.get("account", ""),
        region=row.get("region", ""),
        kinds=tuple(texts(row.get("kinds", []))),
        properties=tuple(texts(row.get("properties", []))),
        uid=Uid(alias(row.get("uid", ""))),
    )


def _holder(to: str) -> str:
    return to.split("/", maxsplit=1)[0] if to.startswith("arn:aws:s3:::") else to


def _people(facts: Facts, row: Mapping[str, Any], who: str) -> None:
    kinds = {"alice": "user", "reader": "role", "linked": "role", "bob": "user", "worker": "role", "boss": "user", "team": "group"}
    for name, kind in kinds.items():
        uid = Uid(ALIASES[name])
        if name != row.get("absent"):
            facts.principals.append(Principal(uid=uid, provider="aws", kind=kind, account=uid.split(":")[4], name=name))
    tags = row.get("tags", {}).get("who")
    if tags is not None:
        owner = Uid(ALIASES["reader"] if "assumed-role/reader" in who else who)
        kind = "iam_role" if ":role/" in owner else "iam_user"
        facts.resources.append(Resource(uid=owner, provider="aws", kind=kind, account=owner.split(":")[4], tags=tags))
    if who == ALIASES["federated"]:
        facts.edges.append(Edge(Uid(who), Uid(ALIASES["alice"]), "session-of"))


def _things(facts: Facts, row: Mapping[str, Any], to: str) -> None:
    properties, unknown = row.get("properties", {}), row.get("unknown", {})
    uids = [(name, ALIASES[name], HOME) for name in _KINDS] + [
        ("bucket", "arn:aws:s3:::theirs", OTHER),
        ("key", ALIASES["their-key"], OTHER),
    ]
    for name, uid, account in uids:
        if name == row.get("absent"):
            continue
        facts.resources.append(
            Resource(
                uid=Uid(uid),
                provider="aws",
                kind=_KINDS[name],
                account=account,
                region="eu-west-1",
                tags=row.get("tags", {}).get("to", {}) if uid == to else {},
                properties=properties.get(name, {}),
                unknown=unknown.get(name, {}),
                origin=Origin(row.get("origin", "live")),
            ),
        )
    if "account" in properties:
        uid = Uid(ALIASES["root"])
        facts.resources.append(Resource(uid=uid, provider="aws", kind="account", account=HOME, properties=properties["account"]))


def _organization(facts: Facts, row: Mapping[str, Any], origin: Origin) -> None:
    if not {"scp", "rcp", "management"} & row.keys():
        return
    manager = row.get("management", MANAGEMENT)
    org = Uid(f"arn:aws:organizations::{manager}:organization/o-aaaaaaaaaa")
    facts.resources.append(
        Resource(uid=org, provider="aws", kind="organizations_organization", account=manager, properties={"management_account": manager}),
    )
    for parent, child in ((ROOT, OU), (OU, HOME), (ROOT, OTHER)):
        facts.edges.append(Edge(Uid(parent), Uid(child), "contains"))
    nodes = {"root": ROOT, "ou": OU, "account": HOME, "other": OTHER}
    for kind in ("scp", "rcp"):
        for name, rows in row.get(kind, {}).items():
            policy = f"{ORGANIZATION}:policy/o-aaaaaaaaaa/{kind}/{name}"
            facts.statements += statements(policy, rows, origin)
            facts.attachments.append(Attachment(Uid(policy), Uid(nodes[name]), kind, origin=origin))


def outcome(case: Case) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Return what comes out of a case and what has to, in the same shape."""
    decision = AwsAuthorizer(case.facts).decide(case.principal, case.action, case.resource, case.context)
    first = decision.why[0] if decision.why else None
    where = "" if first is None else first.through + ("" if first.statement is None else f" {first.statement.number}")
    got = (decision.answer.value, decision.depends, where if case.by else "", decision.reference)
    return got, (case.answer, case.depends, case.by, reference().date)
