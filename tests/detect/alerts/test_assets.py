from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.detect.alerts.assets import Asset, Assets, read_assets
from bartizan.errors import InputError
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    from pathlib import Path

CSV = "entity,value,exposure\nhost:WEB-1,critical,internet\nhost:web-*,high,\nip:10.0.0.0/8,low,isolated\nhost:w*,normal,unknown\n"
YAML = """
- {entity: 'host:web-1', value: critical, exposure: internet}
- {entity: 'host:web-*', value: high}
"""


def said(assets: Assets, *names: str) -> tuple[str, str] | None:
    entities = [Entity(EntityKind(name.split(":", 1)[0]), name.split(":", 1)[1]) for name in names]
    asset = assets.of(entities)
    return None if asset is None else (asset.value, asset.exposure)


def test_a_list_says_what_things_are_worth_and_who_reaches_them(tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_text("\ufeff" + CSV, encoding="utf-8")
    assets = read_assets(path)
    assert said(assets, "host:web-1") == ("critical", "internet")
    assert said(assets, "host:web-2") == ("high", "")
    assert said(assets, "host:w") == ("normal", "")
    assert said(assets, "ip:10.1.2.3") == ("low", "isolated")
    assert said(assets, "ip:192.0.2.1") is None
    assert said(assets, "user:web-1") is None
    assert said(assets) is None
    assert assets.of([Entity(EntityKind.HOST, "web-1")]) == Asset("host:web-1", "critical", "internet", f"{path}:2")


def test_of_several_things_the_most_valuable_counts(tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_text(CSV, encoding="utf-8")
    assert said(read_assets(path), "ip:10.1.2.3", "host:web-9", "host:w") == ("high", "")


def test_yaml_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "assets.yml"
    path.write_text(YAML, encoding="utf-8")
    assets = read_assets(path)
    assert (said(assets, "host:web-1"), said(assets, "host:web-2")) == (("critical", "internet"), ("high", ""))


def test_a_network_that_is_none_matches_nothing() -> None:
    assert Assets([Asset("ip:nowhere/8", "high", "", "")]).of([Entity(EntityKind.IP, "10.0.0.1")]) is None


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", "entity,value\nweb,high\n", "a.csv:2: entity: 'web' is not kind:name; kinds are host, user, ip"),
        ("a.csv", "entity,value\nhost:a,hihg\n", "a.csv:2: value: 'hihg' is none of low, normal, high, critical; did you mean 'high'?"),
        ("a.csv", "entity,value,exposure\nhost:a,,x\n", "a.csv:2: exposure: 'x' is none of isolated, internal, internet"),
        ("a.csv", "nothing\n1\n", "a.csv:2: entity: 'None' is not kind:name"),
        ("a.yml", "a: b\n", "a.yml: is no list of mappings; write lines like"),
        ("a.yml", "- [\n", "a.yml: is no YAML: "),
        ("a.yml", "- {entity: 'host:a', value: 3}\n", "a.yml:1: value: '3' is none of"),
        ("b/a.yml", "", "a.yml: cannot be read as a list of assets: "),
    ],
)
def test_what_is_wrong_with_a_list_is_told(tmp_path: Path, name: str, text: str, why: str) -> None:
    path = tmp_path / name
    if path.parent == tmp_path:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_assets(path)
    assert why in str(told.value)
