from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.contract import Context, Parsed
from bartizan.collect.sources.linux.auditd import SOURCE
from bartizan.schema.expressions import Expression, evaluate, field
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell

HEAD = b"msg=audit(1715846400.250:811): "


def parse(*records: bytes, context: Context | None = None) -> Parsed:
    return SOURCE.parse(records, context or Context())


def native(*records: bytes, context: Context | None = None) -> list[dict[str, Cell]]:
    """One row of native fields per record, in the order given."""
    rows: dict[int, dict[str, Cell]] = {}
    for part in parse(*records, context=context).parts:
        for at, row in enumerate(part.rows):
            rows[row] = {"route": part.route.name, **part.frame.row(at)}
    return [rows[row] for row in sorted(rows)]


def mapped(*records: bytes) -> list[dict[str, Cell]]:
    rows: dict[int, dict[str, Cell]] = {}
    for part in parse(*records).parts:
        frame = evaluate(part.route.ocsf, part.frame)
        rows.update({row: frame.row(at) for at, row in enumerate(part.rows)})
    return [rows[row] for row in sorted(rows)]


def view(asked: Logsource, *records: bytes) -> list[dict[str, Cell]]:
    """What a rule for a log source sees under its own field names."""
    seen: list[dict[str, Cell]] = []
    for part in parse(*records).parts:
        for one in part.route.views:
            if one.logsource.serves(asked):
                table = {name: alias if isinstance(alias, Expression) else field(alias) for name, alias in one.aliases.items()}
                frame = evaluate(table, part.frame)
                seen.extend(frame.row(at) for at in range(frame.height))
                break
    return seen


SYSCALL = (
    b"type=SYSCALL " + HEAD + b"arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=10 a2=3 a3=8 items=2 ppid=10 pid=11 auid=1000 uid=0 "
    b'gid=0 euid=0 tty=pts0 ses=3 comm="dd" exe="/bin/dd" key="a" '
)


def test_the_fields_of_a_line_are_its_own() -> None:
    rows = native(b'type=EXECVE msg=audit(1715846400.250:811): argc=2 a0="dd" a1="if=/dev/zero"')
    assert rows == [
        {
            "route": "execution",
            "argc": "2",
            "a0": "dd",
            "a1": "if=/dev/zero",
            "type": "EXECVE",
            "time": 1_715_846_400_250_000_000,
            "serial": "811",
            "command_line": "dd if=/dev/zero",
        }
    ]


def test_numbers_given_to_the_kernel_are_not_read_as_hexadecimal_text() -> None:
    row = native(SYSCALL)[0]
    assert (row["a0"], row["a1"], row["a3"], row["syscall"]) == ("1", "10", "8", "59")


def test_the_system_call_is_named_for_rules_that_ask_for_it_by_name() -> None:
    seen = view(Logsource("linux", "", "auditd"), SYSCALL, SYSCALL.replace(b"arch=c000003e syscall=59", b"arch=40000003 syscall=11"))
    assert seen == [{"SYSCALL": "execve"}, {"SYSCALL": "execve"}]
    unknown = view(Logsource("linux", "", "auditd"), SYSCALL.replace(b"c000003e", b"80000016"))
    assert unknown == [{"SYSCALL": "59"}]


def test_a_rule_on_process_creation_sees_the_whole_event() -> None:
    execve = b"type=EXECVE " + HEAD + b'argc=2 a0="dd" a1=6F663D2F746D702F6120622E62696E'
    shell = (
        b'type=EXECVE msg=audit(1715846400.100:810): argc=1 a0="bash"',
        SYSCALL.replace(b":811", b":810").replace(b"pid=11", b"pid=10"),
    )
    shell = tuple(line.replace(b"/bin/dd", b"/bin/bash").replace(b"400.250", b"400.100") for line in shell)
    seen = view(Logsource("linux", "process_creation"), *shell, execve, SYSCALL, b"type=CWD " + HEAD + b'cwd="/root"')
    assert seen[1] == {
        "CommandLine": "dd of=/tmp/a b.bin",
        "Image": "/bin/dd",
        "CurrentDirectory": "/root",
        "User": "root",
        "LogonId": "3",
        "ParentImage": "/bin/bash",
        "ParentCommandLine": "bash",
        "ProcessId": "11",
        "ParentProcessId": "10",
    }


def test_hosts_that_share_process_ids_are_not_each_others_parents() -> None:
    lines = [
        b"node=web-1 " + line
        for line in (b'type=EXECVE msg=audit(1.0:1): argc=1 a0="bash"', SYSCALL.replace(b"1715846400.250:811", b"1.0:1"))
    ]
    lines = [line.replace(b"pid=11", b"pid=10") for line in lines]
    lines += [b"node=web-2 " + line for line in (b"type=EXECVE " + HEAD + b'argc=1 a0="dd"', SYSCALL)]
    seen = view(Logsource("linux", "process_creation"), *lines)
    assert [row.get("ParentImage") for row in seen] == [None, None]


def test_a_file_created_is_seen_by_file_event_rules_with_its_absolute_path() -> None:
    path = b"type=PATH " + HEAD + b'item=1 name="../etc/cron.d/x" inode=5 dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype='
    asked = Logsource("linux", "file_event")
    lines = (path + b"CREATE", path + b"NORMAL", SYSCALL, b"type=CWD " + HEAD + b'cwd="/root"')
    assert view(asked, *lines) == [{"TargetFilename": "/etc/cron.d/x", "Image": "/bin/dd"}]
    failed = [line.replace(b"success=yes", b"success=no") for line in lines]
    assert view(asked, *failed) == [{"Image": "/bin/dd"}]
    assert [row["activity_id"] for row in mapped(*lines)][:2] == [1, 0]


def test_a_connection_is_seen_by_network_rules_and_a_local_socket_is_not() -> None:
    call = SYSCALL.replace(b"syscall=59", b"syscall=42")
    address = b"type=SOCKADDR " + HEAD + b"saddr="
    lines = (address + b"0A0001BB0000000020010DB800000000000000000000000100000000", address + b"01002F746D702F73", call)
    assert view(Logsource("linux", "network_connection"), *lines) == [
        {"DestinationIp": "2001:db8::1", "DestinationPort": 443, "Image": "/bin/dd", "Initiated": "true", "User": "root"}
    ]
    assert [row["route"] for row in native(*lines)] == ["connection", "other", "syscall"]
    assert mapped(address + b"0200ZZ")[0].get("dst_endpoint.ip") is None


def test_a_command_cut_into_several_lines_is_one_command() -> None:
    lines = (
        b"type=EXECVE " + HEAD + b'argc=4 a0="sh" a1="-c"',
        b"type=EXECVE " + HEAD + b'a2[0]="echo " a2[1]="long"',
        b"type=EXECVE " + HEAD + b'a3="end"',
    )
    rows = native(*lines)
    assert rows[0]["command_line"] == "sh -c echo long end"
    assert [(row["route"], row["type"]) for row in rows] == [("execution", "EXECVE"), ("other", "EXECVE"), ("other", "EXECVE")]


def test_what_a_program_says_stands_beside_what_the_kernel_adds() -> None:
    row = native(
        b'type=USER_CMD msg=audit(1715846400.250:811): pid=7 uid=1000 auid=1000 ses=2 msg=\'cwd="/home" cmd=6C73202F726F6F74 term=pts/0 '
        b'res=success\'\x1dUID="operator" AUID="operator"'
    )[0]
    assert (row["cmd"], row["cwd"], row["res"], row["UID"]) == ("ls /root", "/home", "success", "operator")


def test_two_keys_of_one_rule_are_a_list() -> None:
    row = native(SYSCALL.replace(b'key="a"', b"key=6578656301726F6F74"))[0]
    assert row["key"] == ("exec", "root")
    assert native(SYSCALL.replace(b'key="a"', b"key=(null)"))[0]["key"] is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'May 16 08:00:00 web-1 audispd: node=web-1 type=CWD msg=audit(1715846400.250:811): cwd="/"', ("CWD", "web-1")),
        (b'<5>May 16 08:00:00 web-1 kernel: audit: type=1307 audit(1715846400.250:811): cwd="/"', ("CWD", None)),
        (b"type=CWD msg=audit(05/16/2024 08:00:00.250:811) : cwd=/ ", ("CWD", None)),
        (b'\xef\xbb\xbftype=CWD msg=audit(1715846400.250:811): cwd="/"\r', ("CWD", None)),
    ],
)
def test_lines_that_others_pass_on_are_read_too(line: bytes, expected: tuple[str, str | None]) -> None:
    row = native(line)[0]
    assert (row["type"], row.get("node"), row["cwd"], row["time"]) == (*expected, "/", 1_715_846_400_250_000_000)


def test_the_date_in_words_is_read_in_the_zone_given() -> None:
    row = native(b"type=CWD msg=audit(05/16/2024 10:00:00.250:811) : cwd=/", context=Context(zone=timezone(timedelta(hours=2))))[0]
    assert row["time"] == 1_715_846_400_250_000_000


def test_a_line_cut_off_in_the_middle_keeps_the_fields_it_has() -> None:
    assert native(SYSCALL, SYSCALL[:120])[1]["syscall"] == "59"
    assert parse(SYSCALL[:20]).unparsed == {0: "no line of the audit log: `type=... msg=audit(seconds:number):` is missing or cut off"}


def test_separators_of_ausearch_say_what_they_are() -> None:
    unparsed = parse(b"----", b"time->Thu May 16 08:00:00 2024", SYSCALL).unparsed
    assert unparsed == dict.fromkeys((0, 1), "a separator that ausearch prints between events")


def test_every_line_is_in_one_part_or_unparsed() -> None:
    hostile = [
        b"",
        b"\x00\xff\xfe",
        b"type=",
        b"type=X msg=audit(1.1:1):",
        b"type=X msg=audit(1.1:1): " + b"a=1 " * 500,
        b"type=Y msg=audit(1.1:1): k=1 k=2",
    ]
    parsed = parse(*hostile, SYSCALL, SYSCALL.replace(b"exe=", b"exe=x "), b"type=Z msg=audit(9.9:1): \xff=\xff")
    seen = sorted([row for part in parsed.parts for row in part.rows] + list(parsed.unparsed))
    assert seen == list(range(9))
    assert sorted(parsed.unparsed) == [0, 1, 2]


def test_lines_that_invent_names_do_not_fill_the_memory() -> None:
    lines = [b"type=X msg=audit(1.1:1): key%d=1" % at for at in range(1500)]
    parsed = parse(*lines)
    assert len(parsed.parts[0].frame.columns) <= 1000
    assert len(parsed.parts[0].rows) == 1500


def test_only_wanted_fields_are_kept() -> None:
    context = Context(wanted=lambda _route: frozenset({"exe", "event.exe"}))
    row = native(b"type=EXECVE " + HEAD + b'argc=1 a0="dd"', SYSCALL, context=context)[0]
    assert row == {"route": "execution", "command_line": "dd", "event.exe": "/bin/dd"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            b'type=USER_AUTH msg=audit(1.0:1): uid=0 auid=4294967295 ses=1 msg=\'op=PAM acct="a" exe="/usr/bin/su" addr=? res=success\'',
            (3002, 1, 1, "a"),
        ),
        (
            b'type=USER_END msg=audit(1.0:1): pid=1 uid=0 auid=5 ses=1 msg=\'op=PAM acct="a" exe="/usr/bin/su" addr=? res=failed\'',
            (3002, 2, 2, "a"),
        ),
        (b"type=CRED_ACQ msg=audit(1.0:1): pid=1 uid=0 auid=5 ses=1 msg='op=PAM acct=\"a\" res=success'", (3002, 99, 1, "a")),
        (
            b'type=ADD_USER msg=audit(1.0:1): pid=1 uid=0 auid=5 ses=1 msg=\'op=add-user acct="a" exe="/usr/sbin/useradd" res=success\'',
            (3001, 1, 1, "a"),
        ),
    ],
)
def test_logins_and_accounts_take_their_classes(line: bytes, expected: tuple[int, int, int, str]) -> None:
    row = mapped(line)[0]
    assert (row["class_uid"], row["activity_id"], row["status_id"], row["user.name"]) == expected


def test_groups_services_and_the_rest_take_their_classes() -> None:
    rows = mapped(
        b'type=ADD_GROUP msg=audit(1.0:1): pid=1 uid=0 auid=5 ses=1 msg=\'op=add-group acct="ops" exe="/usr/sbin/groupadd" res=success\'',
        b'type=SERVICE_STOP msg=audit(1.0:2): uid=0 auid=5 ses=1 msg=\'unit=ufw comm="systemd" exe="/lib/systemd/systemd" res=success\'',
        b"type=CONFIG_CHANGE msg=audit(1.0:3): op=set audit_enabled=0 old=1 auid=0 ses=1 res=1",
    )
    assert [(row["class_uid"], row["activity_id"]) for row in rows] == [(3006, 6), (6002, 4), (0, 99)]
    assert (rows[0]["group.name"], rows[1]["app.name"], rows[2]["activity_name"]) == ("ops", "ufw", "CONFIG_CHANGE")


def test_lines_of_one_event_share_a_group() -> None:
    assert SOURCE.group is not None
    assert SOURCE.group(SYSCALL) == b"1715846400.250:811"
    assert SOURCE.group(b"nothing") is None


def test_lines_that_ran_together_keep_the_type_of_the_first() -> None:
    row = native(b"type=CWD " + HEAD + b'cwd="/"type=EXECVE msg=audit(1.0:2): argc=1 a0="x" serial=9')[0]
    assert (row["type"], row["serial"], row["cwd"], row["a0"]) == ("CWD", "811", "/", "x")
