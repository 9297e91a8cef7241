"""A cache makes loading quick and never makes it wrong."""

from __future__ import annotations

import multiprocessing
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bartizan.rules import cache, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

RULE = "title: {title}\nlogsource: {{product: p}}\ndetection: {{s: {{'a|expand': '{value}'}}, condition: s}}\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.yml").write_text(RULE.format(title=name, value="x"))
    return folder


def compiled_by(pack: Path, folder: Path, placeholders: Mapping[str, Sequence[str]] | None = None) -> tuple[int, list[str]]:
    """Load a pack; return how many files were compiled, and the titles."""
    told: list[int] = []
    loaded = load([pack], cache=folder, placeholders=placeholders or {}, progress=lambda done, _total: told.append(done))
    return len(told), [rule.title for rule in loaded.rules]


def stores(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_what_did_not_change_is_not_compiled_again(pack: Path, tmp_path: Path) -> None:
    assert compiled_by(pack, tmp_path / "cache") == (3, ["a", "b", "c"])
    assert compiled_by(pack, tmp_path / "cache") == (0, ["a", "b", "c"])
    (pack / "b.yml").write_text(RULE.format(title="new", value="x"))
    assert compiled_by(pack, tmp_path / "cache") == (1, ["a", "new", "c"])
    (pack / "c.yml").unlink()
    assert compiled_by(pack, tmp_path / "cache") == (0, ["a", "new"])
    assert len(stores(tmp_path / "cache")) == 1


def test_a_warm_set_judges_as_a_cold_one(pack: Path, tmp_path: Path) -> None:
    cold, warm = (load([pack], cache=tmp_path / "cache") for _ in range(2))
    assert (warm.rules, warm.refused, warm.remarks, warm.conditions, warm.origins) == (
        cold.rules,
        cold.refused,
        cold.remarks,
        cold.conditions,
        cold.origins,
    )


def test_other_placeholder_lists_have_a_store_of_their_own(pack: Path, tmp_path: Path) -> None:
    (pack / "a.yml").write_text(RULE.format(title="a", value="%list%"))
    assert compiled_by(pack, tmp_path / "cache") == (3, ["b", "c"])
    assert compiled_by(pack, tmp_path / "cache", {"list": ["x"]}) == (3, ["a", "b", "c"])
    assert compiled_by(pack, tmp_path / "cache") == (0, ["b", "c"])
    assert len(stores(tmp_path / "cache")) == 2


def cut(content: bytes) -> bytes:
    return content[:-1]


def flipped(content: bytes) -> bytes:
    return content[:100] + bytes([content[100] ^ 1]) + content[101:]


def emptied(_content: bytes) -> bytes:
    return b""


def of_nonsense(_content: bytes) -> bytes:
    return cache.digest(b"\xff\xff") + b"\xff\xff"


def of_another_version(content: bytes) -> bytes:
    changed = content[32:].replace(content[36:40], bytes(4), 1)
    return cache.digest(changed) + changed


@pytest.mark.parametrize("damage", [cut, flipped, emptied, of_nonsense, of_another_version])
def test_a_damaged_store_is_built_again(pack: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    compiled_by(pack, tmp_path / "cache")
    (store,) = stores(tmp_path / "cache")
    whole = store.read_bytes()
    store.write_bytes(damage(whole))
    assert compiled_by(pack, tmp_path / "cache") == (3, ["a", "b", "c"])
    assert store.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_done_without(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert [compiled_by(pack, tmp_path / "file" / "cache") for _ in range(2)] == [(3, ["a", "b", "c"])] * 2


def test_a_store_that_cannot_be_put_in_place_leaves_nothing_behind(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert compiled_by(pack, tmp_path / "cache") == (3, ["a", "b", "c"])
    assert stores(tmp_path / "cache") == []


def test_only_the_newest_stores_are_kept(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEPT", 2)
    for number in range(4):
        compiled_by(pack, tmp_path / "cache", {"list": [str(number)]})
    assert len(stores(tmp_path / "cache")) == 2
    assert compiled_by(pack, tmp_path / "cache", {"list": ["3"]})[0] == 0


def test_the_default_folder_follows_the_base_directory_specification(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.default_folder() == tmp_path / "bartizan" / "rules"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.default_folder() == tmp_path / ".cache" / "bartizan" / "rules"


def _load_often(pack: str, folder: str) -> list[str]:
    titles: list[str] = []
    for _ in range(5):
        titles = [rule.title for rule in load([Path(pack)], cache=Path(folder)).rules]
        shutil.rmtree(folder, ignore_errors=True)
    return titles


def test_runs_side_by_side_do_not_disturb_each_other(pack: Path, tmp_path: Path) -> None:
    arguments = [(str(pack), str(tmp_path / "cache"))] * 4
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        assert pool.starmap(_load_often, arguments) == [["a", "b", "c"]] * 4
