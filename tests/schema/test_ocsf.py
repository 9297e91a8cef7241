"""What is known of OCSF."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bartizan.schema import ocsf


def test_a_class_is_found_by_its_uid_with_its_category() -> None:
    known = ocsf.class_of(1007)
    assert known is not None
    found = (known.uid, known.name, known.caption, known.category_uid, known.category_name)
    assert found == (1007, "process_activity", "Process Activity", 1, "System Activity")


def test_a_class_of_the_windows_extension_belongs_to_the_same_categories() -> None:
    known = ocsf.class_of(201002)
    assert known is not None
    assert (known.name, known.caption, known.category_uid) == ("registry_value_activity", "Registry Value Activity", 1)


def test_a_number_that_is_no_class_is_none() -> None:
    assert ocsf.class_of(1999) is None
    assert ocsf.category_name(42) == "Unknown"
    assert ocsf.attribute_at(1999, "time") is None
    assert ocsf.activity_name(1999, 1) == "Unknown"
    assert ocsf.type_name(1999, 1) == "Unknown: Unknown"


@pytest.mark.parametrize(
    ("class_uid", "activity_id", "type_uid", "name"),
    [
        (0, 0, 0, "Base Event: Unknown"),
        (1007, 1, 100701, "Process Activity: Launch"),
        (3002, 1, 300201, "Authentication: Logon"),
        (4003, 6, 400306, "DNS Activity: Traffic"),
        (6003, 99, 600399, "API Activity: Other"),
        (201001, 3, 20100103, "Registry Key Activity: Modify"),
        (1007, 77, 100777, "Process Activity: Unknown"),
    ],
)
def test_the_type_follows_from_class_and_activity(class_uid: int, activity_id: int, type_uid: int, name: str) -> None:
    assert (ocsf.type_uid(class_uid, activity_id), ocsf.type_name(class_uid, activity_id)) == (type_uid, name)


def test_every_class_that_a_log_hunt_maps_to_is_known() -> None:
    wanted = {0, *range(1001, 1011), 2004, *range(3001, 3007), *range(4001, 4015), 5001, *range(6001, 6009), 201001, 201002, 201004}
    assert wanted <= set(ocsf.class_uids())


def test_an_attribute_is_found_at_any_depth_with_what_its_place_says_of_it() -> None:
    path = ocsf.attribute_at(1007, "process.parent_process.file.path")
    assert path == ocsf.Attribute(name="path", kind="file_path_t", requirement="recommended", observable=45)
    container = ocsf.attribute_at(1007, "process.container")
    assert container is not None
    assert (container.profiles, container.is_object) == (("container",), True)


def test_a_path_beyond_a_simple_attribute_leads_nowhere() -> None:
    assert ocsf.attribute_at(1007, "process.pid.number") is None
    assert ocsf.attribute_at(1007, "process.nothing.at_all") is None


def test_an_attribute_that_two_extensions_add_needs_the_profile_of_either() -> None:
    egid = ocsf.attribute_at(1007, "process.egid")
    assert egid is not None
    assert egid.profiles == ("linux/linux_users", "macos/macos_users")


def test_every_timestamp_has_a_twin_in_the_datetime_profile() -> None:
    twin = ocsf.attribute_at(1007, "process.created_time_dt")
    assert twin == ocsf.Attribute(name="created_time_dt", kind="datetime_t", profiles=("datetime",))


def test_severities_are_those_of_the_schema() -> None:
    attribute = ocsf.attribute_at(0, "severity_id")
    assert attribute is not None
    assert {int(number): caption for number, caption in attribute.enum.items()} == ocsf.SEVERITIES


def test_reading_the_facts_costs_no_more_than_30_ms() -> None:
    script = (
        "import time, dataclasses; start = time.process_time();"
        "from bartizan.schema import ocsf; ocsf.class_of(1007); ocsf.attribute_at(1007, 'process.file.path');"
        "print(time.process_time() - start)"
    )
    runs = [subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.03
