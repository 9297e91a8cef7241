"""Read exported files, packed or not, of any size, into facts; what no format knows, and what is broken, is told with its place."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Final, cast

import msgspec

from bartizan.collect.files import blocks_of, cannot_open, opened
from bartizan.collect.framing.documents import cut_documents
from bartizan.collect.inventory.contract import Facts, Gap, Origin
from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.transports.budget import Budget
from bartizan.collect.transports.bytestream import ByteStream
from bartizan.collect.transports.paths import Passed, find
from bartizan.collect.transports.unpack import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Value
    from bartizan.collect.inventory.exports.contract import Reading, ReadingFiles
    from bartizan.collect.transports.paths import Found
    from bartizan.collect.transports.unpack import Leaf

__all__ = ["formats", "read_exports"]

RECORD_BYTES: Final = 256 << 20
"""The longest record: the authorization details of a large account are one object of some 100 MB."""
FILE_BYTES: Final = 1 << 30
"""The longest file that is taken whole: a list of 50,000 pods has half of it."""
_HEAD: Final = 1 << 16
_YAML: Final = (".yaml", ".yml")
"""What a file without records is called: what no format takes whole is told once, and not line by line."""
_PACKAGE: Final = "bartizan.collect.inventory.exports"
_TOLD: Final = 20
"""How many places of what no format knows are told one by one for a file; the rest is counted."""


@cache
def formats() -> tuple[Format, ...]:
    """Return every export format, by provider and module."""
    found = []
    for provider in sorted(files(_PACKAGE).iterdir(), key=lambda one: one.name):
        if provider.is_dir() and not provider.name.startswith("_"):
            modules = sorted(one.name.removesuffix(".py") for one in provider.iterdir() if one.name.endswith(".py"))
            held = [getattr(import_module(f"{_PACKAGE}.{provider.name}.{name}"), "FORMAT", None) for name in modules if name[0] != "_"]
            found += [one for one in held if isinstance(one, Format)]
    return tuple(found)


def read_exports(paths: Sequence[str], known: Sequence[Format] | None = None) -> Facts:
    """Read files and folders of exports into facts; InputError where a path names nothing."""
    work = _Work(formats() if known is None else known)
    for found in find(paths):
        if not isinstance(found, Passed):
            work.file(found)
        elif found.lost:
            work.gap(Origin("export", found.name), found.why)
    return work.facts()


class _Work:
    """The formats, what reads for each that was met, and what nobody read."""

    def __init__(self, known: Sequence[Format]) -> None:
        self._known = known
        self._readings: dict[str, Reading] = {}
        self._gaps: list[Gap] = []

    def file(self, found: Found) -> None:
        """Read one file and all that is packed in it."""
        budget = Budget()
        try:
            handle = opened(found)
        except OSError as error:
            self.gap(Origin("export", found.name), cannot_open(error))
            return
        with handle:
            stream = ByteStream(blocks_of(handle))
            for leaf in leaves(found.name, stream, found.modified, budget, None if found.stream else handle):
                self._leaf(leaf)

    def _leaf(self, leaf: Leaf) -> None:
        if leaf.stream is None:
            self.gap(Origin("export", leaf.name), leaf.problem)
            return
        whole = self._whole(leaf.stream.peek(_HEAD))
        if whole is not None:
            self._file(whole, leaf.name, leaf.stream)
            return
        if leaf.name.endswith(_YAML):
            self.gap(Origin("export", leaf.name), "this is YAML that no export format knows")
            return
        missed = 0
        for record, origin, why in _records(leaf.name, leaf.stream):
            problem = why or self._taken(record, origin)
            if problem:
                missed += 1
                if missed <= _TOLD:
                    self.gap(origin, problem)
        if missed > _TOLD:
            self.gap(Origin("export", leaf.name), f"{missed - _TOLD} more records of this file could not be read")
        if leaf.stream.problem:
            self.gap(Origin("export", leaf.name), leaf.stream.problem)

    def _taken(self, record: bytes, origin: Origin) -> str:
        """Let a format take a record; say what is wrong where none does."""
        try:
            value: Value = msgspec.json.decode(record)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            return f"this is no JSON: {error}"
        if not isinstance(value, dict):
            return "this is no JSON object"
        for one in self._known:
            if one.claims(value):
                self._reading(one).take(value, origin)
                return ""
        return f"no export format knows an object with {_shape(value)}"

    def _whole(self, head: bytes) -> Format | None:
        return next((one for one in self._known if one.takes is not None and one.takes(head)), None)

    def _file(self, whole: Format, name: str, stream: ByteStream) -> None:
        """Let a format take a file as it is, up to what a record may have."""
        content = b"".join(stream.limited(FILE_BYTES))
        cast("ReadingFiles", self._reading(whole)).file(content, name)
        problem = stream.problem or (f"only its first {FILE_BYTES} bytes are read" if stream.peek(1) else "")
        if problem:
            self.gap(Origin("export", name), problem)

    def _reading(self, one: Format) -> Reading:
        if one.name not in self._readings:
            self._readings[one.name] = one.begin()
        return self._readings[one.name]

    def gap(self, origin: Origin, detail: str) -> None:
        """Note what was not read."""
        self._gaps.append(Gap(provider="", call=" ".join(filter(None, (origin.path, origin.place))), reason="failed", detail=detail))

    def facts(self) -> Facts:
        """Return the facts of all formats, in their order, and the gaps."""
        facts = Facts()
        for one in self._known:
            if one.name in self._readings:
                facts.add(self._readings[one.name].facts())
        facts.gaps.extend(self._gaps)
        return facts


def _records(name: str, stream: ByteStream) -> Iterator[tuple[bytes, Origin, str]]:
    """Yield each record with its place, and why it is not whole."""
    for lines in cut_documents(stream.blocks(), limit=RECORD_BYTES):
        for index, (record, offset) in enumerate(zip(lines.records, lines.offsets, strict=True)):
            if record.strip():
                yield record, Origin("export", name, f"byte {offset}"), lines.long.get(index, "")


def _shape(value: Mapping[str, Value]) -> str:
    names = sorted(value)
    return ("no members" if not names else ", ".join(names[:6])) + (f" and {len(names) - 6} more" if len(names) > 6 else "")  # noqa: PLR2004 - enough to know it by
