"""What is worth reaching where nobody names it."""

from __future__ import annotations

from bartizan.collect.inventory.contract import Facts, Principal, Resource, Uid
from bartizan.review.cloud.paths.jewels import crown_jewels


def bucket(name: str, **tags: str) -> Resource:
    return Resource(uid=Uid(name), provider="aws", kind="s3_bucket", account="1", tags=tags)


def test_accounts_and_what_is_tagged_as_sensitive_are_goals() -> None:
    facts = Facts(
        principals=[
            Principal(uid=Uid("u"), provider="aws", kind="user", account="1"),
            Principal(uid=Uid("*"), provider="aws", kind="anyone"),
        ],
        resources=[
            bucket("patients", DataClassification="Confidential"),
            bucket("cards", compliance="pci"),
            bucket("site", DataClassification="public"),
            bucket("notes", sensitivity="non-confidential"),
            bucket("logs", Owner="secret service"),
        ],
    )
    assert crown_jewels(facts, [Uid("named")]) == ["named", "admin:aws/1", "patients", "cards"]
