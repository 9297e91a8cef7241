"""Exceptions are Sigma filters in a file that people may edit too."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigma.filters import SigmaFilter

from bartizan.errors import InputError, OutputError, UsageError
from bartizan.rules.exceptions import Draft, add, remove, saved, where_of
from bartizan.rules.plan import Filter, Refuse
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from bartizan.rules.exceptions import Saved

WHO = "33333333-3333-4333-8333-333333333333"


def draft(**changed: object) -> Draft:
    given = {
        "rule": WHO,
        "about": "Somebody asks",
        "logsource": Logsource("windows", "process_creation"),
        "where": {"User": ("a", "b")},
        "owner": "alice@example.com",
        "reason": "nightly: 'it' is",
        "expires": date(2026, 12, 31),
    }
    return Draft(**{**given, **changed})  # type: ignore[arg-type]  # the fields of a draft


def titles(found: list[Saved]) -> list[str]:
    return [one.what.title if isinstance(one.what, Filter) else one.what.why for one in found]


def test_an_exception_is_a_sigma_filter_that_pysigma_reads_too() -> None:
    assert draft().text == (
        "title: Somebody asks, where User is a or b\nid: 0118d6ee-4477-547b-9646-744836a54216\n"
        "logsource:\n  product: windows\n  category: process_creation\n"
        f"filter:\n  rules:\n  - {WHO}\n  held_back:\n    User:\n    - a\n    - b\n  condition: not held_back\n"
        "owner: alice@example.com\nreason: 'nightly: ''it'' is'\nexpires: 2026-12-31\n"
    )
    assert SigmaFilter.from_yaml(draft().text).errors == []


def test_exceptions_are_added_and_taken_out_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "exceptions.yml"
    add(draft(), file)
    first = file.read_text()
    file.write_text(f"# ours\n{first}# the next one is about backups")
    add(draft(where={"User": ("c",)}), file)
    add(draft(where={"User": ("d",)}), file)
    assert titles(saved(file)) == [f"Somebody asks, where User is {users}" for users in ("a or b", "c", "d")]
    assert remove("Somebody asks, where User is c", file) == "Somebody asks, where User is c"
    assert file.read_text().startswith(f"# ours\n{first}# the next one is about backups\n---\n")
    assert remove(draft().id, file) == "Somebody asks, where User is a or b"
    assert titles(saved(file)) == ["Somebody asks, where User is d"]
    remove(draft(where={"User": ("d",)}).id, file)
    assert not file.exists()
    assert [path.name for path in file.parent.iterdir()] == []


def test_the_same_exception_cannot_be_saved_twice_whoever_wants_it(tmp_path: Path) -> None:
    add(draft(), tmp_path / "a.yml")
    with pytest.raises(UsageError, match="this exception is there already, as 0118d6ee-4477-547b-9646-744836a54216; remove it first"):
        add(draft(owner="bob@example.com", expires=date(2027, 1, 1)), tmp_path / "a.yml")


def test_a_file_that_somebody_broke_says_where_and_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(f"---\ntitle: x\n---\n{draft().text}---\n{{")
    assert [type(one.what) for one in saved(file)] == [Refuse, Filter, Refuse]
    assert saved(file)[0].what == Refuse(2, "this is no Sigma rule: it has no 'detection'")
    before = file.read_bytes()
    with pytest.raises(UsageError, match=r"a\.yml:22: this is no YAML: .*; mend this first"):
        remove(draft().id, file)
    assert file.read_bytes() == before


def test_what_is_not_there_cannot_be_removed(tmp_path: Path) -> None:
    add(draft(), tmp_path / "a.yml")
    with pytest.raises(UsageError, match="no exception can be removed as 'nothing': there is none"):
        remove("nothing", tmp_path / "a.yml")


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=4, unique=True), st.sampled_from(["", "# x\n", "\n\n", "---\n", "# é\n---\n"]))
def test_taking_one_out_leaves_every_other_as_it_was(users: list[str], between: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.yml"
        file.write_text(between)
        for user in users:
            add(draft(where={"User": (user,)}), file)
            file.write_text(file.read_text() + between)
        for at, user in enumerate(users):
            remove(draft(where={"User": (user,)}).id, file)
            left = [one.what.id for one in saved(file) if isinstance(one.what, Filter)] if file.exists() else []
            assert left == [draft(where={"User": (other,)}).id for other in users[at + 1 :]]


@given(st.binary(max_size=60))
def test_no_bytes_break_the_list_of_exceptions(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.yml"
        file.write_bytes(content)
        assert all(isinstance(one.what, Filter | Refuse) for one in saved(file))


def test_an_empty_file_holds_no_exceptions(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("# nothing\n")
    assert saved(tmp_path / "a.yml") == []
    with pytest.raises(InputError, match=r"b\.yml: no exceptions can be read: No such file"):
        saved(tmp_path / "b.yml")


def test_where_names_fields_and_values() -> None:
    assert where_of(["User=a", "CommandLine|contains=--x=1", "User=b", "Empty="]) == {
        "User": ("a", "b"),
        "CommandLine|contains": ("--x=1",),
        "Empty": ("",),
    }
    for word in ("User", "=a", " =a"):
        with pytest.raises(UsageError, match=f"--where '{word}': write FIELD=VALUE"):
            where_of([word])


def test_a_where_that_is_no_sigma_is_refused() -> None:
    with pytest.raises(UsageError, match=re.escape("--where: User|endwith: 'endwith' is no modifier (did you mean 'endswith'?)")):
        draft(where={"User|endwith": ("a",)}).node()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file/a\.yml: cannot be written: .*; name another file with --file"):
        add(draft(), tmp_path / "file" / "a.yml")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        add(draft(), tmp_path / "b.yml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
