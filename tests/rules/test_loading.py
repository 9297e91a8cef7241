"""Packs are read whole: every document is a rule or a refusal, whatever holds it."""

from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from bartizan.errors import RulesError
from bartizan.rules import load, packs
from bartizan.rules.contract import Refusal, Rule
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.rules.ruleset import LoadedRules

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"


def rule(title: str, rule_id: str = "", value: str = "x") -> str:
    identity = f"id: {rule_id}\n" if rule_id else ""
    return f"title: {title}\n{identity}logsource: {{product: p}}\ndetection: {{s: {{a: {value}}}, condition: s}}\n"


def loaded_from(tmp_path: Path, *paths: Path) -> LoadedRules:
    return load(paths, cache=tmp_path / "cache")


def titles(loaded: LoadedRules) -> list[str]:
    return [rule.title for rule in loaded.rules]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    return folder


def test_a_rule_says_all_that_its_document_says(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").write_text(
        f"title: Tool seen\nid: {ONE}\nstatus: Test\nlevel: HIGH\ndescription: Says what.\nauthor: an author\nlicense: Apache-2.0\n"
        "date: 2024-01-02\nmodified: 2024/1/2\ntags: [attack.t1059.001]\nreferences: ['https://example.com/1']\nfalsepositives: [none, 5]\n"
        "related: []\nfields: [a]\ncases: [{name: c, fires: true, record: {a: x}}]\nwhy: because\nfix: this\n"
        "logsource: {product: windows, category: process_creation, definition: needs a setting}\n"
        "detection: {s: {a: x}, condition: s}\n"
    )
    assert loaded_from(tmp_path, pack).rules == [
        Rule(
            id=ONE,
            title="Tool seen",
            path=str(pack / "a.yml"),
            logsource=Logsource("windows", "process_creation"),
            level="high",
            status="test",
            description="Says what.",
            author="an author",
            license="Apache-2.0",
            tags=("attack.t1059.001",),
            references=("https://example.com/1",),
            falsepositives=("none", "5"),
        )
    ]


def test_a_rule_without_an_id_gets_one_that_its_title_decides(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").write_text(rule("no id"))
    assert [rule.id for rule in loaded_from(tmp_path, pack).rules] == ["67441a42-fdd3-5c49-a80c-097a9544ba01"]


def test_folders_are_walked_by_name_and_hidden_ones_left_out(tmp_path: Path, pack: Path) -> None:
    for name in ("b/z.yaml", "b/a.YML", "a.yml", ".git/hidden.yml", "notes.txt"):
        (pack / name).parent.mkdir(exist_ok=True)
        (pack / name).write_text(rule(name))
    (pack / "circle").symlink_to(pack)
    assert titles(loaded_from(tmp_path, pack)) == ["a.yml", "b/a.YML", "b/z.yaml"]


def test_a_file_that_two_packs_bring_is_read_once(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").write_text(rule("once"))
    assert titles(loaded_from(tmp_path, pack, pack / "a.yml", pack)) == ["once"]


def test_a_file_named_is_read_whatever_its_suffix(tmp_path: Path, pack: Path) -> None:
    (pack / "a.txt").write_text(rule("named"))
    assert titles(loaded_from(tmp_path, pack / "a.txt")) == ["named"]


def test_every_document_of_a_file_is_read(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").write_text(f"---\n{rule('first')}---\n{rule('second')}---\nnot: a rule\n---\n{rule('third')}")
    loaded = loaded_from(tmp_path, pack)
    assert titles(loaded) == ["first", "second", "third"]
    assert [(origin.document, origin.line) for origin in loaded.origins] == [(0, 2), (1, 6), (3, 12)]
    assert loaded.refused == [Refusal(str(pack / "a.yml"), 10, "this is no Sigma rule: it has no 'detection'")]


def test_an_archive_is_a_pack(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("pack/b.yml", "pack/a.yml", "pack/.github/ci.yml", "pack/readme.md"):
            archive.writestr(name, rule(name))
        archive.writestr("pack/huge.yml", b"#" * (packs.MAX_BYTES + 1))
    loaded = loaded_from(tmp_path, path)
    assert [(rule.title, rule.path) for rule in loaded.rules] == [
        ("pack/a.yml", f"{path}!pack/a.yml"),
        ("pack/b.yml", f"{path}!pack/b.yml"),
    ]
    assert loaded.refused == [Refusal(f"{path}!pack/huge.yml", 0, "larger than 4 MiB: this is no rule")]


def test_a_damaged_member_of_an_archive_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.yml", rule("damaged"))
        archive.writestr("b.yml", rule("whole"))
    path.write_bytes(path.read_bytes().replace(b"damaged", b"DAMAGED"))
    loaded = loaded_from(tmp_path, path)
    assert titles(loaded) == ["whole"]
    assert loaded.refused == [Refusal(f"{path}!a.yml", 0, "cannot be read: Bad CRC-32 for file 'a.yml'")]


def test_an_archive_without_a_directory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.yml", rule("a"))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") : content.index(b"PK\x01\x02") + 4] = b"XXXX"
    path.write_bytes(bytes(content))
    assert loaded_from(tmp_path, path).refused == [
        Refusal(str(path), 0, "this archive cannot be read: Bad magic number for central directory")
    ]


def test_a_file_too_large_for_a_rule_is_refused_unread(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").write_bytes(b"#" * (packs.MAX_BYTES + 1))
    assert loaded_from(tmp_path, pack).refused == [Refusal(str(pack / "a.yml"), 0, "larger than 4 MiB: this is no rule")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").touch(mode=0o000)
    assert loaded_from(tmp_path, pack).refused == [Refusal(str(pack / "a.yml"), 0, "cannot be read: Permission denied")]


def test_a_link_to_nothing_is_refused(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").symlink_to(pack / "nothing.yml")
    assert loaded_from(tmp_path, pack).refused == [Refusal(str(pack / "a.yml"), 0, "cannot be read: No such file or directory")]


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(RulesError) as raised:
        loaded_from(tmp_path, pack)
    assert str(raised.value) == f"{pack}: cannot be read: Permission denied"


def test_the_same_rule_again_is_refused_and_one_that_shares_its_id_is_run(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").write_text(rule("first", ONE))
    (pack / "b.yml").write_text(rule("first", ONE))
    (pack / "c.yml").write_text(rule("first", ONE, "other"))
    (pack / "d.yml").write_text(rule("no id") + "---\n" + rule("no id"))
    loaded = loaded_from(tmp_path, pack)
    assert titles(loaded) == ["first", "first", "no id", "no id"]
    assert loaded.refused == [Refusal(str(pack / "b.yml"), 1, f"same rule as {pack / 'a.yml'}:1", ONE)]
    assert loaded.remarks == [f"{pack / 'c.yml'}:1: id {ONE} is also that of {pack / 'a.yml'}:1, which says something else: both are run"]


def test_progress_is_told_of_files_that_are_compiled(tmp_path: Path, pack: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (pack / name).write_text(rule(name))
    told: list[tuple[int, int]] = []
    for _ in range(2):
        load([pack], cache=tmp_path / "cache", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def filter_text(rules: str, product: str = "p") -> str:
    return f"title: f\nlogsource: {{product: {product}}}\nfilter: {{rules: {rules}, s: {{b: y}}, condition: not s}}\n"


@pytest.mark.parametrize(
    ("named", "count"),
    [("any", 2), ("ANY", 2), ("[]", 2), (f"[{ONE}]", 1), (ONE, 1), ("[by-name]", 1), (f"[{ONE}, by-name]", 2), ("[other]", 0)],
)
def test_a_filter_applies_to_the_rules_it_names(tmp_path: Path, pack: Path, named: str, count: int) -> None:
    (pack / "a.yml").write_text(rule("first", ONE) + "---\n" + rule("second", TWO) + "name: by-name\n")
    (pack / "f.yml").write_text(filter_text(named))
    loaded = loaded_from(tmp_path, pack)
    assert (titles(loaded), loaded.refused) == (["first", "second"], [])
    assert loaded.remarks == [f"{pack / 'f.yml'}:1: filter 'f' applies to {count} rules"]
    assert len(loaded.filtered) == count


def test_a_filter_of_another_log_source_applies_to_nothing(tmp_path: Path, pack: Path) -> None:
    (pack / "a.yml").write_text(rule("first"))
    (pack / "f.yml").write_text(filter_text("any", "q"))
    assert loaded_from(tmp_path, pack).remarks == [f"{pack / 'f.yml'}:1: filter 'f' applies to 0 rules"]
