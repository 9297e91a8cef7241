"""Questions at random, in the words of ``tests.deciding``: who, what, of which resource, and policies in every layer."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ACTIONS = (
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:PutObject",
    "sqs:*",
    "sqs:Send*",
    "kms:Decrypt",
    "sts:AssumeRole",
    "S3:GETOBJECT",
    "iam:*",
)
RESOURCES = ("*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::?/k", "arn:aws:s3:::b/${aws:username}", "queue", "key", "reader")
RESOURCES_TOO = (
    "arn:aws:s3*",
    "arn:aws:sqs:*:queue",
    "arn:aws:sqs:*:${aws:PrincipalAccount}:queue",
    "arn:aws:s3:::b/${aws:userid, 'x'}*",
    "arn:aws:sqs:*:111111111111:*",
    "arn:aws:kms:*",
    "arn:aws:iam::*:role/r*",
    "arn:aws:s3:::theirs/*",
)
PRINCIPALS = ("*", "alice", "reader", "session", "root", "111111111111", "bob", "worker", "other-root", "222222222222", "AWS=*")
PRINCIPALS_TOO = ("sns.amazonaws.com", "Service=*", "github", "AIDACKCEVSQ6C2EXAMPLE", "CanonicalUser=79a59df9", "worker-session")
OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "ArnLike",
    "ArnNotEquals",
    "Bool",
    "Null",
)
OPERATORS_TOO = (
    "NumericLessThan",
    "DateGreaterThanEquals",
    "IpAddress",
    "NotIpAddress",
    "BinaryEquals",
    "NumericNotEquals",
    "StringMatches",
)
KEYS = (
    "aws:username",
    "aws:userid",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:SecureTransport",
    "aws:SourceIp",
    "aws:ResourceAccount",
)
KEYS_TOO = (
    "aws:PrincipalTag/team",
    "aws:PrincipalOrgID",
    "s3:prefix",
    "sts:ExternalId",
    "aws:SourceAccount",
    "aws:CurrentTime",
    "aws:TagKeys",
)
VALUES = ("alice", "*", "a?ice", "true", "false", "111111111111", "${aws:username}", "${aws:PrincipalAccount}", "x*", "${*}", "10.0.0.0/8")
VALUES_TOO = (
    "10.1.2.3",
    "7",
    "2026-01-02T00:00:00Z",
    "arn:aws:iam::*:user/*",
    "arn:aws:iam::111111111111:role/reader",
    "o-aaaaaaaaaa",
    "eA==",
    "arn:aws:iam::*",
    "${aws:PrincipalTag/team, 'x'}",
    "${aws:PrincipalTag/team,x}",
    "",
)
WHO = (
    "alice",
    "reader",
    "session",
    "root",
    "bob",
    "worker",
    "worker-session",
    "anyone",
    "sns.amazonaws.com",
    "github",
    "linked",
    "federated",
)
QUESTIONS = (
    ("s3:GetObject", "object"),
    ("s3:PutObject", "their-object"),
    ("s3:GetObject", "arn:aws:s3:::b/alice"),
    ("sqs:SendMessage", "queue"),
    ("kms:Decrypt", "key"),
    ("kms:Decrypt", "their-key"),
    ("sts:AssumeRole", "reader"),
    ("sts:AssumeRoleWithWebIdentity", "reader"),
    ("iam:PassRole", "reader"),
    ("iam:CreateUser", "*"),
    ("s3:ListAllMyBuckets", "*"),
)


def _some(values: tuple[str, ...], *, most: int = 2) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True).map(", ".join)


def _named(values: tuple[str, ...], likely: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Draw one or two, in half of the cases of the likely ones; seldom all but those."""
    return st.tuples(st.sampled_from(("",) * 7 + ("not ",)), st.one_of(_some(values), _some(likely or values))).map("".join)


def _conditions() -> st.SearchStrategy[str]:
    operator = st.tuples(
        st.sampled_from(("", "", "", "ForAllValues:", "ForAnyValue:")),
        st.sampled_from(OPERATORS + OPERATORS_TOO),
        st.sampled_from(("", "", "IfExists")),
    ).map("".join)
    values = st.lists(st.sampled_from(VALUES + VALUES_TOO), min_size=1, max_size=2).map("|".join)
    one = st.tuples(operator, st.sampled_from(KEYS + KEYS_TOO), values).map(lambda told: f"{told[0]} {told[1]} = {told[2]}")
    return st.one_of(st.just(""), st.lists(one, min_size=1, max_size=2).map(" and ".join))


@st.composite
def lines(draw: st.DrawFn, who: str, does: str, to: str, *, principals: bool) -> str:
    """Draw one statement that may well be of a question."""
    actions = _named(ACTIONS, (does, "*", f"{does.split(':', maxsplit=1)[0]}:*"))
    line = f"{draw(st.sampled_from(('allow', 'allow', 'allow', 'deny')))} {draw(actions)}"
    line += f" on {draw(_named(RESOURCES + RESOURCES_TOO, (to, '*')))}"
    if principals:
        line += f" to {draw(_named(PRINCIPALS + PRINCIPALS_TOO, (who if who != 'anyone' else '*', 'root', 'other-root', 'reader')))}"
    conditions = draw(_conditions())
    return f"{line} if {conditions}" if conditions else line


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a question with its estate, as a row of ``tests.deciding``."""
    does, to = draw(st.sampled_from(QUESTIONS))
    who = draw(st.sampled_from(WHO * 2 + ("alice", "alice", "reader", "session", "bob", "stranger")))
    row: dict[str, Any] = {"says": "", "see": "", "answer": "", "who": who, "does": does, "to": to}

    def policy(*, principals: bool = False) -> list[str]:
        return draw(st.lists(lines(who, does, to, principals=principals), min_size=1, max_size=4))

    row["identity"] = policy()
    for layer, chance in (("group", 4), ("boundary", 3), ("session", 5)):
        if draw(st.integers(0, chance)) == 0:
            row[layer] = policy()
    row["trust" if does.startswith("sts:") else "resource"] = policy(principals=True)
    if draw(st.integers(0, 3)) == 0:
        row["scp"] = {
            node: policy() for node in draw(st.lists(st.sampled_from(("root", "ou", "account", "other")), max_size=2, unique=True))
        }
        row["rcp"] = {"root": policy(principals=True)}
        row["management"] = draw(st.sampled_from(("999999999999", "111111111111")))
    if draw(st.booleans()):
        row["tags"] = {"who": {"team": "alice"}} if row["who"] in ("alice", "reader", "session") else {}
    row["with"] = draw(
        st.dictionaries(
            st.sampled_from(KEYS + KEYS_TOO).filter(lambda key: key != "aws:ResourceAccount"),
            st.one_of(st.just("absent"), st.sampled_from(VALUES_TOO), st.lists(st.sampled_from(VALUES[:6]), min_size=1, max_size=2)),
            max_size=3,
        ),
    )
    row["origin"] = draw(st.sampled_from(("live", "terraform")))
    if draw(st.integers(0, 7)) == 0:
        row["gaps"] = [draw(st.sampled_from(({"kinds": "iam_policy"}, {"kinds": "s3_bucket"}, {"kinds": "organizations_policy"})))]
    if to == "key" and draw(st.booleans()):
        row["grants"] = [[draw(st.sampled_from(("alice", "reader", "worker"))), "Decrypt"]]
    return row
