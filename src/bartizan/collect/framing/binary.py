"""Know files that are no logs, or no logs yet, by their first bytes."""

from __future__ import annotations

from typing import Final

__all__ = ["binary_name"]

_CONVERT: Final = "write it out as text first"
_UNPACK: Final = "unpack it first"

_MAGIC: Final = (
    (b"\x7fELF", "ELF program", ""),
    (b"\x89PNG\r\n\x1a\n", "PNG image", ""),
    (b"\xff\xd8\xff", "JPEG image", ""),
    (b"GIF8", "GIF image", ""),
    (b"%PDF-", "PDF document", ""),
    (b"\x00\x05\x16\x07", "AppleDouble, a Mac's notes on another file", ""),
    (b"\x00\x05\x16\x00", "AppleSingle, a Mac's notes on another file", ""),
    (b"\x00\x00\x00\x01Bud1", "macOS folder view", ""),
    (b"SQLite format 3\x00", "SQLite database", _CONVERT),
    (b"PAR1", "Parquet table", _CONVERT),
    (b"ARROW1", "Arrow table", _CONVERT),
    (b"ORC", "ORC table", _CONVERT),
    (b"Obj\x01", "Avro table", _CONVERT),
    (b"\xd4\xc3\xb2\xa1", "packet capture", "let Zeek or Suricata read it, and give their logs"),
    (b"\xa1\xb2\xc3\xd4", "packet capture", "let Zeek or Suricata read it, and give their logs"),
    (b"\x4d\x3c\xb2\xa1", "packet capture", "let Zeek or Suricata read it, and give their logs"),
    (b"\xa1\xb2\x3c\x4d", "packet capture", "let Zeek or Suricata read it, and give their logs"),
    (b"\x0a\x0d\x0d\x0a", "packet capture (pcapng)", "let Zeek or Suricata read it, and give their logs"),
    (b"LPKSHHRH", "systemd journal", "give the output of journalctl --file PATH -o json"),
    (b"\x30\x00\x00\x00LfLe", "Windows event log before Vista (EVT)", _CONVERT),
    (b"regf", "Windows registry hive", ""),
    (b"MAM\x04", "Windows prefetch", ""),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE compound document", ""),
    (b"MDMP", "Windows memory dump", ""),
    (b"PAGEDU", "Windows memory dump", ""),
    (b"EMiL", "memory dump", ""),
    (b"7z\xbc\xaf\x27\x1c", "7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "RAR archive", _UNPACK),
    (b"MSCF", "CAB archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "LZ4 file", _UNPACK),
    (b"\x1f\x9d", "compress (.Z) file", _UNPACK),
    (b"!<arch>\n", "ar archive", _UNPACK),
    (b"\xca\xfe\xba\xbe", "Java class or Mach-O program", ""),
    (b"\xcf\xfa\xed\xfe", "Mach-O program", ""),
    (b"\x00asm", "WebAssembly program", ""),
    (b"\x93NUMPY", "NumPy array", ""),
)
_SAMPLE: Final = 64 << 10
_CONTROLS: Final = bytes(code for code in range(32) if code not in b"\t\n\x0b\x0c\r\x1b\x1c\x1d\x1e\x1f") + b"\x7f"
"""Control bytes that logs do not use. Escape colours terminals, 28 to 31 separate fields (auditd, JSON text sequences)."""
_CONTROL_SHARE: Final = 0.05
_FOREIGN_SHARE: Final = 0.3
"""More bytes than this that are not UTF-8: not a log in Latin-1 either, where letters beyond ASCII are one in ten at most."""


def binary_name(begin: bytes) -> str:
    """Say what a file is that is no text, from its first bytes; "" where it may be text."""
    for magic, name, advice in _MAGIC:
        if begin.startswith(magic):
            return f"{name}: not a log; {advice}" if advice else f"{name}: not a log"
    if begin[:2] == b"MZ" and b"\x00" in begin[:64]:
        return "Windows program: not a log"
    sample = begin[:_SAMPLE].strip(b"\x00")
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    foreign = sample.decode("utf-8", "replace").count("\ufffd")
    if controls > _CONTROL_SHARE * len(sample) or foreign > _FOREIGN_SHARE * len(sample):
        return "binary: not a log"
    return ""
