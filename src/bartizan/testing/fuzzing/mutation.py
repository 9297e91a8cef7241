"""Make an input of good ones: records changed in their form, lines moved, bytes broken, encodings and packing changed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from bartizan.testing.fuzzing.forms import changed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["mutated"]

_BYTES: Final = b'\x00\xff\xfe\xc3"\\{}[]<>()|,:;= 019\t\r\n\x1d#%&'
_FORM: Final = 0.75
"""The share of changes that keep the form of a record: broken bytes end at the first check, and say little of what is behind it."""
_WHOLE: Final = 0.04
_LONGEST: Final = 1 << 16


def mutated(data: bytes, seed: int, others: Sequence[bytes] = (), *, binary: bool = False, longest: int = _LONGEST) -> bytes:
    """Return a changed input: the same for the same data and seed. ``others`` are good inputs that parts may come from."""
    chance = random.Random(seed)  # noqa: S311 - the same changes for the same seed
    if binary:
        return _broken(data, chance, others)[:longest]
    if chance.random() < _WHOLE:
        return _recoded(data, chance)[:longest]
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(lines))
        if chance.random() < _FORM:
            lines[at] = changed(lines[at], chance)
        else:
            _moved(lines, at, chance, others)
    return b"\n".join(lines)[:longest]


def _moved(lines: list[bytes], at: int, chance: random.Random, others: Sequence[bytes]) -> None:
    """Change the lines around one."""
    line = lines[at]
    what = chance.choice(("double", "drop", "join", "split", "mix", "cut", "break", "break"))
    if what == "double":
        lines.insert(at, line)
    elif what == "drop" and len(lines) > 1:
        del lines[at]
    elif what == "join":
        lines[at : at + 2] = [b"".join(lines[at : at + 2])]
    elif what == "split":
        cut = chance.randrange(len(line) + 1)
        lines[at : at + 1] = [line[:cut], line[cut:]]
    elif what == "mix" and others:
        lines[at:at] = chance.choice(others).split(b"\n")
    elif what == "cut":
        lines[at] = line[: chance.randrange(len(line) + 1)]
    else:
        lines[at] = _broken(line, chance, others)


def _broken(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Return bytes with a few replaced, dropped, put in, flipped or copied from elsewhere."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        what = chance.choice(("replace", "flip", "copy", "number"))
        if what == "replace":
            found[at : at + chance.randint(0, 4)] = bytes(chance.choices(_BYTES, k=chance.randint(0, 4)))
        elif what == "flip" and at < len(found):
            found[at] ^= 1 << chance.randrange(8)
        elif what == "copy":
            other = chance.choice(others) if others else data
            begin = chance.randrange(len(other) + 1)
            found[at:at] = other[begin : begin + chance.randint(0, 64)]
        else:
            found[at : at + 8] = chance.choice((0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)).to_bytes(8, chance.choice(("little", "big")))
    return bytes(found)


def _recoded(data: bytes, chance: random.Random) -> bytes:
    """Return the whole input in another encoding, with other line ends, or cut."""
    text = data.decode("utf-8", "replace")
    what = chance.choice(("wide", "marked", "ends", "latin", "array", "cut"))
    if what == "wide":
        return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32")), "replace")
    if what == "marked":
        return b"\xef\xbb\xbf" + data
    if what == "ends":
        return data.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\x00\n")))
    if what == "latin":
        return text.encode("latin-1", "replace")
    if what == "array":
        return b"[" + b",".join(data.split(b"\n")) + b"]"
    return data[: chance.randrange(len(data) + 1)]
