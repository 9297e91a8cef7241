"""Records name things; the same thing has one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.schema import names, ocsf
from bartizan.schema.entities import ROLES, USERS, Entity, EntityKind, Mention, Role, entities_of, mentions_of, principals_of
from bartizan.schema.names import LONGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.columns import Cell


def named(record: Mapping[str, Cell]) -> list[str]:
    return [str(entity) for entity in entities_of(record)]


@pytest.mark.parametrize(
    ("attribute", "text", "entity"),
    [
        ("device.hostname", " WS1.Example.COM. ", "host:ws1.example.com"),
        ("device.hostname", "\\\\WS1", "host:ws1"),
        ("device.hostname", "192.0.2.7", "ip:192.0.2.7"),
        ("src_endpoint.ip", "::ffff:192.0.2.7", "ip:192.0.2.7"),
        ("src_endpoint.ip", "2001:DB8:0:0::1%eth0", "ip:2001:db8::1"),
        ("dst_endpoint.ip", "[2001:db8::1]", "ip:2001:db8::1"),
        ("query.hostname", "Mail.Example.com.", "domain:mail.example.com"),
        ("http_request.url.url_string", "https://example.com/A?b=C", "url:https://example.com/A?b=C"),
        ("process.uid", "{0A0B0C0D-0000-0000-1111-222233334444}", "process:0a0b0c0d-0000-0000-1111-222233334444"),
        ("process.file.path", "C:\\Tools\\Tool.EXE", "file:c:\\tools\\tool.exe"),
        ("process.file.path", "\\\\Server\\Share\\X", "file:\\\\server\\share\\x"),
        ("file.path", "/opt/Tool", "file:/opt/Tool"),
        ("api.service.name", "s3.amazonaws.com", "service:s3.amazonaws.com"),
        ("cloud.account.uid", "123456789012", "cloud-resource:123456789012"),
        ("package.purl", "pkg:pypi/example@1.0", "package:pkg:pypi/example@1.0"),
    ],
)
def test_a_name_is_brought_into_its_normal_form(attribute: str, text: str, entity: str) -> None:
    assert named({attribute: text}) == [entity]


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        *(
            ("src_endpoint.ip", text)
            for text in ("127.0.0.1", "::1", "0.0.0.0", "::", "224.0.0.251", "ff02::fb", "255.255.255.255", "nonsense", "")
        ),
        *(("device.hostname", text) for text in ("-", "N/A", " ", ".", "two words")),
        *(("actor.user.name", text) for text in ("-", "(null)", "S-1-0-0")),
        ("process.uid", "{00000000-0000-0000-0000-000000000000}"),
        ("process.file.path", "System"),
        ("file.path", "/" * (LONGEST + 1)),
        ("actor.user.name", "x" * (LONGEST + 1)),
    ],
)
def test_what_names_nothing_is_no_entity(attribute: str, text: str) -> None:
    assert named({attribute: text}) == []


def test_attributes_that_hold_something_else_than_text_are_passed_over() -> None:
    assert (
        named({"device.hostname": 5, "src_endpoint.ip": None, "answers": (1, {"rdata": 5}, {"type": "A"}), "actor.user.name": True}) == []
    )


@pytest.mark.parametrize(
    ("parts", "entities"),
    [
        ({"name": "Operator", "domain": "EXAMPLE"}, ["user:example\\operator"]),
        ({"name": "Operator"}, ["user:operator"]),
        ({"name": "EXAMPLE\\Operator", "domain": "OTHER"}, ["user:example\\operator"]),
        ({"name": "Operator@Example.com", "domain": "EXAMPLE"}, ["user:operator@example.com"]),
        ({"name": "operator", "domain": "."}, ["user:operator"]),
        ({"name": "operator", "uid": "S-1-5-21-1-2-3-1001"}, ["user:operator"]),
        ({"name": "-", "uid": "S-1-5-21-1-2-3-1001"}, ["user:S-1-5-21-1-2-3-1001"]),
        (
            {"name": "deployer", "uid": "arn:aws:iam::123456789012:user/deployer"},
            ["cloud-principal:arn:aws:iam::123456789012:user/deployer", "user:deployer"],
        ),
        ({"name": "arn:aws:iam::123456789012:root"}, ["cloud-principal:arn:aws:iam::123456789012:root"]),
        (
            {"uid": "arn:aws:sts::123456789012:assumed-role/Deploy/botocore-session-1700000000"},
            ["cloud-principal:arn:aws:sts::123456789012:assumed-role/Deploy"],
        ),
        (
            {"uid": "arn:aws:sts::123456789012:assumed-role/Deploy/i-0123456789abcdef0"},
            ["cloud-principal:arn:aws:sts::123456789012:assumed-role/Deploy/i-0123456789abcdef0"],
        ),
    ],
)
def test_an_account_is_named_by_its_parts(parts: dict[str, str], entities: list[str]) -> None:
    assert named({f"actor.user.{name}": text for name, text in parts.items()}) == entities


def test_lists_of_objects_name_each_of_them() -> None:
    record: Mapping[str, Cell] = {
        "answers": ({"rdata": "192.0.2.9", "type": "A"}, {"rdata": "alias.example.com."}),
        "resources": ({"uid": "arn:aws:s3:::bucket", "type": "AWS::S3::Bucket"}, {"uid": "example/app", "type": "Repository"}, "i-0123"),
        "process.file.hashes": ({"algorithm_id": 1, "value": "AB" * 16}, {"algorithm_id": 2, "value": "0" * 40}),
    }
    assert named(record) == [
        "ip:192.0.2.9",
        "domain:alias.example.com",
        "hash:" + "ab" * 16,
        "cloud-resource:arn:aws:s3:::bucket",
        "repository:example/app",
        "cloud-resource:i-0123",
    ]


def test_a_mention_says_in_which_role_and_where() -> None:
    assert mentions_of({"dst_endpoint.ip": "192.0.2.1", "user.name": "SYSTEM"}) == (
        Mention(Entity(EntityKind.IP, "192.0.2.1"), Role.DESTINATION, "dst_endpoint.ip", distinguishing=True),
        Mention(Entity(EntityKind.USER, "system"), Role.TARGET, "user.name", distinguishing=False),
    )


def test_an_entity_named_twice_is_one() -> None:
    assert named({"actor.user.name": "operator", "user.name": "OPERATOR"}) == ["user:operator"]


@pytest.mark.parametrize(
    "name",
    [
        "SYSTEM",
        "NT AUTHORITY\\SYSTEM",
        "LOCAL SERVICE",
        "root",
        "WS1$",
        "EXAMPLE\\WS1$",
        "DWM-3",
        "Font Driver Host\\UMFD-0",
        "S-1-5-18",
        "S-1-5-90-0-1",
    ],
)
def test_accounts_that_every_machine_has_do_not_distinguish(name: str) -> None:
    record: Mapping[str, Cell] = {"actor.user.name": name, "device.hostname": "ws1"}
    assert len(entities_of(record)) == 2
    assert [str(entity) for entity in principals_of(record)] == ["host:ws1"]


@pytest.mark.parametrize("name", ["operator", "EXAMPLE\\systematic", "S-1-5-21-1-2-3-500", "root2"])
def test_other_accounts_do(name: str) -> None:
    assert len(principals_of({"actor.user.name": name})) == 1


def test_the_principals_are_host_source_and_who_acted() -> None:
    record: Mapping[str, Cell] = {
        "device.hostname": "ws1",
        "src_endpoint.ip": "192.0.2.1",
        "dst_endpoint.ip": "192.0.2.2",
        "actor.user.name": "operator",
        "user.name": "victim",
        "process.file.path": "/bin/sh",
    }
    assert [str(entity) for entity in principals_of(record)] == ["host:ws1", "ip:192.0.2.1", "user:operator"]


def test_who_was_acted_upon_is_a_principal_where_nobody_in_particular_acted() -> None:
    record: Mapping[str, Cell] = {"actor.user.name": "SYSTEM", "user.name": "victim", "device.hostname": "localhost"}
    assert [str(entity) for entity in principals_of(record)] == ["user:victim"]


def test_a_cloud_principal_stands_for_its_user() -> None:
    record: Mapping[str, Cell] = {"actor.user.name": "deployer", "actor.user.uid": "arn:aws:iam::123456789012:user/deployer"}
    assert [str(entity) for entity in principals_of(record)] == ["cloud-principal:arn:aws:iam::123456789012:user/deployer"]


def test_a_record_that_names_nobody_has_no_principals() -> None:
    assert principals_of({"message": "started"}) == ()


def test_every_attribute_of_the_tables_is_one_of_ocsf() -> None:
    known = {name for name in (*ROLES, *USERS) if any(ocsf.attribute_at(uid, name) for uid in ocsf.class_uids())}
    assert set(ROLES) | set(USERS) == known


def test_a_name_too_long_to_be_one_is_not_remembered() -> None:
    before = names._normal_name.cache_info().currsize, names._normal_account.cache_info().currsize
    assert named({"file.path": "/" * 1_000_000, "url.url_string": "x" * 1_000_000}) == []
    after = names._normal_name.cache_info().currsize, names._normal_account.cache_info().currsize
    assert after == before
    assert names.normal_account("x" * 1_000_000, "", "") == ()
