"""Azure on the command line: a running one is read with a credential of azure-identity, and again from what was kept."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING

import pytest
from tests.collect.inventory.live.azure.estate import ANN, BEN, DEPLOYER, TENANT, TWO, VAULT, emulated, shop
from tests.faces.command import bartizan, spawn

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_subscription_is_reviewed_live_and_again_from_its_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    azure, tomorrow = shop(), tmp_path / "tomorrow"
    azure.page, today = 1000, tmp_path / "today"
    with emulated(azure) as cloud:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{cloud.manager}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "of-the-test")
        live = bartizan("cloud", "review", "--azure", "Shop", "--azure", TWO, "--endpoint", cloud.manager, "--keep", today, "--json")
        who = bartizan(
            "cloud", "who-can", "Microsoft.KeyVault/vaults/delete", VAULT.lower(), "--azure", "Shop", "--endpoint", cloud.manager
        )
        azure.paths[f"{VAULT}/secrets".lower()]["value"] = []
        bartizan("cloud", "review", "--azure", "Shop", "--azure", TWO, "--endpoint", cloud.manager, "--keep", tomorrow)
        wrong = bartizan("cloud", "review", "--azure", "Shopp", "--endpoint", cloud.manager)
    assert (live.code, live.err) == (0, "")
    failed = {(one["check"], one["counts"]["fail"]) for one in live.json["failing"]}
    assert failed
    again = bartizan("cloud", "review", "--recording", today, "--json").json
    assert {(one["check"], one["counts"]["fail"]) for one in again["failing"]} == failed
    assert [file.name for file in today.iterdir()] == [f"azure-{TENANT}.ndjson"]
    gone = bartizan("cloud", "diff", today, tomorrow, "--json")
    assert (gone.code, gone.err) == (0, "")
    assert "shopvault/secrets/db" in gone.out
    assert who.code == 1
    names = {"ann@example.com": ANN, "ben@example.com": BEN, "Deployer": DEPLOYER}
    assert [name for name, uid in names.items() if f"can             {name} ({uid})\n" not in who.out] == []
    assert (wrong.code, wrong.err[:62]) == (2, "bartizan: the credential sees no subscription 'Shopp' of Azure")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["x.json", "--tenant", "t"], "--tenant: means nothing without --azure"),
        (["x.json", "--app-settings"], "--app-settings: means nothing without --azure"),
        (["x.json", "--keep", "d"], "--keep: means nothing without --aws or --azure"),
        (["--aws", "a", "--azure", "b", "--endpoint", "http://a"], "--endpoint: is the address of one cloud"),
    ],
)
def test_options_that_mean_nothing_are_told(words: list[str], told: str) -> None:
    said = bartizan("cloud", "review", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"bartizan: {told}")


def test_the_role_is_printed() -> None:
    role = bartizan("cloud", "permissions", "--azure").json
    assert "microsoft.storage/storageaccounts/blobservices/containers/read" in role["Actions"]
    more = bartizan("cloud", "permissions", "--azure", "--app-settings").json
    assert set(more["Actions"]) - set(role["Actions"]) == {"microsoft.web/sites/config/list/action"}


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_review_that_is_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    azure = shop()
    azure.page = 4  # some pages, at two and a half a second
    with emulated(azure) as cloud:
        words = ("cloud", "review", "--azure", "Shop", "--endpoint", cloud.manager, "--keep", tmp_path, "--json")
        env = {"IDENTITY_ENDPOINT": f"{cloud.manager}/token", "IDENTITY_HEADER": "of-the-test"}
        with spawn(*words, env=env) as process:
            file = tmp_path / f"azure-{TENANT}.ndjson"
            until = time.monotonic() + 60
            while not (file.exists() and file.read_bytes().count(b"\n") > 3) and time.monotonic() < until:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _out, err = process.communicate(timeout=60)
        assert (process.returncode, err.decode()) == (130, "bartizan: interrupted\n")
        kept = sum(b'"answer"' in line for line in file.read_bytes().splitlines())
        azure.asked.clear()
        with spawn(*words, env=env) as process:
            out, err = process.communicate(timeout=120)
        again = sum(azure.asked.values()) - azure.asked["GET /subscriptions"]
    assert (process.returncode, err, bool(json.loads(out)["failing"])) == (0, b"", True)
    assert sum(b'"answer"' in line for line in file.read_bytes().splitlines()) == kept + again
