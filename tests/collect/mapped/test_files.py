"""Mapping files are found in folders, read once and kept by content; what is wrong with one stops nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.collect.mapped.mappings import DOOR

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Source
from bartizan.collect.mapped import files, store
from bartizan.collect.mapped.document import plan_of
from bartizan.collect.mapped.files import mapping_files, read_mapping, sources_in, user_folder
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def told(found: Path, kept: Path) -> list[str]:
    return [one.name if isinstance(one, Source) else one for _, one in sources_in(mapping_files(found), folder=kept)]


def test_folders_are_walked_by_name(tmp_path: Path) -> None:
    for name in ("b.yml", "a/c.yaml", "a/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(DOOR)
    assert [str(path.relative_to(tmp_path)) for path in mapping_files(tmp_path)] == ["a/c.yaml", "b.yml"]
    assert mapping_files(tmp_path / "b.yml") == [tmp_path / "b.yml"]
    assert mapping_files(tmp_path / "none") == []


def test_a_plan_is_kept_and_read_again_without_its_file_being_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "door.yml").write_text(DOOR)
    assert told(tmp_path, tmp_path / "kept") == ["door"]
    monkeypatch.setattr(files, "_plan", lambda path, _content: f"{path} was parsed again")
    assert told(tmp_path, tmp_path / "kept") == ["door"]
    (tmp_path / "door.yml").write_text(DOOR + "# changed\n")
    assert told(tmp_path, tmp_path / "kept") == [f"{tmp_path / 'door.yml'} was parsed again"]


@pytest.mark.parametrize("damage", [b"", b"x" * 100, None])
def test_a_store_that_is_damaged_is_as_good_as_empty(tmp_path: Path, damage: bytes | None) -> None:
    (tmp_path / "door.yml").write_text(DOOR)
    told(tmp_path, tmp_path / "kept")
    [kept] = (tmp_path / "kept").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1] if damage is None else damage)
    assert store.load(kept) == {}
    assert told(tmp_path, tmp_path / "kept") == ["door"]


def test_a_store_of_another_version_or_of_something_else_is_as_good_as_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(DOOR.encode())
    assert store.save(tmp_path / "kept", {b"x": plan})
    assert store.load(tmp_path / "kept") == {b"x": plan}
    monkeypatch.setattr(store, "__version__", "0")
    assert store.load(tmp_path / "kept") == {}
    content = b"\xc1"
    (tmp_path / "kept").write_bytes(store.digest(content) + content)
    assert store.load(tmp_path / "kept") == {}


def test_a_store_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "door.yml").write_text(DOOR)
    (tmp_path / "kept").write_text("a file")
    assert told(tmp_path, tmp_path / "kept") == ["door"]
    (tmp_path / "folder" / "mappings.plans").mkdir(parents=True)
    assert not store.save(tmp_path / "folder" / "mappings.plans", {})
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["mappings.plans"]


def test_what_is_wrong_with_a_file_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(DOOR.replace("title", "titel"))
    (tmp_path / "b.yml").write_text(DOOR)
    (tmp_path / "c.yml").write_text("")
    wrong, good, empty = told(tmp_path, tmp_path / "kept")
    assert wrong.startswith(f"{tmp_path / 'a.yml'}:2: 'titel' is not read here (did you mean 'title'?)")
    assert good == "door"
    assert empty.startswith(f"{tmp_path / 'c.yml'}:1: a mapping file is one YAML mapping")


def test_a_file_that_vanishes_is_said(tmp_path: Path) -> None:
    assert [one for _, one in sources_in([tmp_path / "gone.yml"], folder=tmp_path)] == [
        f"{tmp_path / 'gone.yml'}: No such file or directory"
    ]


def test_a_file_that_is_handed_over_must_be_right(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone.yml: No such file or directory; name a mapping file that can be read"):
        read_mapping(tmp_path / "gone.yml")
    (tmp_path / "a.yml").write_text(DOOR.replace("title", "titel"))
    with pytest.raises(InputError, match=r"a.yml:2: 'titel' is not read here"):
        read_mapping(tmp_path / "a.yml")


def test_a_mapping_that_is_handed_over_comes_before_one_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(DOOR.replace("name: door", "name: opencanary", 1))
    known = catalogue((tmp_path,))
    mine = known.named("opencanary")
    assert mine is not None
    assert mine.title == "Door controller"
    assert [problem.partition(": ")[2] for problem in known.problems] == [
        "there is another source named 'opencanary'; this one is not used"
    ]


def test_a_user_without_a_home_has_no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_cls: object) -> Path:
        raise RuntimeError

    monkeypatch.setattr("pathlib.Path.home", classmethod(homeless))
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert (user_folder(), store.default_folder()) == (None, None)
    assert list(sources_in([])) == []


def test_folders_of_a_user_are_below_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pathlib.Path.home", classmethod(lambda _cls: tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert (user_folder(), store.default_folder()) == (tmp_path / ".config/bartizan/sources", tmp_path / ".cache/bartizan/sources")
