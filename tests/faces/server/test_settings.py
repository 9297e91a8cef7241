"""Settings in a file: every mistake has its line, every value its origin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.faces.command import bartizan

from bartizan.errors import InputError
from bartizan.faces.server.settings import read_settings, schema, shown

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
state: state
listen: 127.0.0.1:9000
senders:
  - name: web
    token-file: web.token
    silent: 600
notify:
  - {name: soc, webhook: "https://soc.example/in", level: high}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "web.token").write_text("s3cret\n")
    path = folder / "watch.yml"
    path.write_text(text)
    return path


def test_every_value_says_where_it_comes_from(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    told = {name: (value, origin) for name, value, origin in shown(read_settings(path))}
    assert told["state"] == (str(tmp_path / "state"), f"{path}:1")
    assert told["listen"] == ("127.0.0.1:9000", f"{path}:2")
    assert told["lateness"] == ("30", "default")
    assert told["senders[0].silent"] == ("600", f"{path}:6")
    assert told["notify[0].level"] == ("high", f"{path}:8")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("state: s\nlissten: x\n", ":2: 'lissten' is no setting (did you mean 'listen'?); there are "),
        ("listen: x\n", ":1: 'state' is missing: the folder of this watch"),
        ("state: s\nlateness: soon\n", ":2: lateness: 'soon' is not a whole number of 0 or more; "),
        ("state: s\n\nlevel: hihg\n", ":3: level: 'hihg' is none of informational, low, medium, high, critical (did you mean 'high'?)"),
        ("state: s\nsenders: web\n", ":2: senders: write a list of mappings with the keys name, token-file, "),
        ("state: s\nsenders:\n  - name: a\n", ":3: 'token-file' is missing: the file that holds its token"),
        ("state: s\nrules: [1]\n", ":2: rules: [1] is not a list of texts; "),
        ("- state\n", ":1: settings are one YAML mapping with the keys state, "),
        ("state: [\n", ": this is no YAML: "),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_to_do(tmp_path: Path, text: str, why: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    assert why in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yml: cannot be read: No such file or directory"):
        read_settings(tmp_path / "none.yml")


def test_the_schema_takes_what_is_taken_and_refuses_what_is_refused() -> None:
    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    assert list(validator.iter_errors(yaml.safe_load(WHOLE))) == []
    wrong = [{"listen": "x"}, {"state": "s", "level": "hihg"}, {"state": "s", "x": 1}, {"state": "s", "senders": [{"name": "a"}]}]
    assert [validator.is_valid(one) for one in wrong] == [False] * 4


def test_the_command_checks_shows_and_prints_the_schema(tmp_path: Path) -> None:
    path = written(tmp_path, WHOLE)
    checked = bartizan("config", "check", str(path))
    assert (checked.code, checked.out) == (0, f"{path}: can be served: 1 senders, 0 places to fetch from, 1 channels\n")
    assert "lateness: 30  # default\n" in bartizan("config", "show", str(path), "--origin").out
    assert json.loads(bartizan("config", "schema").out)["title"] == "bartizan serve"
    (tmp_path / "web.token").write_text("")
    empty = bartizan("config", "check", str(path))
    assert (empty.code, "web.token is empty: write the secret into it" in empty.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("state: s\nlisten: here\n", "here: write HOST:PORT, for example 127.0.0.1:8088"),
        ("state: s\nsyslog: [quic:0.0.0.0:1]\n", "quic:0.0.0.0:1: write udp:HOST:PORT, tcp:HOST:PORT or tls:HOST:PORT"),
        ("state: s\ncertificate: web.token\nkey: web.token\n", "no certificate and its key can be read there"),
        ("state: s\nsenders: [{name: a, token-file: nowhere}]\n", "nowhere cannot be read: "),
        ("state: s\nnotify: [{name: a}]\n", "the channel 'a' has neither webhook nor apprise-file: say where it goes"),
        ("state: s\nnotify: [{name: a, webhook: x}]\n", "a: 'x' is no address of a webhook: write https://HOST/PATH"),
        ("state: s\nnotify: [{name: a, apprise-file: nowhere}]\n", "nowhere cannot be read: "),
    ],
)
def test_what_settings_name_is_checked_before_it_is_served(tmp_path: Path, text: str, why: str) -> None:
    checked = bartizan("config", "check", str(written(tmp_path, text)))
    assert (checked.code, why in checked.err) == (2, True)


@pytest.mark.enable_socket
def test_channels_are_tried_and_what_became_of_notices_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, 'state: s\nnotify: [{name: soc, webhook: "http://127.0.0.1:1/", level: low}]\n')
    tried = bartizan("notify", "test", str(path))
    assert (tried.code, tried.out.startswith("soc: did not take it: ")) == (1, True)
    assert "there is no channel 'x' under notify" in bartizan("notify", "test", str(path), "--channel", "x").err
    assert [bartizan("notify", action, str(path)).out for action in ("status", "revive")] == ["", "0 notices are tried again\n"]
