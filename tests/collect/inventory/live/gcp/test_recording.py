"""What was answered is kept without secrets; a reading that ended early goes on, and facts can be made again without Google Cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks._gcp import Told, disabled, refused
from benchmarks._gcp_estate import HUSH
from tests.collect.inventory.live.gcp.asking import given, missed, read, said, told

from bartizan.collect.inventory.estates.recordings import read_recordings
from bartizan.collect.inventory.live.gcp.redaction import redacted
from bartizan.collect.inventory.live.rest.caller import Caller
from bartizan.collect.inventory.live.rest.calls import Call
from bartizan.collect.inventory.reading import read as read_files
from bartizan.errors import InputError
from bartizan.workbench.cloud import recorded_facts

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._gcp import Google

    from bartizan.collect.inventory.live.calls import Answer

PUSH = "https://{}@example.com/x"
pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


def test_a_recording_says_the_same_without_asking_and_holds_no_secret(cloud: Google, tmp_path: Path) -> None:
    live = read(cloud, "projects/shop", "projects/labs", keep=tmp_path).facts
    cloud.asked.clear()
    kept = read_recordings(tmp_path)
    assert cloud.asked == []
    assert (told(kept), given(kept), said(kept), kept.gaps) == (told(live), given(live), said(live), live.gaps)
    files = read_files([tmp_path])
    assert (told(files), given(files), said(files), files.gaps) == (told(live), given(live), said(live), live.gaps), "as paths too"
    assert {one.origin.how for one in kept.resources} == {"recording"}
    text = "".join(file.read_text() for file in tmp_path.iterdir())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["gcp-projects-labs.ndjson", "gcp-projects-shop.ndjson"]
    assert [one for one in HUSH if one in text or one in str(live)] == []
    assert "block-project-ssh-keys" in text


def test_services_alone_show_no_secret_either(cloud: Google, tmp_path: Path) -> None:
    cloud.refuse("cloudasset", disabled("cloudasset.googleapis.com", "projects/999"))
    live = read(cloud, keep=tmp_path).facts
    text = (tmp_path / "gcp-projects-shop.ndjson").read_text()
    assert [one for one in HUSH if one in text or one in str(live)] == []
    held = told(live)
    api = held["//run.googleapis.com/projects/shop/locations/europe/services/api"]
    assert (api["environment.names"], api["environment.secrets"]) == (["API_KEY", "MODE"], ["API_KEY"])
    kept = read_recordings(tmp_path / "gcp-projects-shop.ndjson")
    assert (told(kept), kept.gaps) == (held, live.gaps)


def test_what_was_killed_goes_on_where_it_was(cloud: Google, tmp_path: Path) -> None:
    whole = read(cloud).facts
    everything = len(cloud.asked)
    read(cloud, keep=tmp_path)
    file = tmp_path / "gcp-projects-shop.ndjson"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[: len(lines) // 2]) + lines[len(lines) // 2][:40])
    cloud.asked.clear()
    again = read(cloud, keep=tmp_path).facts
    assert (told(again), given(again), said(again)) == (told(whole), given(whole), said(whole))
    assert 0 < len(cloud.asked) < everything
    cloud.asked.clear()
    read(cloud, keep=tmp_path)
    assert cloud.asked == []


def test_an_interrupt_leaves_a_recording_that_goes_on(cloud: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, asked = Caller.__call__, 0

    def interrupted(self: Caller, call: Call) -> Answer:
        nonlocal asked
        asked += 1
        if asked == 8:
            raise KeyboardInterrupt
        return ask(self, call)

    with monkeypatch.context() as patched:
        patched.setattr(Caller, "__call__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            read(cloud, keep=tmp_path)
    before = len(cloud.asked)
    assert told(read(cloud, keep=tmp_path).facts) == told(read(cloud).facts)
    assert before == 7


def test_what_was_refused_is_asked_again_the_next_time(cloud: Google, tmp_path: Path) -> None:
    cloud.refuse("cloudasset", refused(403, "PERMISSION_DENIED", "no"))
    assert missed(read(cloud, keep=tmp_path).facts) != []
    cloud.otherwise.clear()
    assert read(cloud, keep=tmp_path).facts.gaps == []


def test_a_page_that_grew_old_is_asked_for_anew(cloud: Google, tmp_path: Path) -> None:
    whole = read(cloud).facts
    cloud.refuse("pageToken=6", refused(503, "UNAVAILABLE", "later"))
    read(cloud, keep=tmp_path)
    cloud.otherwise.clear()
    cloud.refuse("pageToken=6", refused(400, "INVALID_ARGUMENT", "the page token is too old"), times=1)
    again = read(cloud, keep=tmp_path).facts
    assert (told(again), given(again), said(again), again.gaps) == (told(whole), given(whole), said(whole), [])


def test_a_file_of_another_kind_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_text('{"format": "bartizan-nowhere-recording/1", "scope": {}}\n')
    with pytest.raises(InputError, match=r"x\.ndjson:1"):
        read_recordings(tmp_path)


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        (
            {"metadata": {"items": [{"key": "enable-oslogin", "value": "TRUE"}]}},
            {"metadata": {"items": [{"key": "enable-oslogin", "value": "TRUE"}]}},
        ),
        (
            {"metadata": {"items": [{"key": "token", "value": "swordfish1"}, "odd", {"key": "none"}]}},
            {"metadata": {"items": [{"key": "token", "value": "(redacted) named"}, {"key": "none", "value": None}]}},
        ),
        ({"machineType": "e2", "metadata": {"proxy-mode": "swordfish"}}, {"machineType": "e2", "metadata": {"proxy-mode": "(redacted)"}}),
        ({"metadata": {"name": "api"}, "spec": {"x": 1}}, {"metadata": {"name": "api"}, "spec": {"x": 1}}),
        ({"environmentVariables": {"MODE": "prod"}}, {"environmentVariables": {"MODE": "(redacted)"}}),
        ({"env": [{"name": "KEY", "value": "AKIAABCDEFGHIJKLMNOP"}]}, {"env": [{"name": "KEY", "value": "(redacted) aws-access-key"}]}),
        ({"args": ["--password=swordfish1", "-v"]}, {"args": ["--(redacted) password;ish1", "-v"]}),
        (
            {"pushConfig": {"pushEndpoint": PUSH.format("bob:swordfish")}},
            {"pushConfig": {"pushEndpoint": PUSH.format("(redacted)")}},
        ),
        ({"iap": {"oauth2ClientSecret": "swordfish"}}, {"iap": {"oauth2ClientSecret": "(redacted) named"}}),
    ],
)
def test_values_of_secrets_are_taken_out_and_names_stay(document: object, kept: object) -> None:
    assert redacted(Call("x", "https://x.googleapis.com/"), document) == kept


def test_a_hostile_answer_is_taken_for_what_it_is(cloud: Google) -> None:
    strange = [{"name": 5, "assetType": ["y"], "ancestors": "z", "resource": 1}, {"name": "//a", "resource": {"data": {}}}]
    policy = {"name": "//a.googleapis.com/b", "assetType": "a.googleapis.com/B", "iamPolicy": 7, "ancestors": [1]}
    cloud.refuse("cloudasset", Told({"assets": ["x", *strange, policy], "nextPageToken": 9}))
    facts = read(cloud).facts
    assert sorted({gap.detail for gap in facts.gaps if gap.reason == "failed"}) == [
        "NoAsset: something came that is no asset",
        "this is no IAM policy",
    ]


def test_recordings_in_several_folders_are_one_estate(cloud: Google, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, node in zip(folders, ("projects/shop", "projects/labs"), strict=True):
        read(cloud, node, keep=folder)
    together = read(cloud, "projects/shop", "projects/labs").facts
    again = recorded_facts(*folders)
    assert (given(again), said(again)) == (given(together), said(together))
