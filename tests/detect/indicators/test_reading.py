from __future__ import annotations

import gzip
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.limits import Limits
from bartizan.detect.indicators.contract import Kind, ListBalance
from bartizan.detect.indicators.files import read_indicators
from bartizan.detect.indicators.patterns import MOST_VALUES, NotCarried, values_of
from bartizan.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

MARCH = 1_773_705_600_000_000_000
"""2026-03-17."""
SHA256 = "a" * 64


def written(path: Path, content: object) -> Path:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read(path: Path, content: object, **more: Any) -> tuple[list[tuple[str, str]], ListBalance]:  # noqa: ANN401 - as read_indicators takes them
    found = read_indicators([str(written(path, content))], **more)
    [balance] = found.balance
    assert balance.read == balance.kept + balance.duplicate + balance.refused
    return [(one.kind.value, one.value) for one in found.indicators], balance


def test_a_plain_list_is_read_defanged_or_not_and_each_value_once(tmp_path: Path) -> None:
    text = (
        "# a list\n\n203[.]0[.]113[.]9\nhxxps://Evil[.]Example:443/a#top\n203.0.113.9\n2001:DB8:0:0::1 # comment\n"
        "10.1.0.0/16\nbad(at)evil[.]example\n" + SHA256.upper() + "\nt13d1516h2_8daaf6152771_02713d6af862\n0.0.0.0 ads.example\n"
        "bücher.example\nEVIL.example.\nno value here\n"
    )
    found, balance = read(tmp_path / "block.txt", text)
    assert found == [
        ("ip", "203.0.113.9"),
        ("url", "https://evil.example/a"),
        ("ip", "2001:db8::1"),
        ("network", "10.1.0.0/16"),
        ("email", "bad@evil.example"),
        ("hash", SHA256),
        ("ja4", "t13d1516h2_8daaf6152771_02713d6af862"),
        ("domain", "ads.example"),
        ("domain", "xn--bcher-kva.example"),
        ("domain", "evil.example"),
    ]
    assert (balance.form, balance.read, balance.kept, balance.duplicate, balance.refused) == ("list", 12, 10, 1, 1)
    assert balance.examples == ((14, "no", "nothing that can be looked for"),)


def test_a_table_is_read_by_its_header_even_where_that_is_a_comment(tmp_path: Path) -> None:
    text = '# "first_seen","ioc_value","ioc_type","confidence_level"\n"2026-03-17","203.0.113.9:443","ip:port","75"\n"","",,\n'
    path = written(tmp_path / "feed.csv", text)
    [one] = read_indicators([str(path)]).indicators
    assert one[:8] == (Kind.IP, "203.0.113.9", "feed.csv", str(path), 2, 75, MARCH, None)


def test_a_table_without_a_header_is_read_by_the_columns_given(tmp_path: Path) -> None:
    found, balance = read(tmp_path / "feed.csv", "x,evil.example,high\ny,nothing,low\n", columns=["", "value", "confidence"])
    assert found == [("domain", "evil.example")]
    assert (balance.form, balance.refused) == ("csv", 1)
    with pytest.raises(UsageError, match="--columns: 'colour' is no column"):
        read_indicators([str(tmp_path)], columns=["colour"])


def stix(*indicators: dict[str, Any]) -> dict[str, Any]:
    identity = {"type": "identity", "id": "identity--1", "name": "A sharing group"}
    return {"type": "bundle", "id": "bundle--1", "objects": [identity, *({"type": "indicator", **one} for one in indicators)]}


def test_a_stix_bundle_is_read_with_what_it_says_of_each_indicator(tmp_path: Path) -> None:
    bundle = stix(
        {
            "id": "indicator--1",
            "name": "beacon",
            "pattern": "[ipv4-addr:value = '203.0.113.9' OR domain-name:value IN ('a.example', 'b.example')]",
            "pattern_type": "stix",
            "created_by_ref": "identity--1",
            "confidence": 90,
            "valid_from": "2026-03-17T00:00:00Z",
            "valid_until": "2026-03-17T00:00:01Z",
        },
        {"pattern": "[ipv4-addr:value ISSUBSET '198.51.100.0/24'] OR [url:value = 'http://c.example/x']"},
        {"pattern": "[file:name MATCHES '(a+)+$']"},
        {"pattern": "alert tcp any any", "pattern_type": "snort"},
        {"pattern": "[domain-name:value = 'd.example']", "revoked": True},
    )
    path = written(tmp_path / "bundle.json", bundle)
    found = read_indicators([str(path)])
    first = found.indicators[0]
    assert first == (Kind.IP, "203.0.113.9", "A sharing group", str(path), 2, 90, MARCH, MARCH + 10**9, "indicator--1", "beacon")
    values = [(one.kind.value, one.value) for one in found.indicators[1:]]
    assert values == [("domain", "a.example"), ("domain", "b.example"), ("network", "198.51.100.0/24"), ("url", "http://c.example/x")]
    [balance] = found.balance
    assert (balance.form, balance.read, balance.kept, balance.refused) == ("stix", 8, 5, 3)
    assert [one.why for one in balance.examples] == [
        "file:name: no record is looked through for this property",
        "its pattern is of type 'snort', not stix",
        "was revoked by its source",
    ]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[url:value MATCHES '^x']", "MATCHES: it is a regular expression"),
        ("[url:value LIKE 'x%']", "LIKE: it is a pattern of text"),
        ("[url:value != 'x']", "!=: only =, IN and ISSUBSET name values"),
        ("[domain-name:value = 'a.example' AND ipv4-addr:value = '192.0.2.1']", "AND: its values are bad only together"),
        ("[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [url:value = 'x']", "FOLLOWEDBY: it asks for an order"),
        ("[ipv4-addr:value = '192.0.2.1'] WITHIN 5 SECONDS", "WITHIN: it asks for a span of time"),
        ("[NOT ipv4-addr:value = '192.0.2.1']", "NOT: it says what must not be"),
        ("[ipv4-addr:value = 5]", "is no text in quotes"),
        ("[ipv4-addr:value IN ('192.0.2.1']", "no text in quotes"),
        ("[domain-name:value ISSUBSET 'a.example']", "only addresses are in networks"),
        ("[ipv4-addr:value = '192.0.2.1'", "a bracket is not closed"),
        ("[ipv4-addr:value = '192.0.2.1' OR ~]", "is not understood"),
        ("[process:pid = '1']", "process:pid: no record is looked through"),
        ("[]", "it names no value"),
        ("ipv4-addr:value", "only =, IN and ISSUBSET"),
        ("[ipv4-addr:value = 'x' 'y']", "''y'' is not expected there"),
        ("x" * (2 << 20), "a pattern of 2097152 characters"),
        ("[ipv4-addr:value IN (" + "'192.0.2.1'," * (MOST_VALUES + 1) + "'a')]", "a pattern of more than 10000 values"),
        ("(" * 100_000, "it names no value"),
    ],
)
def test_a_pattern_that_would_lose_its_meaning_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(NotCarried) as refused:
        values_of(pattern)
    assert why in str(refused.value)


def test_hashes_of_one_file_joined_by_and_each_name_it() -> None:
    pattern = r"[file:hashes.MD5 = 'd4' AND file:hashes.'SHA-256' = 'e\'5'] "
    assert values_of(pattern) == [(Kind.HASH, "d4"), (Kind.HASH, "e'5")]
    assert values_of("[network-traffic:extensions.'tls-ext'.ja3_hash = 'x']") == [(Kind.JA3, "x")]


def attribute(kind: str, value: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"type": kind, "value": value, "to_ids": True, "timestamp": "1773705600", "uuid": "u", **more}


@pytest.mark.parametrize("mark", [[None], {}, "true", None, 0])
def test_a_misp_attribute_with_an_odd_mark_is_not_looked_for(tmp_path: Path, mark: object) -> None:
    event = {"Orgc": {"name": "CERT"}, "info": "campaign", "Attribute": [attribute("domain", "a.example", to_ids=mark)]}
    found = read_indicators([str(written(tmp_path / "event.json", {"Event": event}))])
    assert found.indicators == ()
    assert found.balance[0].reasons == (("is not marked to be looked for (to_ids)", 1),)


def test_a_misp_feed_is_read_with_its_manifest_passed_over_and_what_is_not_carried_counted(tmp_path: Path) -> None:
    event = {
        "Orgc": {"name": "CERT"},
        "info": "campaign",
        "Attribute": [
            attribute("domain|ip", "a.example|203.0.113.9"),
            attribute("filename|sha256", f"x.exe|{SHA256}"),
            attribute("ip-dst", "198.51.100.0/24"),
            attribute("url", "http://b.example", to_ids=False),
            attribute("mutex", "Global\\x"),
            attribute("domain", "gone.example", deleted=True),
        ],
        "Object": [{"Attribute": [attribute("ja3-fingerprint-md5", "b" * 32)]}],
    }
    folder = tmp_path / "feed"
    folder.mkdir()
    written(folder / "manifest.json", {"u": {"Orgc": {"name": "CERT"}, "info": "campaign", "timestamp": "1"}})
    written(folder / "u.json", {"Event": event})
    found = read_indicators([str(folder)])
    assert [(one.kind.value, one.value, one.source, one.name, one.since) for one in found.indicators] == [
        (kind, value, "CERT", "campaign", MARCH)
        for kind, value in [
            ("domain", "a.example"),
            ("ip", "203.0.113.9"),
            ("hash", SHA256),
            ("network", "198.51.100.0/24"),
            ("ja3", "b" * 32),
        ]
    ]
    manifest, balance = found.balance
    assert (manifest.form, manifest.read, manifest.problems) == ("manifest", 0, ())
    assert balance.reasons == (
        ("is not marked to be looked for (to_ids)", 1),
        ("attributes of type mutex are not looked for", 1),
        ("was deleted by its source", 1),
    )


def test_packed_lists_are_read_and_one_bad_file_does_not_cost_the_others(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in.txt", "a.example\n")
        archive.writestr("deep.json", "[" * 100_000)
        archive.writestr("other.json", '{"a": 1}')
        archive.writestr("broken.json", '{"type": "bundle", ')
    written(tmp_path / "b.txt.gz", gzip.compress(b"b.example\n"))
    written(tmp_path / "c.txt", "c.example\n".encode("utf-16"))
    written(tmp_path / "d.txt", b"d.example\n\xff\xfe.example\n")
    found = read_indicators([str(tmp_path)])
    assert [one.value for one in found.indicators] == ["a.example", "b.example", "c.example", "d.example"]
    problems = {one.path.rpartition("!")[2]: one.problems[0] for one in found.balance if one.problems}
    assert set(problems) == {"deep.json", "other.json", "broken.json"}
    assert problems["deep.json"] == "JSON nested too deep: no list of indicators is"
    assert problems["other.json"] == "JSON that is neither a STIX bundle nor a MISP event"
    assert problems["broken.json"].startswith("no JSON that can be read")


def test_a_bomb_and_an_endless_line_are_refused_in_little_memory(tmp_path: Path) -> None:
    bomb = gzip.compress(b"x" * (4 << 20) + b"\nevil.example\n")
    found, balance = read(tmp_path / "bomb.gz", bomb)
    assert (found, balance.refused, balance.examples[0].why) == ([("domain", "evil.example")], 1, "a line of more than 65536 bytes")
    tight = Limits(ratio_free=1 << 20)
    _, balance = read(tmp_path / "bomb.gz", bomb, limits=tight)
    assert "as no log does" in balance.problems[0]
    _, balance = read(tmp_path / "end.txt", "evil.example\n" + "y" * 100_000)
    assert (balance.kept, balance.refused) == (1, 1)


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_indicators([str(tmp_path / "none")])
