"""Packs that are added are used by every hunt."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from tests.faces.command import Said, bartizan
from tests.hunting import SSH_ROOT, pack, write


def test_packs_are_added_listed_used_and_removed(rules: Path, clean: Path, tmp_path: Path) -> None:
    library = tmp_path / ".data" / "bartizan" / "packs"
    assert bartizan("content", "list").out.count("\n") == 1
    (rules / "LICENSE").write_text("terms")
    said = bartizan("content", "add", rules, "--name", "mine")
    assert said == Said(0, f"{library}/mine: 5 rules, 1 refused (bartizan rules list --rules {library}/mine says why)\n", "")
    assert sorted(path.name for path in (library / "mine").iterdir()) == sorted(["LICENSE", *(path.name for path in rules.glob("*.yml"))])
    assert bartizan("content", "list").out.splitlines()[1:] == [str(library / "mine")]
    names = {one["finding_info"]["analytic"]["name"] for one in bartizan("hunt", clean, "--ndjson").lines}
    assert names == {"Root came in by password", "Root logged in over SSH with a password"}
    assert bartizan("content", "remove", "mine") == Said(0, f"removed {library}/mine\n", "")
    assert list(library.iterdir()) == []


def test_a_zip_of_rules_replaces_the_folder_of_the_same_name(rules: Path, tmp_path: Path) -> None:
    library = tmp_path / ".data" / "bartizan" / "packs"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("rules/root.yml", SSH_ROOT)
    (tmp_path / "mine.ZIP").write_bytes(archive.getvalue())
    bartizan("content", "add", rules, "--name", "mine")
    assert bartizan("content", "add", tmp_path / "mine.ZIP").out.startswith(f"{library}/mine.zip: 1 rules, 0 refused")
    assert [path.name for path in library.iterdir()] == ["mine.zip"]
    assert bartizan("content", "remove", "mine.zip").code == 0


@pytest.mark.parametrize("name", ["../up", ".hidden", "a/b", "a b", "", "x" * 101])
def test_a_name_that_is_a_path_is_refused(name: str, rules: Path, tmp_path: Path) -> None:
    named = ["--name", name] if name else []
    pack_ = rules if name else write(tmp_path / "?.yml", [SSH_ROOT])
    said = bartizan("content", "add", pack_, *named)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"bartizan: '{name or '?'}' cannot be a pack's name: "
        "use letters, digits, '.', '_' and '-', and begin with a letter or digit (--name)\n"
    )


def test_a_folder_of_a_version_keeps_its_name(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "sigma-1.0").symlink_to(rules)
    copied = tmp_path / "pack-2.0"
    pack(copied)
    pack(copied / ".git", {"hidden.yml": SSH_ROOT})
    pack(copied / "deep" / "er", {"seven.yml": SSH_ROOT.replace("1111", "7777")})
    bartizan("content", "add", copied)
    library = tmp_path / ".data" / "bartizan" / "packs"
    assert (library / "pack-2.0" / "deep" / "er" / "seven.yml").is_file()
    assert not (library / "pack-2.0" / ".git").exists()
    assert bartizan("content", "remove", "pack-2.0").code == 0


def test_a_library_that_cannot_be_written_is_told(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/null/data")
    said = bartizan("content", "add", rules, "--name", "mine")
    assert said == Said(4, "", "bartizan: /dev/null/data/bartizan/packs/mine: cannot be written: Not a directory\n")


def test_without_a_home_there_is_nowhere_to_keep_packs_and_hunts_work(rules: Path, clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        message = "Could not determine home directory."
        raise RuntimeError(message)

    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME")
    said = bartizan("content", "add", rules, "--name", "mine")
    assert said == Said(4, "", "bartizan: there is no home folder to keep packs in: set XDG_DATA_HOME to a folder\n")
    assert bartizan("hunt", clean, "--fail-on", "medium", "--quiet").code == 1


def test_a_pack_that_cannot_be_removed_is_told(rules: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bartizan("content", "add", rules, "--name", "mine")

    def refusing(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", refusing)
    library = tmp_path / ".data" / "bartizan" / "packs"
    assert bartizan("content", "remove", "mine") == Said(4, "", f"bartizan: {library}/mine: cannot be removed: Permission denied\n")
    said = bartizan("content", "add", rules, "--name", "mine")
    assert said == Said(4, "", f"bartizan: {library}/mine: cannot be written: Permission denied\n")


def test_a_pack_that_is_not_there_cannot_be_added(tmp_path: Path) -> None:
    from bartizan.errors import RulesError
    from bartizan.rules.library import add

    with pytest.raises(RulesError, match="there is no such file or folder; name a rule file, a folder of rules or a zip file"):
        add(tmp_path / "nowhere")
