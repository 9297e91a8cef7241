"""Folders that others wrote, read whole; and beside what another reader of HCL makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.field import field_data

from bartizan.collect.inventory.terraform.estate import Estate
from bartizan.collect.inventory.terraform.modules import Module
from bartizan.collect.inventory.terraform.reading import read_terraform

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
VARIABLES = {
    **{f"{name}account_id": f"{digit}" * 12 for digit, name in enumerate(("", "prod_", "dev_", "operations_", "attacker_"), 1)},
    "resource_suffix": "abc123",
    "vpc_id": "vpc-0abc",
    "subnet_id": "subnet-0abc",
    "github_repo": "example/app",
    "apprunner_service_linked_role_id": "x",
}
GUESSED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|\$\{|:::|::")
"""What the other reader writes where it does not know something."""


def labs() -> list[Path]:
    return sorted({file.parent for file in field_data("pathfinding-labs").rglob("*.tf")})


def test_every_lab_is_read_and_all_that_is_missing_is_not_of_access() -> None:
    resources, missing = 0, []
    for folder in labs():
        facts = read_terraform(folder, variables=VARIABLES)
        resources += len(facts.resources)
        missing += [
            (folder.name, gap.detail) for gap in facts.gaps if gap.reason != "assumed" and not gap.detail.startswith("aws_s3_object: ")
        ]
    assert len(labs()) >= 56
    assert resources >= 370
    assert missing == []


def test_two_readers_see_the_same_resources_and_the_same_known_texts() -> None:
    tfparse = pytest.importorskip("tfparse")
    differ = []
    for folder in labs():
        estate = Estate(folder.resolve(), folder.resolve(), VARIABLES)
        Module(estate, folder.resolve(), "", VARIABLES).declare()
        ours = {one.address: dict(one.values) for one in estate.declared}
        theirs = {
            one["__tfmeta"]["path"]: one for some in tfparse.load_from_path(str(folder)).values() for one in some if _is_resource(one)
        }
        if ours.keys() != theirs.keys():
            differ.append((folder.name, sorted(ours.keys() ^ theirs.keys())))
        for address, values in ours.items():
            other = theirs.get(address, {})
            differ += [
                (address, name, value, other[name])
                for name, value in values.items()
                if _told(value, other.get(name)) and value != other[name]
            ]
    assert differ == []


def _is_resource(one: dict[str, Any]) -> bool:
    return bool(one["__tfmeta"].get("type") == "resource")


def _told(ours: object, theirs: object) -> bool:
    """Say whether both readers know a text: the other one knows no variable and no ARN, so what comes of one is not compared."""
    if not isinstance(ours, str) or not isinstance(theirs, str) or GUESSED.search(theirs) or "null" in theirs:
        return False
    return not any(value in ours for value in VARIABLES.values())
