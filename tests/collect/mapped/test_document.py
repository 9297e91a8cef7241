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
