"""What was written down about cases, and what is found when it is not so any more."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.investigate.made import ELSEWHERE, INTRUSION, keep, line

from bartizan.errors import InputError, MissingExtra, OutputError
from bartizan.explain.cases.bundle import bundle
from bartizan.explain.cases.page import page_of
from bartizan.investigate.custody import flaws_of_bundle
from bartizan.investigate.desk import desk_at
from bartizan.investigate.signing import key_file, signed_by, signer_at
from bartizan.investigate.verifying import verify

if TYPE_CHECKING:
    from pathlib import Path

NAMED = [line("seen", -900, level=1, device="web-01"), *INTRUSION, *ELSEWHERE]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = keep(tmp_path / "case", NAMED)
    desk_at(made, signer_at(tmp_path / "key")).remember(now=7)
    return made


def told(folder: Path, key: str = "") -> list[str]:
    return [f"{flaw.where.removeprefix(str(folder))}: {flaw.what}" for flaw in verify(folder, key)[0]]


def test_what_nobody_touched_is_sound(folder: Path, tmp_path: Path) -> None:
    signer = signer_at(tmp_path / "key")
    assert signer is not None
    # The raw text of findings made by hand is not what their ids say; those of a hunt are (see the benchmark).
    assert [what for what in told(folder, signer.public) if "the text of record" not in what] == []
    assert verify(folder)[1] == "1 entries (1 signed), 1 files, 7 findings, 2 cases"


def test_a_changed_file_is_named_and_so_is_what_follows_from_it(folder: Path) -> None:
    path = folder / "findings.ndjson"
    path.write_bytes(path.read_bytes().replace(b"Rule macro", b"Rule mirco", 1))
    assert "/findings.ndjson: was changed: its digest is not that of entry 1" in told(folder)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    found = told(folder)
    assert any("bytes; it had" in what for what in found)
    assert "entry 1: its findings (7) are not those that are read now (6)" in found
    assert "entry 1: the cases that follow now are not those that followed then" in found


def test_the_text_of_a_record_has_to_be_the_one_that_has_its_id(folder: Path) -> None:
    path = folder / "findings.ndjson"
    path.write_bytes(path.read_bytes() + b"{}\n")
    assert any(what.startswith("/findings.ndjson:8: is no finding") for what in told(folder))


def test_another_key_a_forged_signature_and_none_are_told(folder: Path, tmp_path: Path) -> None:
    other = signer_at(tmp_path / "other")
    assert other is not None
    assert any("is signed with another key" in what for what in told(folder, other.public))
    path = folder / "cases" / "journal.ndjson"
    entry = json.loads(path.read_bytes())
    path.write_text(json.dumps({**entry, "signature": other.sign(entry["digest"])}, separators=(",", ":")) + "\n")
    assert any("has a signature that is not of this entry" in what for what in told(folder))
    path.write_text(json.dumps({**entry, "signature": "", "key": ""}, separators=(",", ":")) + "\n")
    assert any("is not signed" in what for what in told(folder, other.public))


def test_where_nothing_was_written_down_nothing_can_be_verified(tmp_path: Path) -> None:
    made = keep(tmp_path / "new", NAMED)
    assert told(made) == ["/cases/journal.ndjson: nothing was written down yet: `bartizan case list` does that"]


def test_every_file_of_a_bundle_is_held_to_its_manifest(folder: Path, tmp_path: Path) -> None:
    signer = signer_at(tmp_path / "key")
    assert signer is not None
    desk = desk_at(folder, signer)
    path = tmp_path / "case.zip"
    path.write_bytes(bundle(desk, page_of(desk, desk.cases[0]), now=1, signer=signer))
    assert list(flaws_of_bundle(path, signer.public)) == []
    packed = _files(path.read_bytes())

    def found(files: dict[str, bytes], key: str = "") -> list[str]:
        path.write_bytes(_zip(files))
        return [f"{flaw.where.removeprefix(f'{path}: ')}: {flaw.what}" for flaw in flaws_of_bundle(path, key)]

    assert found({**packed, "case.html": b"x"}) == ["case.html: was changed: its digest is not that of the manifest"]
    assert found({name: one for name, one in packed.items() if name != "stix.json"}) == ["stix.json: is missing"]
    assert found({**packed, "more.txt": b"x"}) == ["more.txt: is not in the manifest"]
    assert found({**packed, "manifest.json": packed["manifest.json"] + b"\n"}) == [
        "manifest.json: has a signature that is not of this text"
    ]
    unsigned = {name: one for name, one in packed.items() if name != "manifest.sig.json"}
    assert found(unsigned) == []
    assert found(unsigned, signer.public) == ["manifest.json: is not signed"]
    assert found(packed, "00" * 32) == [f"manifest.json: is signed with the key {signer.public}, not with {'00' * 32}"]
    path.write_bytes(b"no zip")
    with pytest.raises(InputError, match="is no bundle of a case"):
        list(flaws_of_bundle(path))


def _files(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_key_is_made_once_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    one, other = signer_at(tmp_path / "a" / "key"), signer_at(tmp_path / "a" / "key")
    assert one is not None
    assert other is not None
    assert one.public == other.public
    assert (tmp_path / "a" / "key").stat().st_mode & 0o777 == 0o600
    assert signed_by(one.public, "x", other.sign("x"))
    assert not signed_by(one.public, "y", one.sign("x"))
    assert not signed_by("zz", "x", one.sign("x"))


def test_a_file_that_holds_no_key_and_a_place_for_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    with pytest.raises(InputError, match="holds no key to sign with"):
        signer_at(tmp_path / "key")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="a key to sign with cannot be kept"):
        signer_at(tmp_path / "file" / "key")


def test_without_the_extra_nothing_is_signed_and_signatures_cannot_be_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert signer_at(tmp_path / "key") is None
    with pytest.raises(MissingExtra, match=r"pip install 'bartizan\[custody\]'"):
        signed_by("00", "x", "00")


def test_the_key_stands_where_the_user_keeps_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert key_file() == tmp_path / "bartizan" / "custody.key"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert key_file() == tmp_path / "home" / ".config" / "bartizan" / "custody.key"
