from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.collect.contract import Context
from bartizan.collect.sources.web.access import SOURCE
from bartizan.schema.expressions import Expression, evaluate, field
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell

CLIENT = "203.0.113.9 - - [16/May/2024:10:00:00 +0200] "
REQUEST = CLIENT + '"GET /a/b.php?x=1 HTTP/1.1" 200 12 "-" "curl/8"'


def native(line: str | bytes) -> dict[str, Cell]:
    part = SOURCE.parse([line.encode() if isinstance(line, str) else line], Context()).parts[0]
    return {"route": part.route.name, **part.frame.row(0)}


def mapped(line: str) -> dict[str, Cell]:
    part = SOURCE.parse([line.encode()], Context()).parts[0]
    return evaluate(part.route.ocsf, part.frame).row(0)


def seen(asked: Logsource, line: str) -> dict[str, Cell]:
    part = SOURCE.parse([line.encode()], Context()).parts[0]
    view = next(view for view in part.route.views if view.logsource.serves(asked))
    table = {name: alias if isinstance(alias, Expression) else field(alias) for name, alias in view.aliases.items()}
    return evaluate(table, part.frame).row(0)


def test_every_part_of_a_combined_line_has_its_field() -> None:
    assert native(
        '203.0.113.9 x op [16/May/2024:10:00:00 +0200] "GET /a HTTP/1.1" 200 12 "https://example.com/" "curl" "192.0.2.1, 192.0.2.2" rt=1'
    ) == {
        "route": "request",
        "c-ip": "203.0.113.9",
        "cs-ident": "x",
        "cs-username": "op",
        "time": 1_715_846_400_000_000_000,
        "request": "GET /a HTTP/1.1",
        "cs-method": "GET",
        "cs-uri": "/a",
        "cs-version": "HTTP/1.1",
        "sc-status": "200",
        "sc-bytes": "12",
        "cs-referer": "https://example.com/",
        "cs-user-agent": "curl",
        "x-forwarded-for": "192.0.2.1, 192.0.2.2",
        "tail": ' "192.0.2.1, 192.0.2.2" rt=1',
    }


def test_a_dash_is_null_to_rules() -> None:
    row = native(REQUEST)
    assert (row["cs-referer"], row["cs-username"], row["cs-ident"]) == (None, None, None)


def test_a_rule_finds_path_and_query_under_the_name_cs_uri_query() -> None:
    webserver = Logsource("", "webserver", "")
    row = seen(webserver, REQUEST)
    assert row["cs-uri-query"] == ("x=1", "/a/b.php?x=1")
    assert (row["cs-uri-stem"], row["c-uri"], row["c-uri-extension"]) == ("/a/b.php", "/a/b.php?x=1", "php")
    assert seen(webserver, CLIENT + '"GET /a HTTP/1.1" 200 12')["cs-uri-query"] == (None, "/a")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("shop.example.com:443 " + REQUEST, ("shop.example.com", "443", "203.0.113.9")),
        ("shop.example.com " + REQUEST, ("shop.example.com", None, "203.0.113.9")),
        (REQUEST.replace("203.0.113.9", "2001:db8::9"), (None, None, "2001:db8::9")),
        (REQUEST.replace("203.0.113.9", "client.example.com"), (None, None, "client.example.com")),
        (REQUEST.replace(" - - ", " - two words "), (None, None, "203.0.113.9")),
    ],
)
def test_a_line_may_begin_with_a_virtual_host(line: str, expected: tuple[str | None, ...]) -> None:
    row = native(line)
    assert (row.get("s-host"), row.get("s-port"), row["c-ip"]) == expected


@pytest.mark.parametrize(
    ("request_line", "expected"),
    [
        ("GET / HTTP/1.1", ("GET", "/", "HTTP/1.1")),
        ("GET /", ("GET", "/", None)),
        ("GET /a b c HTTP/1.0", ("GET", "/a b c", "HTTP/1.0")),
        (r"\x16\x03\x01\x02\x00\x01", (None, None, None)),
        ("-", (None, None, None)),
        ("", (None, None, None)),
        (r"GET /\"quoted\" HTTP/1.1", ("GET", r"/\"quoted\"", "HTTP/1.1")),
        ('GET /"unescaped" HTTP/1.1', ("GET", '/"unescaped"', "HTTP/1.1")),
        ("MGLNDD_203.0.113.1_80", (None, None, None)),
    ],
)
def test_a_request_line_of_any_shape_is_read(request_line: str, expected: tuple[str | None, ...]) -> None:
    row = native(CLIENT + f'"{request_line}" 400 0 "-" "-"')
    assert (row.get("cs-method"), row.get("cs-uri"), row.get("cs-version")) == expected
    assert row["sc-status"] == "400"


def test_what_is_asked_of_a_proxy_is_seen_by_proxy_rules() -> None:
    proxy = Logsource("", "proxy", "")
    assert seen(proxy, CLIENT + '"GET http://files.example.net/x.exe?y HTTP/1.1" 200 12')["cs-host"] == "files.example.net"
    connect = CLIENT + '"CONNECT mail.example.net:25 HTTP/1.1" 200 12'
    assert seen(proxy, connect)["cs-host"] == "mail.example.net"
    row = mapped(connect)
    assert (row["dst_endpoint.hostname"], row["dst_endpoint.port"], row["activity_id"]) == ("mail.example.net", 25, 1)


def test_a_request_is_http_activity() -> None:
    row = mapped("shop.example.com:443 " + REQUEST.replace('"-" "curl/8"', '"-" "curl/8" "unknown, 192.0.2.1:99"'))
    assert row == {
        "class_uid": 4002,
        "activity_id": 3,
        "severity_id": 1,
        "time": 1_715_846_400_000_000_000,
        "status_id": 1,
        "status_code": "200",
        "src_endpoint.ip": "203.0.113.9",
        "http_request.http_method": "GET",
        "http_request.version": "HTTP/1.1",
        "http_request.user_agent": "curl/8",
        "http_request.url.path": "/a/b.php",
        "http_request.url.query_string": "x=1",
        "http_request.url.url_string": "/a/b.php?x=1",
        "http_request.url.hostname": "shop.example.com",
        "http_response.code": 200,
        "http_response.length": 12,
        "dst_endpoint.hostname": "shop.example.com",
        "dst_endpoint.port": 443,
    }
    forwarded = mapped(REQUEST + ' "192.0.2.1, 2001:db8::1, 192.0.2.2:80"')
    assert forwarded["http_request.x_forwarded_for"] == ("192.0.2.1", "2001:db8::1", "192.0.2.2")


def test_a_method_that_is_none_of_http_keeps_its_name() -> None:
    row = mapped(CLIENT + '"HELP / HTTP/1.1" 501 12')
    assert (row["activity_id"], row["activity_name"], "http_request.http_method" in row) == (99, "HELP", False)


@pytest.mark.parametrize("stamp", ["99/May/2024:10:00:00 +0200", "16/Mai/2024:10:00:00 +0200", "yesterday, ten"])
def test_a_clock_that_shows_no_time_leaves_it_untold(stamp: str) -> None:
    assert "time" not in native(REQUEST.replace("16/May/2024:10:00:00 +0200", stamp))


def test_a_clock_west_of_greenwich_counts_forward() -> None:
    assert native(REQUEST.replace("10:00:00 +0200", "04:30:00 -0330"))["time"] == 1_715_846_400_000_000_000


def test_lines_that_are_cut_off_or_none_are_unparsed() -> None:
    records = [b"", REQUEST[:60].encode(), b"\x16\x03", REQUEST.encode() + b" \xff", b"[error] x"]
    parsed = SOURCE.parse(records, Context())
    assert sorted(parsed.unparsed) == [0, 1, 2, 4]
    assert parsed.parts[0].frame.row(0)["tail"] == " \\xff"
    assert SOURCE.parse([b""], Context()).parts == ()


def test_lines_are_recognised_by_date_request_and_status() -> None:
    assert SOURCE.recognise([REQUEST.encode(), REQUEST[:60].encode(), b"May 16 08:00:00 h a: x"]) == 1


def test_only_wanted_fields_are_kept() -> None:
    context = Context(wanted=lambda _route: frozenset({"cs-uri"}))
    assert SOURCE.parse([REQUEST.encode()], context).parts[0].frame.row(0) == {"cs-uri": "/a/b.php?x=1"}
