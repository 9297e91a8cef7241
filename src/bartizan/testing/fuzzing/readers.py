"""Fuzz the readers of what others wrote: rules, mapping files, indicators, event logs, packed files, envelopes, bodies of requests."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import zstandard

from bartizan.collect.catalogue import catalogue_of
from bartizan.collect.files import chunks_of
from bartizan.collect.framing.wrappers import unwrapped
from bartizan.collect.limits import Limits
from bartizan.collect.mapped.files import mapping_files, read_mapping
from bartizan.collect.receivers.bodies import unpack
from bartizan.collect.receivers.cutting import cut_body
from bartizan.collect.transports.paths import Found
from bartizan.detect.indicators.files import read_indicators
from bartizan.errors import BartizanError
from bartizan.rules.compile import compiled
from bartizan.rules.imports import import_rules
from bartizan.testing.event_logs import chunk, event_log
from bartizan.testing.fuzzing.contract import Target
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["reader_targets"]

_LINES: Final = b"Nov 23 08:14:02 web-01 sshd[2112]: Accepted password for root from 203.0.113.50 port 50122 ssh2\n" * 3
_LIMITS: Final = Limits(unpacked=64 << 20, ratio_free=8 << 20, directory=1 << 20)
"""What an input may unpack to: small enough that one that reaches it costs no second."""
_BODY: Final = 1 << 20
_ENCODINGS: Final = ("gzip", "deflate", "zstd")
_MAPPINGS: Final = 6
_NOTHING: Final = catalogue_of([])


def reader_targets() -> Sequence[Target]:
    """Return the target of each reader."""
    texts: dict[str, tuple[Sequence[bytes], Callable[[bytes], Iterable[Problem]]]] = {
        "rules": (_seeds("rules"), _rules),
        "mapping-files": (_mappings(), partial(_in_file, ".yml", _mapping)),
        "indicators": (_seeds("indicators"), partial(_in_file, ".txt", _indicators)),
        "wazuh-rules": (_seeds("wazuh"), partial(_in_file, ".xml", _wazuh)),
        "envelopes": (_seeds("envelopes"), _envelopes),
    }
    binaries: dict[str, tuple[Sequence[bytes], Callable[[bytes], Iterable[Problem]]]] = {
        "event-logs": ((event_log(chunk(1, ["one", "two", "three"])), event_log()), partial(_in_file, ".evtx", _chunks)),
        "packed-files": (tuple(_packed()), partial(_in_file, "", _chunks)),
        "request-bodies": ((gzip.compress(_LINES), zstandard.compress(_LINES), _LINES), _bodies),
    }
    return [
        *(Target(name=name, seeds=seeds, run=run) for name, (seeds, run) in texts.items()),
        *(Target(name=name, seeds=seeds, run=run, binary=True) for name, (seeds, run) in binaries.items()),
    ]


def _seeds(name: str) -> tuple[bytes, ...]:
    folder = files("bartizan.testing.fuzzing") / "seeds" / name
    return tuple(file.read_bytes() for file in sorted(folder.iterdir(), key=lambda file: file.name))


def _mappings() -> tuple[bytes, ...]:
    """Return the shortest mapping files that come with us."""
    found = [path.read_bytes() for path in mapping_files(Path(str(files("bartizan.collect.sources"))))]
    return tuple(sorted(found, key=len)[:_MAPPINGS])


def _packed() -> Iterator[bytes]:
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/one.log", _LINES)
        archive.writestr("two.log.gz", gzip.compress(_LINES))
    with tarfile.open(fileobj=tarred, mode="w") as tape:
        member = tarfile.TarInfo("one.log")
        member.size = len(_LINES)
        tape.addfile(member, io.BytesIO(_LINES))
    yield from (zipped.getvalue(), tarred.getvalue()[:4096], gzip.compress(_LINES), zstandard.compress(_LINES))
    yield gzip.compress(tarred.getvalue())


def _in_file(suffix: str, run: Callable[[Path], Iterable[Problem]], data: bytes) -> Iterator[Problem]:
    """Run a reader of files; an error of our own is an answer."""
    with TemporaryDirectory(prefix="fuzz-") as folder:
        path = Path(folder) / f"fuzzed{suffix}"
        path.write_bytes(data)
        try:
            yield from run(path)
        except BartizanError as error:
            yield from _told("error", str(error))


def _told(what: str, message: str) -> Iterator[Problem]:
    if not message.strip():
        yield Problem(f"{what}: empty", "an error says nothing")


def _rules(data: bytes) -> Iterator[Problem]:
    if not compiled(data, {}):
        yield Problem("rules: nothing", "a file gives neither a rule nor a refusal")


def _mapping(path: Path) -> Iterable[Problem]:
    read_mapping(path)
    return ()


def _indicators(path: Path) -> Iterator[Problem]:
    for form, columns in (("told by content", ()), ("as a table", ("value", "type", "", "confidence"))):
        read = read_indicators([str(path)], columns=columns, limits=_LIMITS)
        for balance in read.balance:
            yield from _told(form, balance.path)


def _wazuh(path: Path) -> Iterable[Problem]:
    import_rules("wazuh", path)
    return ()


def _envelopes(data: bytes) -> Iterator[Problem]:
    for raw in (data, *data.split(b"\n")):
        for record in unwrapped(raw) or ():
            if len(record) > len(raw):
                yield Problem("envelopes: longer", f"a record of {len(record)} bytes out of an envelope of {len(raw)}")


def _chunks(path: Path) -> Iterator[Problem]:
    found = Found(str(path), path.name, path.stat().st_size)
    read = list(chunks_of(found, _NOTHING, _LIMITS))
    if not read:
        yield Problem("files: silent", "a file has no chunk that says what it is")
    for one in read:
        if one.framing is None and one.size and not (one.records or one.problems or one.notes):
            yield Problem("files: silent", f"{one.origin}: {one.size} bytes without a record and without a word")
        if any(row >= len(one.records) for row in one.unreadable):
            yield Problem("files: balance", f"{one.origin}: tells of a record that is not there")


def _bodies(data: bytes) -> Iterator[Problem]:
    for encoding in _ENCODINGS:
        body = unpack(data, encoding, _BODY)
        if isinstance(body, bytes):
            if len(body) > _BODY:
                yield Problem("bodies: limit", f"{encoding}: {len(body)} bytes, more than the limit")
            for delivery in cut_body(body):
                if not delivery.records:
                    yield Problem("bodies: empty", "a delivery without records")
