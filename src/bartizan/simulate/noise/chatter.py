"""What every Windows host says all day whoever sits before it: the filler that brings a day to its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.simulate.company.programs import library, program

if TYPE_CHECKING:
    from random import Random

    from bartizan.simulate.company.sessions import Process
    from bartizan.simulate.company.windows import WindowsHost
    from bartizan.simulate.company.world import Company

__all__ = ["chatter"]

_SERVICES = (
    "svchost",
    "svchost",
    "svchost",
    "searchindexer",
    "msmpeng",
    "spoolsv",
    "taskhostw",
    "runtimebroker",
    "onedrive",
    "monitor",
    "wmiprvse",
    "nxlog",
)
_DEFENDER = _SERVICES.index("msmpeng")
_LIBRARIES = (
    "clbcatq.dll",
    "crypt32.dll",
    "bcrypt.dll",
    "uxtheme.dll",
    "dwmapi.dll",
    "sspicli.dll",
    "winhttp.dll",
    "urlmon.dll",
    "propsys.dll",
    "netapi32.dll",
    "ntdll.dll",
    "kernel32.dll",
)
_KEYS = (
    ("HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\UserSettings\\{sid}\\SequenceNumber", "DWORD (0x{n:08x})"),
    (
        "HKLM\\System\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{{4d36e972-e325-11ce-bfc1-08002be1{n:04x}}}\\LeaseObtainedTime",
        "DWORD (0x{n:08x})",
    ),
    ("HKLM\\System\\CurrentControlSet\\Services\\W32Time\\SecureTimeLimits\\RunTime\\SecureTimeTickCount", "QWORD (0x00000000-0x{n:08x})"),
    (
        "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\{{8f1c2a30-0b5e-4c55-9d8e-{n:012x}}}\\Info",
        "Binary Data",
    ),
    (
        "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Diagnostics\\DiagTrack\\HeartBeats\\Default\\LastHeartBeatTime",
        "QWORD (0x01da72{k:02x}-0x{n:08x})",
    ),
    (
        "HKU\\{sid}\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\SessionInfo\\1\\ApplicationViewManagement\\W32:{n:016x}\\VirtualDesktop",
        "Binary Data",
    ),
    ("HKU\\{sid}\\Software\\Microsoft\\OneDrive\\Accounts\\Business1\\LastSyncTime", "QWORD (0x01da72{k:02x}-0x{n:08x})"),
)
_FILES = (
    "C:\\Windows\\ServiceState\\EventLog\\Data\\lastalive{k}.dat",
    "C:\\ProgramData\\Microsoft\\Windows Defender\\Scans\\History\\CacheManager\\{n:08X}.bin",
    "C:\\Windows\\Prefetch\\SVCHOST.EXE-{n:08X}.pf",
    "C:\\ProgramData\\Microsoft\\Search\\Data\\CiFiles\\000{k}00{k}.ci",
    "C:\\ProgramData\\nxlog\\data\\position.{k}.tmp",
    "C:\\Windows\\SoftwareDistribution\\DataStore\\Logs\\edb{n:05X}.log",
    "C:\\Windows\\Temp\\MpCmdRun-{n:08x}.tmp",
)
_KINDS = ("set", "set", "set", "access", "access", "access", "load", "load", "load", "write", "write", "key", "access-lsass", "accept")


@dataclass(frozen=True, slots=True, eq=False)
class _Voice:
    """A host with the services that talk on it, the SID of whoever uses it, and the addresses that talk to it."""

    host: WindowsHost
    services: list[Process]
    sid: str
    peers: list[str]


def chatter(company: Company, count: int) -> None:
    """Add ``count`` records of registry, image loads, process access and files, over all hosts and the whole day."""
    if count <= 0:
        return
    rng = company.rng("chatter")
    peers = [host.ip for host in company.windows.values()]
    admin = company.users["adm-server"].sid
    voices = [
        _Voice(host, [host.running(name) for name in _SERVICES], company.desks[name].user.sid if name in company.desks else admin, peers)
        for name, host in company.windows.items()
    ]
    weights = [4.0 if voice.host.audits_processes else 1.0 + 6.0 / rank for rank, voice in enumerate(voices, 1)]
    day = company.clock.machines(rng, count // 2) + company.clock.office(rng, count - count // 2)
    kinds = rng.choices(_KINDS, k=count)
    for moment, voice, kind in zip(day, rng.choices(voices, weights, k=count), kinds, strict=True):
        _say(moment, voice, rng, kind)


def _say(moment: float, voice: _Voice, rng: Random, kind: str) -> None:
    host, services, peers = voice.host, voice.services, voice.peers
    process = services[int(rng.random() * len(services))]
    number, digit = rng.getrandbits(16), int(rng.random() * 10)
    if kind == "set":
        key, details = _KEYS[number % len(_KEYS)]
        host.set_value(moment, process, key.format(sid=voice.sid, n=number & 0x3FF, k=digit), details.format(n=number, k=digit))
    elif kind == "access":
        host.access(moment, process, services[number % len(services)], ("0x1000", "0x1400", "0x101000")[number % 3])
    elif kind == "load":
        host.load(moment, process, library(_LIBRARIES[number % len(_LIBRARIES)]))
    elif kind == "write":
        host.write(moment, process, _FILES[number % len(_FILES)].format(n=number & 0x7FF, k=digit))
    elif kind == "key":
        host.create_key(moment, process, f"HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\AutoUpdate\\{number & 0xF}")
    elif kind == "access-lsass":
        mask = ("0x1000", "0x1000", "0x1000", "0x1010")[number % 4]
        host.access(moment, services[_DEFENDER], host.lsass, mask, program("msmpeng").image + "+8e12c")
    else:
        port = (135, 445, 5985, 49670)[digit % 4]
        listener = host.system if digit % 4 == 1 else services[0]
        host.accept(moment, listener, (peers[number % len(peers)], 49152 + number % 16000), port)
