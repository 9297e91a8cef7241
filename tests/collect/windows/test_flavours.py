"""The same event in each way of writing it, and the values that exporters respell."""

from __future__ import annotations

import time
from datetime import timedelta, timezone
from typing import Any

import pytest
from tests.collect.windows.parsing import mapped, native, raw, routes

from bartizan.collect.contract import Context, Source
from bartizan.collect.sources.windows.event_json import SOURCE as EVENT_JSON
from bartizan.collect.sources.windows.event_xml import SOURCE as XML
from bartizan.collect.sources.windows.flat_json import SOURCE as FLAT
from bartizan.collect.sources.windows.sysmon_linux import SOURCE as LINUX
from bartizan.collect.sources.windows.values import braced, keywords, unwrapped
from bartizan.collect.sources.windows.winlogbeat import SOURCE as BEAT
from bartizan.schema.columns import ABSENT, Cell

EXPECTED = {
    "EventID": 4688,
    "Channel": "Security",
    "Provider_Name": "Microsoft-Windows-Security-Auditing",
    "Computer": "WS07.example.com",
    "Keywords": "0x8020000000000000",
    "Execution_ProcessID": 4,
    "Security_UserID": "S-1-5-18",
    "NewProcessName": "C:\\Windows\\System32\\whoami.exe",
    "CommandLine": "whoami /all",
}
DATA = {"NewProcessName": EXPECTED["NewProcessName"], "CommandLine": "whoami /all"}
SYSTEM = {"EventID": 4688, "Channel": "Security", "Computer": "WS07.example.com", "Keywords": "0x8020000000000000"}
PROVIDER = "Microsoft-Windows-Security-Auditing"
CREATED = "2026-03-02T08:14:07.318Z"
FLAT_EVENT = {**DATA, "EventID": "4688", "Channel": "Security", "Hostname": "WS07.example.com", "SourceName": PROVIDER}
BEAT_EVENT = {"channel": "Security", "event_id": 4688, "provider_name": PROVIDER, "computer_name": "WS07.example.com", "event_data": DATA}
BEAT_EVENT |= {"keywords": ["Audit Success"], "process": {"pid": 4, "thread": {"id": 9}}, "user": {"identifier": "S-1-5-18"}}
BEAT_6 = {"log_name": "Security", "event_id": 4688, "source_name": PROVIDER, "computer_name": "WS07.example.com", "event_data": DATA}
BEAT_6 |= {"keywords": ["Audit Success"], "process_id": 4, "user": {"identifier": "S-1-5-18"}, "@timestamp": CREATED}


def dotted(record: dict[str, Any], above: str = "") -> dict[str, Any]:
    return {
        name: value
        for key, inner in record.items()
        for name, value in (dotted(inner, f"{above}{key}.") if isinstance(inner, dict) else {above + key: inner}).items()
    }


def tree(style: str) -> dict[str, Any]:
    def element(name: str, **attributes: object) -> dict[str, Any]:
        if style == "#attributes":
            return {name: {"#attributes": attributes}}
        if style == "_attributes":
            return {f"{name}_attributes": attributes, name: None}
        return {name: {f"{style}{key}": value for key, value in attributes.items()}}

    parts = element("Provider", Name=PROVIDER) | element("TimeCreated", SystemTime=CREATED)
    parts |= element("Execution", ProcessID="4", ThreadID="9") | element("Security", UserID="S-1-5-18")
    return {"System": {**SYSTEM, **parts}, "EventData": DATA}


XML_LINE = (
    f"<Event><System><Provider Name='{PROVIDER}'/><EventID Qualifiers=''>4688</EventID><Keywords>0x8020000000000000</Keywords>"
    f"<TimeCreated SystemTime='{CREATED}'/><Execution ProcessID='4' ThreadID='9'/><Channel>Security</Channel>"
    f"<Computer>WS07.example.com</Computer><Security UserID='S-1-5-18'/></System><EventData>"
    f"<Data Name='NewProcessName'>{DATA['NewProcessName']}</Data><Data Name='CommandLine'>whoami /all</Data></EventData></Event>"
).encode()

WRITTEN = [
    (FLAT, raw(FLAT_EVENT | {"Keywords": -9214364837600034816, "ExecutionProcessID": 4, "UserID": "S-1-5-18", "TimeCreated": CREATED})),
    (
        FLAT,
        raw(
            SYSTEM
            | {"ProviderName": PROVIDER, "ExtraEventData": DATA, "ExecutionProcessID": 4, "UserID": "S-1-5-18"}
            | {"TimeCreated": CREATED}
        ),
    ),
    (EVENT_JSON, raw({"Event": tree("#attributes")})),
    (EVENT_JSON, raw({"Event": tree("_attributes")})),
    (EVENT_JSON, raw({"Event": tree("@")})),
    (EVENT_JSON, raw(tree(""))),
    (EVENT_JSON, raw({"Event": tree("@") | {"EventData": {"Data": [{"@Name": key, "#text": text} for key, text in DATA.items()]}}})),
    (EVENT_JSON, raw({"Event": tree("@") | {"EventData": {"Data": [{"$": {"Name": key}, "_": text} for key, text in DATA.items()]}}})),
    (BEAT, raw({"winlog": BEAT_EVENT, "@timestamp": CREATED})),
    (BEAT, raw(dotted({"winlog": BEAT_EVENT, "@timestamp": CREATED}))),
    (BEAT, raw({"_index": "x", "_source": {"winlog": BEAT_EVENT, "@timestamp": CREATED}})),
    (BEAT, raw(BEAT_6)),
    (XML, [XML_LINE]),
]


@pytest.mark.parametrize(("source", "records"), WRITTEN)
def test_an_event_says_the_same_however_it_is_written(source: Source, records: list[bytes]) -> None:
    assert source.recognise(records) == 1
    found = native(source, records[0])
    assert {name: found.get(name) for name in EXPECTED} == EXPECTED
    attributes = mapped(source, records[0])
    assert (attributes["time"], attributes["process.cmd_line"]) == (1_772_439_247_318_000_000, "whoami /all")


@pytest.mark.parametrize(("source", "records"), WRITTEN)
def test_reading_few_fields_gives_what_reading_all_gives(source: Source, records: list[bytes]) -> None:
    few = native(source, records[0], Context(wanted=lambda _: frozenset(EXPECTED)))
    assert {name: few.get(name) for name in EXPECTED} == EXPECTED


@pytest.mark.parametrize("source", [FLAT, EVENT_JSON, BEAT])
def test_writers_that_put_it_differently_do_not_spoil_one_batch(source: Source) -> None:
    records = [record for of, written in WRITTEN if of is source for record in written]
    records += raw(FLAT_EVENT | {"Level": "0", "SystemTime": CREATED}) if source is FLAT else []
    for turned in (records, records[::-1]):
        for wanted in (lambda _: None, lambda _: frozenset(EXPECTED)):
            rows = [
                (index, part.frame.row(at))
                for part in source.parse(turned, Context(wanted=wanted)).parts
                for at, index in enumerate(part.rows)
            ]
            assert sorted(index for index, _ in rows) == list(range(len(turned)))
            assert [row["CommandLine"] for _, row in rows] == ["whoami /all"] * len(turned)
            assert [row["Computer"] for _, row in rows] == ["WS07.example.com"] * len(turned)
            assert [row["TimeCreated"] for _, row in rows] == [CREATED] * len(turned)


def test_user_data_lies_beside_event_data_and_hides_no_system_field() -> None:
    cleared = {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "operator", "Channel": "Security", "BackupPath": None}}
    system = {"EventID": 104, "Channel": "System", "Computer": "WS07"}
    (record,) = raw({"Event": {"System": system, "UserData": cleared}})
    found = native(EVENT_JSON, record)
    assert (found["Channel"], found["UserData.Channel"], found["SubjectUserName"]) == ("System", "Security", "operator")
    assert mapped(EVENT_JSON, record)["log_name"] == "Security"


@pytest.mark.parametrize(
    ("data", "cell"),
    [
        ({"Data": {"#text": ["a", "b"]}}, ("a", "b")),
        ({"Data": {"#text": "a"}}, "a"),
        ({"Data": "a"}, "a"),
        ({"Data": ["a", {"#text": "b"}]}, ("a", "b")),
        ({"Data": [{"@Name": "x", "#text": "1"}, "b"]}, "b"),
    ],
)
def test_data_without_names_is_a_list_or_a_text(data: dict[str, Any], cell: Cell) -> None:
    (record,) = raw({"Event": {"System": {"EventID": 1000, "Channel": "Application"}, "EventData": data}})
    assert native(EVENT_JSON, record)["Data"] == cell


def test_numbered_parameters_of_a_beat_are_data_without_names() -> None:
    (record,) = raw({"winlog": {"channel": "Application", "event_id": 1, "event_data": {"param1": "a", "param2": "b"}}})
    assert native(BEAT, record)["Data"] == ("a", "b")


def test_data_as_text_of_json_is_read() -> None:
    inner = '{"TargetUserName":"operator","LogonType":3}'
    record, broken, deep = raw(*({"EventID": 4624, "Channel": "Security", "EventData": text} for text in (inner, '{"a":', "<EventData/>")))
    assert native(FLAT, record)["TargetUserName"] == "operator"
    assert routes(FLAT, [broken, deep]) == ["security-logon", "security-logon"]


NXLOG = {"EventID": 4624, "Channel": "Security", "EventTime": "2026-03-02 03:14:06", "EventReceivedTime": "2026-03-02 03:14:09"}


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        (NXLOG | {"@timestamp": "2026-03-02T08:14:11.500Z"}, 1_772_439_246),
        (NXLOG, 1_772_421_246),
        (NXLOG | {"@timestamp": "not a time"}, 1_772_421_246),
        (NXLOG | {"EventTime": "2026-03-02T03:14:06-05:00"}, 1_772_439_246),
        (NXLOG | {"EventTime": 1_772_439_246, "@timestamp": "2026-03-02T08:14:11.500Z"}, 1_772_439_246),
        ({"EventID": 4624, "Channel": "Security", "@timestamp": "2026-03-02T08:14:06Z"}, 1_772_439_246),
        (NXLOG | {"UtcTime": "2026-03-02 08:14:06"}, 1_772_439_246),
        (NXLOG | {"UtcTime": None, "@timestamp": "2026-03-02T08:14:11.500Z"}, 1_772_439_246),
    ],
)
def test_a_collectors_clock_is_read_in_the_zone_that_its_other_clocks_give_away(fields: dict[str, Any], seconds: int) -> None:
    assert mapped(FLAT, raw(fields)[0])["time"] == seconds * 1_000_000_000


def test_a_collectors_clock_alone_is_read_in_the_zone_given() -> None:
    west = Context(zone=timezone(timedelta(hours=-5)))
    assert mapped(FLAT, raw(NXLOG)[0], west)["time"] == 1_772_439_246_000_000_000


def test_an_event_that_tells_no_time_has_none() -> None:
    assert "time" not in mapped(FLAT, raw({"EventID": 4624, "Channel": "Security"})[0])


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (-9214364837600034816, "0x8020000000000000"),
        ("-9214364837600034816", "0x8020000000000000"),
        ("0x8010000000000000", "0x8010000000000000"),
        (("Audit Failure",), "0x8010000000000000"),
        ("Audit Success", "0x8020000000000000"),
        (("Classic", "Audit Failure"), ("Classic", "0x8010000000000000")),
        ((), ABSENT),
        (1.5, 1.5),
    ],
)
def test_keywords_are_written_as_windows_writes_them(cell: Cell, written: Cell) -> None:
    assert keywords(cell) == written


def test_a_guid_gets_its_braces_in_fields_named_for_it() -> None:
    bare = "5AA13A44-6494-68FE-6A56-000000004002"
    assert braced("ProcessGuid", bare) == "{5aa13a44-6494-68fe-6a56-000000004002}"
    assert braced("CommandLine", bare) == bare
    assert braced("ProcessGuid", "{x}") == "{x}"


def test_a_value_comes_out_of_its_wrapping() -> None:
    assert unwrapped({"#text": "a", "#attributes": {"x": 1}}) == "a"
    assert unwrapped({"#attributes": {"x": 1}}) is ABSENT
    assert unwrapped({"a": 1}) == {"a": 1}
    assert unwrapped("a") == "a"


def test_an_event_cut_off_in_a_command_line_is_read_as_far_as_it_goes() -> None:
    whole = LINUX.examples[0].raw[0]
    cut = whole[: whole.index(b"files.example")]
    assert native(LINUX, cut)["CommandLine"] == "curl -s http://"
    assert routes(LINUX, [whole[: whole.index(b"<EventID>")]]) == [None]


def test_lines_of_both_systems_are_told_apart() -> None:
    windows, linux = XML.examples[0].raw[0], LINUX.examples[0].raw[0]
    assert [source.recognise([windows, linux, b"x"]) for source in (XML, LINUX)] == [1, 1]
    assert routes(XML, [windows, linux]) == ["security-log-cleared", "sysmon-linux-process-create"]


def test_unnamed_data_of_an_xml_line_is_a_list() -> None:
    system = b"<System><EventID>800</EventID><Channel>Windows PowerShell</Channel></System>"
    line = b"<Event>" + system + b"<EventData><Data>a &lt; b</Data><Data>c</Data></EventData></Event>"
    assert native(XML, line)["Data"] == ("a < b", "c")
    assert native(XML, line.replace(b"<Data>c</Data>", b""))["Data"] == "a < b"


@pytest.mark.parametrize("piece", [b"A", b" ", b"<Level ", b"<a ", b"<Data ", b'<Data Name="', b'="'])
def test_what_is_repeated_in_a_line_of_xml_costs_little_more_than_its_length(piece: bytes) -> None:
    line = b"<Event><System><EventID>1</EventID><Execution " + piece * 20_000 + b"</System><UserData>" + piece * 20_000
    begin = time.process_time()
    XML.parse([line], Context())
    assert time.process_time() - begin < 1.0
