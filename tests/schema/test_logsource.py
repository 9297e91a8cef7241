"""A rule asks for a log source; a record is one."""

from __future__ import annotations

import hashlib

import pytest

from bartizan.schema.identity import record_id
from bartizan.schema.logsource import Logsource, View


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        (Logsource("windows", "process_creation"), True),
        (Logsource("windows"), True),
        (Logsource(category="process_creation"), True),
        (Logsource("windows", "process_creation", "sysmon"), True),
        (Logsource("windows", "file_event"), False),
        (Logsource("linux", "process_creation"), False),
        (Logsource(service="security"), False),
        (Logsource(), False),
    ],
)
def test_a_record_serves_a_rule_that_asks_for_no_more_than_it_is(asked: Logsource, *, served: bool) -> None:
    assert Logsource("windows", "process_creation", "sysmon").serves(asked) is served


def test_a_log_source_is_written_with_dashes_for_what_is_not_given() -> None:
    assert str(Logsource("windows", "", "security")) == "windows/-/security"
    assert View(Logsource("linux")).aliases == {}


def test_the_id_of_a_record_is_half_the_sha256_of_its_bytes() -> None:
    assert record_id(b"abc") == hashlib.sha256(b"abc").digest()[:16]
