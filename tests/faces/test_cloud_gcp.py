"""``bartizan cloud --gcp``: a running Google Cloud is read, judged and kept as files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from benchmarks._gcp import exported, google, refused
from tests.collect.inventory.live.gcp.asking import account_file
from tests.faces.command import Said, bartizan

if TYPE_CHECKING:
    from pathlib import Path

APP = "//iam.googleapis.com/projects/-/serviceAccounts/app@shop.iam.gserviceaccount.com"


def test_the_role_that_reading_needs_is_printed() -> None:
    whole, project = (yaml.safe_load(bartizan("cloud", "permissions", "--gcp", *more).out) for more in ((), ("projects",)))
    assert set(whole["includedPermissions"]) > set(project["includedPermissions"]) > {"cloudasset.assets.listResource"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--gcp", "shop"], "'shop' is no node of Google Cloud: write projects/ID, folders/NUMBER or organizations/NUMBER"),
        (
            ["--gcp", "projects/shop", "--aws", "audit", "--endpoint", "http://127.0.0.1:9"],
            "--endpoint: is the address of one cloud: review the others by commands of their own, and with --recording together",
        ),
    ],
)
def test_what_is_typed_wrong_is_told(words: list[str], told: str) -> None:
    assert bartizan("cloud", "review", *words) == Said(2, "", f"bartizan: {told}\n")


@pytest.mark.slow
@pytest.mark.enable_socket
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_running_cloud_is_judged_as_its_export_and_kept_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep, file = tmp_path / "kept", tmp_path / "assets.ndjson"
    with google() as cloud:
        cloud.page = 1000
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account_file(tmp_path, cloud.endpoint)))
        file.write_text(exported(cloud.things, "organizations/9"))
        live = bartizan("cloud", "review", "--gcp", "organizations/9", "--endpoint", cloud.endpoint, "--keep", keep, "--json")
        reached = bartizan("cloud", "paths", "--gcp", "projects/shop", "--endpoint", cloud.endpoint, "--blast", APP, "--json").json
        cloud.refuse("cloudasset", refused(403, "PERMISSION_DENIED", "no"))
        blind = bartizan("cloud", "review", "--gcp", "projects/shop", "--endpoint", cloud.endpoint, "--json")
    kept = bartizan("cloud", "review", "--recording", keep, "--json")
    export = bartizan("cloud", "review", file, "--json")
    assert (live.code, kept.code, export.code, blind.code) == (0, 0, 0, 3)
    told, again, filed, dimmed = live.json, kept.json, export.json, blind.json
    failing, later, by_file = ({one["check"]: one["counts"] for one in each["failing"]} for each in (told, again, filed))
    assert (told["verdicts"], failing, len(told["ways"])) == (again["verdicts"], later, len(again["ways"]))
    assert by_file.keys() <= failing.keys()
    assert {"storage-bucket-public", "firewall-open-ssh", "cloud-run-service-secrets-in-environment"} <= failing.keys()
    assert "projects/shop" in str(reached["reached"])
    assert [gap["call"] for gap in dimmed["gaps"] if gap["reason"] == "denied"] != []
