from __future__ import annotations

import pytest

from bartizan.detect.identities.contract import IdentityKind
from bartizan.detect.identities.forms import identities
from bartizan.schema.columns import ABSENT, Cell

NOTHING: list[tuple[IdentityKind, tuple[Cell, ...]]] = [
    *(
        (kind, cells)
        for kind in IdentityKind
        for cells in ((ABSENT, ABSENT), (None, None), ("", ""), ("-", "-"), ("N/A", ""), ("unknown", ""))
    ),
    *((kind, ("00000000-0000-0000-0000-000000000000", "")) for kind in (IdentityKind.PROCESS, IdentityKind.SESSION, IdentityKind.UID)),
    (IdentityKind.PROCESS, ("{00000000-0000-0000-0000-000000000000}",)),
    (IdentityKind.PID, (0,)),
    (IdentityKind.PID, (4,)),
    (IdentityKind.PID, (True,)),
    (IdentityKind.START, (0, 1_795_392_010_000)),
    (IdentityKind.START, (4312, 0)),
    (IdentityKind.SESSION, ("0x0",)),
    (IdentityKind.SESSION, ("4294967295",)),
    (IdentityKind.SID, ("S-1-0-0",)),
    (IdentityKind.SID, ("S-1-5-18",)),
    (IdentityKind.SID, ("S-0-6-5",)),
    (IdentityKind.SID, ("S-1-5-21-0-0-0-497",)),
    (IdentityKind.UID, ("0",)),
    (IdentityKind.UID, ("S-1-5-18",)),
    (IdentityKind.UID, ("arn:aws:iam::111122223333:user/alice",)),
    (IdentityKind.ARN, ("arn:aws",)),
    (IdentityKind.USER, ("SYSTEM", "NT AUTHORITY")),
    (IdentityKind.USER, ("ANONYMOUS LOGON", "NT AUTHORITY")),
    (IdentityKind.USER, ("root", "")),
    (IdentityKind.USER, ("arn:aws:iam::111122223333:user/alice", "")),
    (IdentityKind.IP, ("::1",)),
    (IdentityKind.IP, ("127.0.0.1",)),
    (IdentityKind.IP, ("fe80::1%eth0",)),
    (IdentityKind.IP, ("not an address",)),
    (IdentityKind.HOST, ("localhost",)),
    (IdentityKind.HOST, ("10.0.0.7",)),
    (IdentityKind.HOST, ("two words",)),
    (IdentityKind.MAC, ("00:00:00:00:00:00",)),
    (IdentityKind.MAC, ("FF-FF-FF-FF-FF-FF",)),
    (IdentityKind.MAC, ("01:00:5e:00:00:fb",)),
    (IdentityKind.MAC, ("02:00:00",)),
    (IdentityKind.EMAIL, ("alice",)),
    (IdentityKind.EMAIL, ("Alice <alice@example.com>",)),
    (IdentityKind.HASH, (({"algorithm_id": 1, "value": "0" * 32},),)),
    (IdentityKind.HASH, (({"algorithm_id": 99, "algorithm": "IMPHASH", "value": "10f3679384a03cb487bda9621ceb5f90"},),)),
    (IdentityKind.HASH, ("text",)),
    (IdentityKind.UID, ("x" * 2000,)),
    (IdentityKind.UID, ("a\x00b",)),
    (IdentityKind.UID, (({"a": 1},),)),
]


@pytest.mark.parametrize(("kind", "cells"), NOTHING, ids=repr)
def test_what_identifies_nobody_is_no_identity(kind: IdentityKind, cells: tuple[Cell, ...]) -> None:
    assert identities(kind, cells) == ()


NAMED: list[tuple[IdentityKind, tuple[Cell, ...], tuple[str, ...]]] = [
    (IdentityKind.HOST, ("WS-1.Corp.Example.",), ("ws-1.corp.example",)),
    (IdentityKind.IP, ("::ffff:10.0.0.7",), ("10.0.0.7",)),
    (IdentityKind.MAC, ("02-00-00-AA-BB-CC",), ("02:00:00:aa:bb:cc",)),
    (IdentityKind.MAC, ("0200.00aa.bbcc",), ("02:00:00:aa:bb:cc",)),
    (IdentityKind.USER, ("Alice", "CORP"), ("corp\\alice",)),
    (IdentityKind.USER, ("WS-1$", "CORP"), ("corp\\ws-1$",)),
    (IdentityKind.SID, ("s-1-5-21-1-2-3-1105",), ("S-1-5-21-1-2-3-1105",)),
    (IdentityKind.SID, ("S-1-12-1-1-2-3-4",), ("S-1-12-1-1-2-3-4",)),
    (IdentityKind.UID, (7,), ("7",)),
    (IdentityKind.ARN, ("arn:aws:sts::1:assumed-role/ci/botocore-session-17",), ("arn:aws:sts::1:assumed-role/ci",)),
    (IdentityKind.EMAIL, ("Alice@Example.com",), ("alice@example.com",)),
    (IdentityKind.SESSION, ("0x3A1B2",), ("0x3a1b2",)),
    (IdentityKind.SESSION, ("Zm9v",), ("Zm9v",)),
    (IdentityKind.PROCESS, ("{7B1C0F52-5B1F-69A5-0000-001057A81B00}",), ("7b1c0f52-5b1f-69a5-0000-001057a81b00",)),
    (IdentityKind.PID, (4312,), ("4312",)),
    (IdentityKind.START, (4312, 1_795_392_010_000), ("4312@1795392010000",)),
    (IdentityKind.FILE, ("C:\\Windows\\A.exe",), ("c:\\windows\\a.exe",)),
    (
        IdentityKind.HASH,
        (({"algorithm_id": 1, "value": "AB" * 16}, {"algorithm_id": 3, "value": "CD" * 32}),),
        ("ab" * 16, "cd" * 32),
    ),
]


@pytest.mark.parametrize(("kind", "cells", "values"), NAMED, ids=repr)
def test_an_identity_has_one_form_however_it_is_written(kind: IdentityKind, cells: tuple[Cell, ...], values: tuple[str, ...]) -> None:
    assert identities(kind, cells) == values
