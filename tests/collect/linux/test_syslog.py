from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.contract import Context
from bartizan.collect.sources.linux.journal import SOURCE as JOURNAL
from bartizan.collect.sources.linux.syslog import SOURCE
from bartizan.collect.sources.linux.syslog_text import severity_of
from bartizan.schema.expressions import evaluate
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell

MODIFIED = datetime(2024, 5, 20, tzinfo=UTC)


def mapped(*lines: str | bytes, context: Context | None = None) -> list[dict[str, Cell]]:
    records = [line.encode() if isinstance(line, str) else line for line in lines]
    rows: dict[int, dict[str, Cell]] = {}
    for part in SOURCE.parse(records, context or Context(modified=MODIFIED.timestamp())).parts:
        frame = evaluate(part.route.ocsf, part.frame)
        rows.update({row: {"route": part.route.name, **frame.row(at)} for at, row in enumerate(part.rows)})
    return [rows[row] for row in sorted(rows)]


def said(program: str, message: str) -> dict[str, Cell]:
    return mapped(f"May 16 08:00:00 web-1 {program}[7]: {message}")[0]


def time_of(stamp: str, modified: datetime, zone: timezone | None = None) -> tuple[datetime | None, Cell]:
    row = mapped(f"{stamp} web-1 app: x", context=Context(modified=modified.timestamp(), zone=zone or UTC))[0]
    time = row.get("time")
    return (datetime.fromtimestamp(time / 1e9, UTC) if isinstance(time, int) else None), row.get("unmapped.time_flag")


def test_a_date_without_a_year_takes_the_last_one_before_the_file_was_written() -> None:
    january = datetime(2024, 1, 10, tzinfo=UTC)
    assert time_of("Jan  9 08:00:00", january) == (datetime(2024, 1, 9, 8, tzinfo=UTC), "year-guessed")
    assert time_of("Dec 31 23:59:59", january) == (datetime(2023, 12, 31, 23, 59, 59, tzinfo=UTC), "year-guessed")
    assert time_of("Feb  1 00:00:00", january)[0] == datetime(2023, 2, 1, tzinfo=UTC)


def test_a_clock_some_hours_ahead_of_the_file_is_not_put_a_year_back() -> None:
    assert time_of("Jan 10 13:00:00", datetime(2024, 1, 10, tzinfo=UTC))[0] == datetime(2024, 1, 10, 13, tzinfo=UTC)


def test_the_29th_of_february_looks_for_a_leap_year() -> None:
    assert time_of("Feb 29 08:00:00", datetime(2026, 5, 1, tzinfo=UTC))[0] == datetime(2024, 2, 29, 8, tzinfo=UTC)
    assert time_of("Feb 30 08:00:00", datetime(2026, 5, 1, tzinfo=UTC)) == (None, "year-guessed")


def test_a_file_that_tells_no_date_leaves_the_time_untold() -> None:
    row = mapped("May 16 08:00:00 web-1 app: x", context=Context())[0]
    assert ("time" in row, row["unmapped.time_flag"]) == (False, "year-unknown")


def test_a_clock_without_zone_is_read_in_the_zone_given_and_one_with_a_zone_is_not() -> None:
    zone = timezone(timedelta(hours=2))
    assert time_of("May 16 10:00:00", MODIFIED, zone)[0] == datetime(2024, 5, 16, 8, tzinfo=UTC)
    assert time_of("2024-05-16T10:00:00Z", MODIFIED, zone) == (datetime(2024, 5, 16, 10, tzinfo=UTC), None)
    assert time_of("May 16 2019 10:00:00", MODIFIED, zone) == (datetime(2019, 5, 16, 8, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("May 16 08:00:00 web-1 kernel: [1.2] up", ("web-1", "kernel", None, "[1.2] up")),
        ("<13>May 16 08:00:00 web-1 /usr/sbin/cron[9]: x", ("web-1", "/usr/sbin/cron", None, "x")),
        ("May 16 08:00:00 sshd[9]: no host", (None, "sshd", None, "no host")),
        ("May 16 08:00:00 web-1 last message repeated 2 times", ("web-1", None, None, "last message repeated 2 times")),
        ('<165>1 2024-05-16T08:00:00Z - app - ID47 [a@1 b="c\\]"][d@2] \ufeffhello', (None, "app", "ID47", "hello")),
        ("<165>1 - web-1 app - - -", ("web-1", "app", None, None)),
        ("97 <165>1 2024-05-16T08:00:00Z web-1 app 1 - - counted", ("web-1", "app", None, "counted")),
    ],
)
def test_a_head_is_taken_apart(line: str, expected: tuple[Cell, ...]) -> None:
    records = [line.encode()]
    part = SOURCE.parse(records, Context()).parts[0]
    row = part.frame.row(0)
    assert (row.get("host"), row.get("program"), row.get("msgid"), row.get("message") or None) == expected


LOGINS = [
    ("sshd", "Accepted publickey for root from 2001:db8::1 port 22 ssh2: RSA SHA256:x", ("root", 1, 1, "2001:db8::1")),
    ("sshd", "Failed password for root from 203.0.113.1 port 22 ssh2", ("root", 1, 2, "203.0.113.1")),
    (
        "sshd",
        "Failed password for invalid user a from 198.51.100.1 port 1 ssh2 from 203.0.113.1 port 22 ssh2",
        ("a from 198.51.100.1 port 1 ssh2", 1, 2, "203.0.113.1"),
    ),
    ("sshd", "Invalid user  from 203.0.113.1 port 22", ("(empty)", 1, 2, "203.0.113.1")),
    ("sshd", "User backup from 203.0.113.1 not allowed because not listed in AllowUsers", ("backup", 1, 2, "203.0.113.1")),
    (
        "sshd-session",
        "error: maximum authentication attempts exceeded for invalid user x from 203.0.113.1 port 22 ssh2 [preauth]",
        ("x", 1, 2, "203.0.113.1"),
    ),
    ("sshd", "error: PAM: Authentication failure for illegal user x from 203.0.113.1", ("x", 1, 2, "203.0.113.1")),
    ("dropbear", "Password auth succeeded for 'root' from 203.0.113.1:33", ("root", 1, 1, "203.0.113.1")),
    ("dropbear", "Bad password attempt for 'root' from 203.0.113.1:33", ("root", 1, 2, "203.0.113.1")),
    (
        "sshd",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.1  user=root",
        ("root", 1, 2, "203.0.113.1"),
    ),
    ("sshd", "pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)", ("root", 1, 1, None)),
    ("sshd", "pam_unix(sshd:session): session closed for user root", ("root", 2, 1, None)),
    ("su", "(to root) operator on pts/0", ("root", 7, 1, None)),
    ("su", "FAILED SU (to root) operator on pts/0", ("root", 7, 2, None)),
    ("su", "Successful su for root by operator", ("root", 7, 1, None)),
    ("login", "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure", ("root", 1, 2, None)),
    ("login", "ROOT LOGIN ON tty1", ("root", 1, 1, None)),
    ("systemd-logind", "New session 3 of user operator.", ("operator", 1, 1, None)),
    ("vsftpd", '[ftpuser] FAIL LOGIN: Client "203.0.113.1"', ("ftpuser", 1, 2, "203.0.113.1")),
    ("vsftpd", '[pid 4] [ftpuser] OK LOGIN: Client "203.0.113.1"', ("ftpuser", 1, 1, "203.0.113.1")),
]


@pytest.mark.parametrize(("program", "message", "expected"), LOGINS)
def test_a_login_says_who_from_where_and_whether_it_succeeded(program: str, message: str, expected: tuple[Cell, ...]) -> None:
    row = said(program, message)
    assert row["class_uid"] == 3002
    assert (row["user.name"], row["activity_id"], row["status_id"], row.get("src_endpoint.ip")) == expected


ACCOUNTS = [
    ("useradd", "new user: name=x, UID=1001, GID=1001, home=/home/x, shell=/bin/bash, from=/dev/pts/0", (3001, 1, "x", None)),
    ("useradd", "add 'x' to shadow group 'sudo'", (3006, 3, "x", "sudo")),
    ("userdel", "delete user 'x'", (3001, 6, "x", None)),
    ("userdel", "removed group 'x' owned by 'x'", (3006, 5, "x", "x")),
    ("usermod", "add 'x' to group 'sudo'", (3006, 3, "x", "sudo")),
    ("usermod", "lock user 'x' password", (3001, 9, "x", None)),
    ("usermod", "change user 'x' shell from '/bin/sh' to '/bin/bash'", (3001, 99, "x", None)),
    ("groupadd", "new group: name=ops, GID=1002", (3006, 6, None, "ops")),
    ("groupdel", "group 'ops' removed", (3006, 5, None, "ops")),
    ("gpasswd", "user x added by root to group docker", (3006, 3, "x", "docker")),
    ("passwd", "pam_unix(passwd:chauthtok): password changed for root", (3001, 3, "root", None)),
    ("chage", "changed password expiry for x", (3001, 99, "x", None)),
]


@pytest.mark.parametrize(("program", "message", "expected"), ACCOUNTS)
def test_accounts_and_groups_are_changed(program: str, message: str, expected: tuple[Cell, ...]) -> None:
    row = said(program, message)
    assert (row["class_uid"], row["activity_id"], row.get("user.name"), row.get("group.name")) == expected


def test_a_refused_sudo_says_why() -> None:
    row = said("sudo", "  operator : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/cat /etc/shadow ; id")
    assert (row["class_uid"], row["status_id"], row["status_detail"]) == (1007, 2, "user NOT in sudoers")
    assert (row["process.cmd_line"], row["actor.user.name"]) == ("/bin/cat /etc/shadow ; id", "operator")


def test_a_sudo_rule_sees_the_user_a_command_runs_as() -> None:
    part = SOURCE.parse([b"May 16 08:00:00 h sudo: op : TTY=pts/0 ; PWD=/ ; USER=#-1 ; COMMAND=/usr/bin/id"], Context()).parts[0]
    view = next(one for one in part.route.views if one.logsource.serves(Logsource("linux", "", "sudo")))
    alias = view.aliases["USER"]
    assert not isinstance(alias, str)
    assert evaluate({"USER": alias}, part.frame).row(0) == {"USER": "#-1"}


def test_cron_starts_and_changes_jobs() -> None:
    job, change = said("CRON", "(root) CMD (/bin/true)"), said("crontab", "(operator) REPLACE (root)")
    assert (job["class_uid"], job["activity_id"], job["job.cmd_line"], job["job.user.name"]) == (1006, 6, "/bin/true", "root")
    assert (change["activity_id"], change["job.name"], change["actor.user.name"]) == (2, "crontab of root", "operator")


def test_systemd_starts_and_stops_services() -> None:
    started, stopped = said("systemd", "Started OpenBSD Secure Shell server."), said("systemd", "Stopped auditd.service - Audit.")
    assert (started["class_uid"], started["activity_id"], started["app.name"]) == (6002, 3, "OpenBSD Secure Shell server")
    assert (stopped["activity_id"], stopped["app.name"]) == (4, "auditd.service - Audit")


@pytest.mark.parametrize(
    ("message", "activity"),
    [
        ("Connection from 203.0.113.1 port 5 on 192.0.2.1 port 22", 1),
        ("Connection closed by invalid user x 203.0.113.1 port 5 [preauth]", 2),
        ("Connection reset by 203.0.113.1 port 5", 3),
        ("Disconnected from user root 203.0.113.1 port 5", 2),
        ("Disconnecting authenticating user root 203.0.113.1 port 5: Too many authentication failures", 2),
        ("Received disconnect from 203.0.113.1 port 5:11: bye", 2),
        ("Unable to negotiate with 203.0.113.1 port 5: no matching cipher", 4),
        ("Did not receive identification string from 203.0.113.1 port 5", 4),
        ("Bad protocol version identification 'GET /' from 203.0.113.1 port 5", 4),
        ("banner exchange: Connection from 203.0.113.1 port 5: invalid format", 4),
    ],
)
def test_connections_of_sshd_open_close_and_fail(message: str, activity: int) -> None:
    row = said("sshd", message)
    assert (row["class_uid"], row["activity_id"], row["src_endpoint.ip"], row["src_endpoint.port"]) == (4007, activity, "203.0.113.1", 5)


def test_a_repeated_message_means_what_it_repeats_and_is_counted() -> None:
    row = said("sshd", "message repeated 5 times: [ Failed password for root from 203.0.113.1 port 22 ssh2]")
    assert (row["user.name"], row["status_id"], row["count"]) == ("root", 2, 5)


def test_the_priority_gives_the_severity() -> None:
    rows = mapped(
        "<2>May 16 08:00:00 h kernel: x", "<38>May 16 08:00:00 h kernel: x", "May 16 08:00:00 h kernel: x", "<999>May 16 08:00:00 h k: x"
    )
    assert [row["severity_id"] for row in rows] == [5, 1, 1, 1]


@pytest.mark.parametrize("priority", ["\u00b2", "9" * 5000, "-1", "", None])
def test_a_priority_that_is_none_says_nothing(priority: Cell) -> None:
    assert severity_of(priority) == 1


def test_an_entry_of_the_journal_whose_time_is_an_object_is_none_whatever_fields_are_asked_for() -> None:
    raw = [b'{"__REALTIME_TIMESTAMP":{"at":"1"},"MESSAGE":"x"}']
    for wanted in (None, frozenset({"MESSAGE"})):
        parsed = JOURNAL.parse(raw, Context(wanted=lambda _route, wanted=wanted: wanted))
        assert list(parsed.unparsed) == [0]


def test_a_line_that_is_no_syslog_is_unparsed() -> None:
    parsed = SOURCE.parse([b"", b"\xff\xfe", b"May 16 08:0", b"May 16 08:00:00 h a: \xff"], Context())
    assert sorted(parsed.unparsed) == [0, 1, 2]
    assert parsed.parts[0].frame.row(0)["message"] == "\\xff"


def test_lines_are_recognised_by_date_and_program() -> None:
    lines = [
        b"May 16 08:00:00 h a: x",
        b"<1>1 2024-05-16T08:00:00Z h a - - - x",
        b"2024-05-16T08:00:00Z level=info x",
        b"[16/May/2024] x",
        b"",
    ]
    assert SOURCE.recognise(lines) == 2


def test_only_wanted_fields_are_carried() -> None:
    context = Context(wanted=lambda _route: frozenset({"time"}), modified=MODIFIED.timestamp())
    frame = SOURCE.parse([b"May 16 08:00:00 h a: x"], context).parts[0].frame
    assert list(frame.columns) == ["time"]


def test_the_journal_keeps_its_own_fields_beside_what_a_message_says() -> None:
    record = (
        b'{"__REALTIME_TIMESTAMP":"1715839201120000","_HOSTNAME":"web-1","PRIORITY":"3","_COMM":"sudo","SYSLOG_PID":"4","_SYSTEMD_UNIT":"x.service",'
        b'"MESSAGE":"op : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/id"}'
    )
    part = JOURNAL.parse([record, b'{"MESSAGE":"x"}', b"{", record.replace(b'"op :', b'null,"x":"')], Context()).parts[0]
    row = part.frame.row(0)
    assert (part.route.name, row["_SYSTEMD_UNIT"], row["COMMAND"], row["pid"]) == ("sudo-command", "x.service", "/bin/id", "4")
    assert evaluate(part.route.ocsf, part.frame).row(0)["severity_id"] == 4


def test_what_is_no_entry_of_the_journal_says_so() -> None:
    parsed = JOURNAL.parse(
        [b'{"MESSAGE":"x"}', b"{", b'{"__REALTIME_TIMESTAMP":"1","MESSAGE":null}', b'{"__REALTIME_TIMESTAMP":"1","MESSAGE":[999]}'],
        Context(),
    )
    assert parsed.unparsed[0] == "a JSON object, but no entry of the journal: __REALTIME_TIMESTAMP is missing"
    assert sorted(parsed.unparsed) == [0, 1]
    assert [part.route.name for part in parsed.parts] == ["syslog-other"]
    assert parsed.parts[0].frame.row(1)["message"] == "(999,)"
    assert JOURNAL.parse([b"{}"], Context(wanted=lambda _route: frozenset({"time"}))).parts == ()


@pytest.mark.parametrize("message", ["Started {}x", "Stopped {}.", "Failed to start a{}b", "Reloaded {}"])
@pytest.mark.parametrize("piece", [" ", ".", ". ", "a "])
def test_what_systemd_tells_costs_little_more_than_its_length(message: str, piece: str) -> None:
    begin = time.process_time()
    said("systemd", message.format(piece * 20_000))
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("message", "unit"), [("Started a.service.", "a.service"), ("Started a", "a"), ("Started a.. ", "a."), ("Stopped A B. ", "A B")]
)
def test_a_unit_is_named_without_the_full_stop(message: str, unit: str) -> None:
    assert said("systemd", message)["app.name"] == unit
