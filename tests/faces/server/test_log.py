"""The log is for people on a terminal, for machines elsewhere, and holds no secret."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

from tests.faces.command import bartizan

from bartizan.faces.server.assembling import secrets_in
from bartizan.faces.server.log import Log
from bartizan.faces.server.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_machines_get_an_object_a_line_and_people_a_line() -> None:
    machine, people = io.StringIO(), io.StringIO()
    for stream, log in ((machine, Log(machine, machine=True)), (people, Log(people, machine=False))):
        log("listening on 127.0.0.1:8088")
        log('a "line"\nand more', "warning")
        assert stream.getvalue().endswith("\n")
    told = [json.loads(line) for line in machine.getvalue().splitlines()]
    assert [(one["level"], one["event"], one["timestamp"][-1]) for one in told] == [
        ("info", "listening on 127.0.0.1:8088", "Z"),
        ("warning", 'a "line"\nand more', "Z"),
    ]
    assert people.getvalue().startswith("bartizan: listening on 127.0.0.1:8088\n")


def test_no_secret_that_is_known_is_written_nor_what_an_address_holds_of_it() -> None:
    stream = io.StringIO()
    log = Log(stream, machine=False)
    log.hide(["token-s3cret", "slack://bot@T0AAAAAA/B0BBBBBB/c1d2e3f4", "short", "https://hooks.example/services/k3y-of-hook"])
    log("POST /services/B0BBBBBB/c1d2e3f4: token-s3cret was refused by hooks.example with k3y-of-hook; short")
    assert stream.getvalue() == ("bartizan: POST /services/[secret]/[secret]: [secret] was refused by hooks.example with [secret]; short\n")
    log.hide([])
    log("token-s3cret")
    assert stream.getvalue().endswith("bartizan: token-s3cret\n")


def test_every_secret_that_settings_name_is_known(tmp_path: Path) -> None:
    for name in ("token", "key", "address", "base"):
        (tmp_path / name).write_text(f"{name}-s3cret\n")
    config = tmp_path / "watch.yml"
    config.write_text(
        "state: state\ndatabase-file: base\nsenders: [{name: web, token-file: token}]\n"
        "notify:\n- {name: a, webhook: 'https://h.example/x', secret-file: key}\n- {name: b, apprise-file: address}\n"
    )
    assert secrets_in(read_settings(config)) == ["https://h.example/x", "token-s3cret", "key-s3cret", "address-s3cret", "base-s3cret"]
    shown = bartizan("config", "show", config, "--origin")
    assert ("s3cret" in shown.out, f"senders[0].token-file: {tmp_path}/token  # {config}:3" in shown.out) == (False, True)
