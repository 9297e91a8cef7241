"""A mapping file makes a source: recognised by bytes, routed by values, mapped by tables."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from tests.collect.mapped.mappings import DOOR, attribute, rows, source

from bartizan.collect.contract import Context, Framing
from bartizan.collect.mapped.expressions import expression_of
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell

OPENED = '{"badge":"alice","door":7,"at":"2024-05-16T08:00:00Z","result":"opened","reader":{"ip":"192.0.2.7"}}'
DENIED = '{"badge":"bob","door":7,"at":"2024-05-16 08:00:01","result":"Denied: no right"}'
EIGHT = 1_715_846_400_000_000_000


def test_records_take_the_first_route_whose_tests_hold_and_are_mapped() -> None:
    assert rows(source(DOOR), [OPENED, DENIED, '{"badge":"x"}', "{"]) == [
        (
            "opened",
            {
                "time": EIGHT,
                "user.name": "alice",
                "src_endpoint.ip": "192.0.2.7",
                "class_uid": 3002,
                "activity_id": 1,
                "status_id": 1,
                "severity_id": 1,
            },
        ),
        (
            "refused",
            {"time": EIGHT + 1_000_000_000, "user.name": "bob", "class_uid": 3002, "activity_id": 1, "status_id": 2, "severity_id": 1},
        ),
        ("", {"why": "no record of Door controller: door is missing or not present"}),
        ("", {"why": "no JSON: expecting property name enclosed in double quotes at character 2 of 1"}),
    ]


def test_a_source_says_what_its_file_says() -> None:
    made = source(DOOR)
    assert (made.name, made.title, made.framings, made.product) == (
        "door",
        "Door controller",
        (Framing.JSON,),
        {"name": "Door", "vendor_name": "Example"},
    )
    assert [[(view.logsource, view.aliases) for view in route.views] for route in made.routes] == [
        [(Logsource("door"), {"who": "badge"})],
        [],
    ]


def test_only_its_own_are_recognised() -> None:
    assert source(DOOR).recognise([OPENED.encode(), DENIED.encode(), b'{"badge":1}', b'{"a":"\\"badge\\" \\"door\\""}', b"{"]) == 2


def test_a_clock_without_zone_is_read_in_the_zone_that_is_asked_for() -> None:
    here = Context(zone=ZoneInfo("Europe/Vienna"))
    times = [cells["time"] for _, cells in rows(source(DOOR), [OPENED, DENIED], here)]
    assert times == [EIGHT, EIGHT + 1_000_000_000 - 7_200_000_000_000]


@pytest.mark.parametrize(
    ("value", "record", "expected"),
    [
        ("b", '{"a":1,"b":"x"}', "x"),
        ("b.c", '{"a":1,"b":{"c":2}}', 2),
        ("b.c", '{"a":1,"b.c":3}', 3),
        ("b.1.c", '{"a":1,"b":[{"c":1},{"c":2}]}', 2),
        ("b.2.c", '{"a":1,"b":[{"c":1},{"c":2}]}', None),
        ("b.c", '{"a":1,"b":[{"c":1},{"c":2}]}', (1, 2)),
        ("b | integer", '{"a":1,"b":"7"}', 7),
        ("b | matched(x(.)z) | lower", '{"a":1,"b":"wxYz"}', "y"),
        ("b | named(User)", '{"a":1,"b":[{"name":"ip","value":1},{"name":"user","value":"alice"}]}', "alice"),
        ("b | element(-1)", '{"a":1,"b":["x","y"]}', "y"),
        ("b | json", '{"a":1,"b":[{"c":1}]}', '[{"c":1}]'),
        ("b | before(@)", '{"a":1,"b":"alice@example.com"}', "alice"),
        ("b | after(@)", '{"a":1,"b":"alice@example.com"}', "example.com"),
        ("b | last(/)", '{"a":1,"b":"x/y/z"}', "z"),
        ("b | milliseconds", '{"a":1,"b":"1970-01-01T00:00:01.5Z"}', 1500),
        ("b | size", '{"a":1,"b":[1,2]}', 2),
        ("b | colons", '{"a":1,"b":"0200.0000.0001"}', "02:00:00:00:00:01"),
        ("b | colons", '{"a":1,"b":"02"}', None),
        ("b | label_name", '{"a":1,"b":"(3)www(7)example(0)"}', "www.example"),
        ("{each: b, uid: n.0.x}", '{"a":1,"b":[{"n":[{"x":1}]},{"n":[]},{"n":5}]}', ({"uid": 1},)),
        ("b | listed", '{"a":1,"b":["x",1]}', ("x", "1")),
        ("[c, b]", '{"a":1,"b":"x","c":"-"}', "x"),
        ("{of: b, map: {on: 1, 'st*': 2}, else: 99}", '{"a":1,"b":"Start"}', 2),
        ("{of: b, map: {1: one}, else: many}", '{"a":1,"b":1}', "one"),
        ("{of: b, map: {x: 1}, else: many}", '{"a":1,"b":"y"}', "many"),
        ("{of: b, map: {x: 1}}", '{"a":1,"b":"y"}', None),
        ("{of: b, else: none}", '{"a":1}', "none"),
        ("{is: text}", '{"a":1}', "text"),
        ("{when: {b: [x, y]}, is: 5}", '{"a":1,"b":"Y"}', 5),
        ("{when: {b: x}, of: a}", '{"a":1,"b":"Y"}', None),
        ("{join: [b, c], with: ' '}", '{"a":1,"b":"x","c":"y"}', "x y"),
        ("{join: [b, c], do: integer}", '{"a":1,"b":"1","c":"2"}', 12),
        ("{each: b, uid: i, owner.name: n}", '{"a":1,"b":[{"i":1,"n":"x"},{"i":2}]}', ({"uid": 1, "owner": {"name": "x"}}, {"uid": 2})),
        ("{one: {uid: b, type: {is: door}}}", '{"a":1,"b":"i"}', ({"uid": "i", "type": "door"},)),
        ("{one: {uid: b, type: {is: door}}}", '{"a":1}', None),
        ("{one: {uid: b, type: c}}", '{"a":1,"c":"door"}', None),
        ("{each: b, name: .}", '{"a":1,"b":["x","y"]}', ({"name": "x"}, {"name": "y"})),
        ("{each: b, name: n, type: t}", '{"a":1,"b":[{"t":"x"},{"n":"y","t":"x"}]}', ({"name": "y", "type": "x"},)),
        ("{all: [b, c, d]}", '{"a":1,"b":"x","c":null,"d":["y","z"]}', ("x", "y", "z")),
        ("{all: [b]}", '{"a":1}', None),
        ("b | email_address", '{"a":1,"b":"Alice <alice@example.com>"}', "alice@example.com"),
        ("b | email_address", '{"a":1,"b":"alice"}', None),
        ("b | country_code", '{"a":1,"b":"CH"}', "CH"),
        ("b | country_code", '{"a":1,"b":"Bern"}', None),
        ("b | upper", '{"a":1,"b":"post"}', "POST"),
        ("b | upper", '{"a":1,"b":[]}', None),
        ("b | joined( )", '{"a":1,"b":["ls",null,"-l"]}', "ls -l"),
        ("b | joined( )", '{"a":1,"b":[]}', None),
        ("b | unquoted", '{"a":1,"b":"curl%208%2Fx%zz"}', "curl 8/x%zz"),
        ("b | unquoted", '{"a":1,"b":[]}', None),
        ("b | address_of", '{"a":1,"b":"192.0.2.1:443"}', "192.0.2.1"),
        ("b | address_of", '{"a":1,"b":"[2001:db8::1]:443"}', "2001:db8::1"),
        ("b | address_of", '{"a":1,"b":"2001:db8::1"}', "2001:db8::1"),
        ("b | address_of", '{"a":1,"b":""}', None),
        ("b | within(c.1.d)", '{"a":1,"b":"{\\"c\\":[0,{\\"d\\":7}]}"}', 7),
        ("b | within(c.2.d)", '{"a":1,"b":"{\\"c\\":[0,{\\"d\\":7}]}"}', None),
        ("b | within(c)", '{"a":1,"b":"{\\"c\\":"}', None),
        ("b | within(c)", '{"a":1,"b":7}', None),
        ("b | within(c.d.e)", '{"a":1,"b":"{\\"c\\":[{\\"d\\":{\\"e\\":1}},{\\"d\\":{}},{\\"d\\":{\\"e\\":[2,3]}}]}"}', (1, 2, 3)),
        ("b | within(c.d)", '{"a":1,"b":"{\\"c\\":[{}]}"}', None),
        ("b | within(c.x.y/z)", '{"a":1,"b":"{\\"c\\":{\\"x\\":1,\\"x.y/z\\":7}}"}', 7),
        ("{when: {b: no-address}, is: 5}", '{"a":1,"b":"here"}', 5),
        ("{when: {b: address}, is: 5}", '{"a":1,"b":"192.0.2.1"}', 5),
    ],
)  # fmt: skip
def test_an_attribute_is_what_the_file_says(value: str, record: str, expected: Cell) -> None:
    assert attribute(f"{value!r}" if value[0] not in "[{" else value, record) == expected


def test_of_several_groups_of_tests_one_must_hold() -> None:
    text = DOOR.replace("{badge: present, door: present}", "[{badge: present, door: present}, {Badge: text}]")
    made = source(text.replace('{result: ["denied*", expired]}', '[{result: "denied*"}, {result: expired, at: absent}]'))
    records = [
        '{"badge":"a","door":1,"result":"expired"}',
        '{"badge":"a","door":1,"result":"expired","at":1}',
        '{"Badge":"a","result":"denied"}',
    ]
    assert [route for route, _ in rows(made, records)] == ["refused", "opened", "refused"]
    assert made.recognise([record.encode() for record in (*records, '{"Badge":1}', '{"badge":1}')]) == 3


def test_an_activity_has_a_name_of_its_own_where_ocsf_has_none() -> None:
    made = source(DOOR.replace("else: 99}", "else: 99}, activity_name: result"))
    found = [
        cells.get("activity_name")
        for _, cells in rows(made, ['{"badge":"a","door":1,"result":"left"}', '{"badge":"a","door":1,"result":"held"}'])
    ]
    assert found == [None, "held"]


def test_a_record_that_no_route_takes_is_said() -> None:
    text = DOOR.replace("  - name: opened\n", "  - name: opened\n    when: {result: opened}\n")
    assert rows(source(text), ['{"badge":1,"door":2,"result":"ajar"}']) == [
        ("", {"why": "a record of Door controller that none of its routes takes"})
    ]


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="5 is no value of a mapping file"):
        expression_of(5)  # type: ignore[arg-type]  # what nobody passes
