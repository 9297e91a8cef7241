"""What looks like a credential is told by its form, or by its name where its value is no switch and no pointer."""

from __future__ import annotations

import pytest

from bartizan.collect.inventory.credentials import NAMES, looks_like, masked


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("", "AKIA" + "ABCDEFGH23456777", "aws-access-key"),
        ("", "x" + "AKIA" + "ABCDEFGH23456777", "aws-access-key"),
        ("", "XAKIA" + "ABCDEFGH23456777", ""),
        ("", "-----BEGIN RSA " + "PRIVATE KEY-----", "private-key"),
        ("", "ghp_" + "a" * 36, "github-token"),
        ("", "postgres://app:" + "correct-horse@db.example.com/orders", "url-with-password"),
        ("", "postgres://db.example.com/orders", ""),
        ("", "export DB_PASSWORD=correct-horse", "password"),
        ("DB_PASSWORD", "correct-horse", "named"),
        ("DB_PASSWORD", "true", ""),
        ("DB_PASSWORD", "{{resolve:secretsmanager:orders}}", ""),
        ("API_KEY_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:x", ""),
        ("SECRET_NAME", "orders/database", ""),
        ("STAGE", "production", ""),
    ],
)
def test_forms_and_names(name: str, value: str, form: str) -> None:
    assert looks_like(value, name=name) == form
    assert form == "" or form in NAMES


def test_a_text_is_masked_only_where_it_looks_like_a_credential() -> None:
    assert masked("key=AKIA" + "ABCDEFGH23456777, stage=prod") == "key=(redacted) aws-access-key;, stage=prod"


@pytest.mark.parametrize("hostile", ["a://" + "b" * 200_000, "password" * 30_000, "eyJ" * 70_000, "A" * 250_000])
def test_hostile_values_end(hostile: str) -> None:
    assert looks_like(hostile, name=hostile) in ("", *NAMES)
