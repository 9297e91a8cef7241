"""A check that is not fit for the catalogue is told what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.testing.check_check import check_check

if TYPE_CHECKING:
    from pathlib import Path

FRAMEWORKS = {"test-1": {"1": "one"}}
GOOD = """\
title: Disk in the clear
id: 6dd237d0-0f34-58db-9320-e4dcd861bc9f
description: A disk keeps its data in the clear.
logsource: {product: aws, category: inventory, service: ebs_volume}
detection:
  safe: {encrypted: true}
  condition: not safe
level: medium
why: It can be read.
fix: {cli: encrypt it}
compliance: {test-1: ["1"]}
cases:
  - {name: clear, verdict: fail, properties: {encrypted: false}}
  - {name: encrypted, verdict: pass, properties: {encrypted: true}, resource: {region: eu-west-1}}
  - {name: unread, verdict: unknown, unknown: [encrypted]}
"""


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "ebs-volume-unencrypted.yml"
    path.write_text(text)
    return [one.what for one in check_check(path, FRAMEWORKS)]


def test_a_check_with_all_that_it_needs_is_sound(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("why: It can be read.\n", "", ["why: missing; say why it matters: what an attacker gains, or what is lost"]),
        (
            "fix: {cli: encrypt it}",
            "fix: {magic: x}",
            ["fix: say how to mend it, by one or more of terraform, cli, console, manifest, steps"],
        ),
        ('compliance: {test-1: ["1"]}\n', "", ["compliance: missing; say for which requirements this is evidence ({} for none)"]),
        ('{test-1: ["1"]}', '{test-2: ["1"]}', ["compliance: there is no framework 'test-2': there are test-1"]),
        ('{test-1: ["1"]}', '{test-1: ["2"]}', ["compliance.test-1: has no requirement '2'"]),
        ('{test-1: ["1"]}', "{test-1: [1]}", ["compliance.test-1: is no list of ids (quote numbers)"]),
        (
            "encrypted: true}\n  condition: not safe",
            "encryptd: true}\n  condition: not safe",
            ["line 1: there is no property 'encryptd' (did you mean 'encrypted'?)"],
        ),
        (
            "name: clear, verdict: fail",
            "name: clear, verdict: pass",
            ["case 'clear': should be pass, is fail: encrypted: false", "cases: none says 'verdict: fail'"],
        ),
        ("name: unread,", "name: clear,", ["cases: number 3 needs a name of its own"]),
        ("verdict: unknown, unknown", "verdict: maybe, unknown", ["case 'unread': verdict: say pass, fail or unknown"]),
        ("unknown: [encrypted]", "unknown: [encryptd]", ["case 'unread': there is no property encryptd"]),
        (
            "unknown: [encrypted]",
            "unknown: encrypted",
            ["case 'unread': properties and resource are mappings, unknown is a list of properties"],
        ),
        (
            "unknown: [encrypted]",
            "hidden: [encrypted]",
            ["case 'unread': hidden: no such key (write name, properties, resource, unknown, verdict)"],
        ),
        (
            "region: eu-west-1",
            "place: x",
            ["case 'encrypted': resource: has account, kind, name, region, tags, uid", "cases: none says 'verdict: pass'"],
        ),
        (
            "encrypted: false}}",
            "encrypted: 'no'}}",
            ["case 'clear': encrypted: of another type than the property", "cases: none says 'verdict: fail'"],
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, what: list[str]) -> None:
    assert old in GOOD
    assert problems(tmp_path, GOOD.replace(old, new)) == what


def test_false_that_overlooks_what_is_not_set_is_told(tmp_path: Path) -> None:
    lax = GOOD.replace("safe: {encrypted: true}\n  condition: not safe", "bad: {encrypted: false}\n  condition: bad")
    told = "encrypted: asks for false, and finds nothing where it is not set: write [false, null], or negate a test for true"
    assert problems(tmp_path, lax) == [told]


def test_a_file_holds_one_check(tmp_path: Path) -> None:
    assert problems(tmp_path, f"{GOOD}---\n{GOOD.replace('6dd237d0', '7dd237d0')}")[0].startswith(
        "line 17: there is a check of this name already"
    )
    filters = GOOD + "---\ntitle: t\nlogsource: {product: aws}\nfilter: {rules: any, x: {uid: y}, condition: not x}\n"
    assert problems(tmp_path, filters) == ["holds 1 checks; a file holds one"]
