"""Find out in which encoding a text is, and turn what is not UTF-8 into it."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["encoding_of", "transcoded"]

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32's mark begins with UTF-16's, so it comes first."""
_SHARE: Final = 0.4
"""Of the characters of a UTF-16 log, at least this many are ASCII (names, numbers, blanks): their other byte is NUL."""

_FEWEST: Final = 8
"""Characters from which on a pattern of NUL bytes is no chance."""


def encoding_of(begin: bytes) -> tuple[str, int]:
    """Return the encoding of a text from its first bytes, and how many bytes its mark takes. What is not known is UTF-8."""
    for mark, name in _MARKS:
        if begin.startswith(mark):
            return name, len(mark)
    sample = begin[: len(begin) // 2 * 2]
    pairs = len(sample) // 2
    if pairs >= _FEWEST:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if odd > _SHARE * pairs and even <= odd // 10:
            return "utf-16-le", 0
        if even > _SHARE * pairs and odd <= even // 10:
            return "utf-16-be", 0
    return "utf-8", 0


def transcoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the blocks as UTF-8. What is no character of the encoding becomes U+FFFD, so nothing is skipped."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
