"""Read lists of indicators from files and folders, packed or not, and say what became of each.

What a file is, is told by its content: JSON is STIX or MISP, text is a CSV table where its first line names columns, else a list.
"""

from __future__ import annotations

import re
from itertools import chain
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.collect.files import blocks_of, cannot_open, opened
from bartizan.collect.framing.encodings import encoding_of, transcoded
from bartizan.collect.transports.budget import Budget
from bartizan.collect.transports.bytestream import ByteStream
from bartizan.collect.transports.paths import Passed, find
from bartizan.collect.transports.unpack import leaves
from bartizan.detect.indicators.contract import Indicator, ListBalance, Read
from bartizan.detect.indicators.documents import form_of, take_document
from bartizan.detect.indicators.keeping import Keeper
from bartizan.detect.indicators.lines import COLUMNS, cut, header_of, take_list, take_table
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.collect.limits import Limits
    from bartizan.collect.transports.unpack import Leaf

__all__ = ["DOCUMENT_BYTES", "documents_in", "read_indicators"]

DOCUMENT_BYTES: Final = 512 << 20
"""The longest JSON document that is read: it must be held in memory. The largest feed seen is 90 MB."""
_BEGIN: Final = 4096
_JSON: Final = re.compile(rb"\s*[\[{]\s*(?:[\"\[{}\]]|$)")


def read_indicators(paths: Sequence[str], *, columns: Sequence[str] = (), limits: Limits | None = None) -> Read:
    """Read every list behind some paths, in the order of their names. InputError where a path names nothing.

    ``columns`` says what the columns of CSV tables are, for those without a header: names of ``COLUMNS``, "" for one that is not read.
    """
    strange = [name for name in columns if name and name not in COLUMNS]
    if strange:
        message = f"--columns: '{strange[0]}' is no column of indicators; there are {', '.join(COLUMNS)}, and nothing for one to pass over"
        raise UsageError(message)
    indicators: list[Indicator] = []
    balance: list[ListBalance] = []
    for leaf in leaves_of(paths, limits):
        keeper = Keeper(leaf.name)
        if leaf.stream is None:
            keeper.problems.append(leaf.problem)
        else:
            _take(leaf.stream, keeper, columns)
            if leaf.stream.problem:
                keeper.problems.append(leaf.stream.problem)
        indicators += keeper.found.values()
        balance.append(keeper.balance())
    return Read(tuple(indicators), tuple(balance))


def leaves_of(paths: Sequence[str], limits: Limits | None = None) -> Iterator[Leaf]:
    """Yield everything that is read behind some paths; what cannot be opened is a leaf without a stream."""
    from bartizan.collect.transports.unpack import Leaf  # noqa: PLC0415 - for its name at run time only

    for found in find(sorted(paths)):
        if isinstance(found, Passed):
            if found.lost:
                yield Leaf(name=found.name, problem=found.why)
            continue
        budget = Budget(limits)
        try:
            handle = opened(found)
        except OSError as error:
            yield Leaf(name=found.name, problem=cannot_open(error))
            continue
        with handle:
            stream = ByteStream(_counted(blocks_of(handle), budget))
            yield from leaves(found.name, stream, found.modified, budget, None if found.stream else handle)


def documents_in(stream: ByteStream) -> tuple[Any, str]:
    """Return the JSON document that a stream holds, or why not."""
    held: list[bytes] = []
    size = 0
    for block in stream.blocks():
        size += len(block)
        if size > DOCUMENT_BYTES:
            return None, f"a JSON document of more than {DOCUMENT_BYTES >> 20} MiB: split it"
        held.append(block)
    try:
        return msgspec.json.decode(b"".join(held)), ""
    except RecursionError:
        return None, "JSON nested too deep: no list of indicators is"
    except (msgspec.DecodeError, ValueError) as error:
        return None, f"no JSON that can be read: {error}"


def is_json(begin: bytes) -> bool:
    """Say whether bytes begin like a JSON document: a defanged address (``[.]``) does not."""
    return _JSON.match(begin) is not None


def text_of(stream: ByteStream) -> ByteStream:
    """Return a stream as UTF-8, whatever it was written in."""
    encoding, mark = encoding_of(stream.peek(_BEGIN))
    stream.read(mark)
    return stream if encoding == "utf-8" else ByteStream(transcoded(stream.blocks(), encoding))


def _take(raw: ByteStream, keeper: Keeper, columns: Sequence[str]) -> None:
    stream = text_of(raw)
    source = PurePath(keeper.path.rpartition("!")[2]).name
    if is_json(stream.peek(_BEGIN)):
        document, why = documents_in(stream)
        keeper.form = form_of(document) if not why else ""
        if keeper.form:
            take_document(document, keeper, source)
        else:
            keeper.problems.append(why or "JSON that is neither a STIX bundle nor a MISP event")
    else:
        _take_text(cut(stream.blocks()), keeper, source, columns)
    if raw.problem and raw is not stream:
        keeper.problems.append(raw.problem)


def _take_text(lines: Iterator[tuple[int, str | None]], keeper: Keeper, source: str, columns: Sequence[str]) -> None:
    """Take in a text; a header may stand behind comments, or be the last of them."""
    if columns:
        keeper.form = "csv"
        take_table(lines, keeper, source, columns)
        return
    for number, line in lines:
        comment = line is None or not line.strip() or line.startswith("#")
        meanings = None if line is None else header_of(line)
        if meanings is not None:
            keeper.form = "csv"
            take_table(lines, keeper, source, meanings)
            return
        if not comment or line is None:
            keeper.form = "list"
            take_list(chain([(number, line)], lines), keeper, source)
            return
    keeper.form = "list"


def _counted(blocks: Iterable[bytes], budget: Budget) -> Iterator[bytes]:
    for block in blocks:
        budget.read += len(block)
        yield block
