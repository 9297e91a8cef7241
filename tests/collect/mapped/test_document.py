"""What is wrong with a mapping file is said with its line and what to do."""

from __future__ import annotations

import pytest
from tests.collect.mapped.mappings import DOOR

from bartizan.collect.mapped.document import plan_of
from bartizan.documents import Refused


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("title:", "titel:", 2, "'titel' is not read here (did you mean 'title'?); there are: name, title, product, "),
        ("read: json", "read: jsno", 4, "'jsno' is no format (did you mean 'json'?); read is one of json, kv, "),
        ("read: json", "read: {as: json, header: sylog}", 4, "'sylog' is no header (did you mean 'syslog'?)"),
        ("read: json", "read: {as: regex, patterns: {a: '('}}", 4, "'(' is no regular expression: missing ), "),
        ("  user.name: badge", "  user.nmae: badge", 8, "user.nmae is no attribute of the class of any route"),
        ("activity_id: 1, status_id: 2", "activity_id: 1, statsu_id: 2", 14, "statsu_id is no attribute of OCSF class 3002 (did you"),
        ("class_uid: 3002, activity_id: 1", "class_uid: 3, activity_id: 1", 14, "class_uid is the number of an OCSF class, "),
        ("class_uid: 3002, activity_id: 1, ", "class_uid: 3002, ", 11, "route refused does not say what activity_id is"),
        ("reader.ip | ip", "reader.ip | pi", 9, "'pi' is no function"),
        ("reader.ip | ip", "reader.ip | matched", 9, "'matched' is no function; it is written matched(…)"),
        ("reader.ip | ip", "reader.ip | matched(()", 9, "'matched(()': missing ), "),
        ("recognise: {badge: present, door: present}", "marks: [badge]", 1, "recognise is missing: "),
        ("badge: present", "badge: [[1]]", 5, "badge: write present, "),
        ("{opened: 1, left: 2}", "[1]", 16, "map is a mapping of texts to what they mean: "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{form: 1}", 16, "a mapping with the keys form is no value; write "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{of: a, els: 1}", 16, "'els' is not read beside 'of' (did you mean 'else'"),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "[]", 16, "an empty list says nothing: "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "", 16, "nothing stands where a value is expected; "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{all: 1}", 16, "all is a list of fields: "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{join: result}", 16, "join is a list of fields: "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{all: result}", 16, "all is a list of fields: "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{one: result}", 16, "one is a mapping of attributes: "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{each: result}", 16, "an object without attributes says nothing: "),
        ("{of: result, map: {opened: 1, left: 2}, else: 99}", "{is: {a: 1}}", 16, "{'a': 1} stands where a text, "),
        ("{opened: 1, left: 2}", "{opened: }", 16, "None stands where a text, "),
        ("reader.ip | ip", "' | ip'", 9, "' | ip' names no field"),
        ("product: {name: Door, vendor_name: Example}", "product: Door", 3, "product is a mapping of names to values"),
        ("title: Door controller", "title:", 1, "title is missing; a mapping file has name, title, product, read, routes"),
        ("routes:", "marks: ['']\nroutes:", 10, "'' is no mark: "),
        ("routes:", "examples: x\nroutes:", 10, "examples is a list"),
        ("routes:", "examples: [x]\nroutes:", 10, "examples is a list of mappings with title, raw "),
        ("routes:", "examples: [{routes: [opend]}]\nroutes:", 10, "'opend' is none of the routes (did you mean 'opened'?)"),
        ("sigma: [{product: door, fields: {who: badge}}]", "sigma: [door]", 13, "sigma is a list of log sources: "),
        ("  - name: refused", "  - name:", 11, "this route has no name"),
        ('when: {result: ["denied*", expired]}', "when: denied", 12, "tests are a mapping of fields to what must be so: "),
        ("name: door", "name: [", 3, "this is no YAML: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(old: str, new: str, line: int, why: str) -> None:
    with pytest.raises(Refused) as refused:
        plan_of(DOOR.replace(old, new, 1).encode())
    assert (refused.value.line, refused.value.why[: len(why)]) == (line, why)


def test_a_dotted_name_below_a_list_is_refused_with_the_forms_that_make_lists() -> None:
    text = DOOR.replace("status_id: 2}", "status_id: 2, resources.uid: door}").replace(
        "class_uid: 3002, activity_id: 1", "class_uid: 6003, activity_id: 1"
    )
    with pytest.raises(Refused, match=r"resources is a list: write resources: \{each: FIELD, uid: …\} or resources: \{one: \{uid: …\}\}"):
        plan_of(text.encode())


def test_an_empty_file_is_no_mapping() -> None:
    with pytest.raises(Refused, match="a mapping file is one YAML mapping with the keys name, title"):
        plan_of(b"")


def test_routes_are_a_list() -> None:
    with pytest.raises(Refused, match="routes is a list of mappings, each with name and ocsf"):
        plan_of(DOOR.partition("routes:")[0].encode() + b"routes: {name: x}\n")


def test_attributes_of_objects_are_looked_for_in_the_object() -> None:
    with pytest.raises(Refused, match=r"user.nmae is no attribute of OCSF class 3002 \(did you mean 'name'\?\)"):
        plan_of(DOOR.replace("status_id: 2}", "status_id: 2, user.nmae: badge}").encode())


def test_a_date_in_an_example_is_the_time_that_must_come_out() -> None:
    text = DOOR + "examples:\n  - {title: x, raw: [a, b], routes: [opened], ocsf: {time: 2024-05-16, end: 2024-05-16}}\n"
    [example] = plan_of(text.encode()).examples
    assert (example.ocsf, example.routes) == ({"time": 1_715_817_600_000_000_000, "end": "2024-05-16"}, ("opened", "opened"))


def test_a_date_that_yaml_sees_in_a_table_is_the_text_that_was_written() -> None:
    text = DOOR.replace("{opened: 1, left: 2}", "{opened: 2024-05-16}")
    route = plan_of(text.encode()).routes[1]
    assert "('opened', '2024-05-16')" in str(dict(route.ocsf)["activity_id"])
