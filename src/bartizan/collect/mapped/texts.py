"""Take the bodies of text records apart: key=value, comma-separated, by pattern, CEF, LEEF, W3C."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.collect.mapped.plan import Reader

__all__ = ["FORMATS", "FROM_HEAD", "Body", "body_of"]

Body: TypeAlias = "tuple[tuple[str, ...], Sequence[str | None]] | None"
"""Names of the fields of one record and their texts, blanks around them still there; None where it cannot be read."""

_LEEF_HEAD: Final = ("leef.vendor", "leef.product", "leef.version", "leef.eventid")
_CEF_HEAD: Final = ("cef.version", "cef.vendor", "cef.product", "cef.device_version", "cef.signature", "cef.name", "cef.severity")
_CEF: Final = re.compile(r"CEF:\s*(\d+)\|" + r"((?:[^|\\]|\\.)*+)\|" * 6 + r"(.*)", re.DOTALL)
_CEF_KEY: Final = re.compile(r"(?:^|(?<=\s))([\w.\-\[\]]{1,128})=")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LINE_ENDS: Final = {"n": "\n", "r": "\r"}
_LOOKED_AT: Final = 16 << 10
"""Characters of a body that patterns are matched on: what can be written behind them must not cost the square of its length."""
_MOST: Final = 1_000
"""Fields kept of one record."""
FROM_HEAD: Final = "head"
"""What stands for the names of columns where the log itself names them."""


def body_of(reader: Reader, head: Sequence[bytes]) -> Callable[[str], Body]:
    """Return the function that reads one body; ``head`` are the ``#`` lines before the records."""
    return _MAKERS[reader.format](reader.options, head)


def _kv(options: Mapping[str, object], _head: Sequence[bytes]) -> Callable[[str], Body]:
    pair, between = str(options.get("pair", "=")), str(options.get("between", " "))
    stop = re.escape(between)
    # What no name holds need not be looked behind for, and nothing is tried twice.
    no_name = rf"\s{stop}{re.escape(pair[:1])}\"'\["
    name = f"(?<![^{no_name}])([^{no_name}]{{1,128}}+)"
    value = rf'(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([^{stop}\r\n]*+))'
    found = re.compile(f"{name}{re.escape(pair)}{value}").findall

    def read(body: str) -> Body:
        pairs = found(body)
        if not pairs:
            return None
        if "\\" in body or ", " in body or "; " in body:
            pairs = [(name, _unescaped(quoted), plain.rstrip(" ;,")) for name, quoted, plain in pairs]
        names = tuple([name for name, _, _ in pairs[:_MOST]])
        texts = [quoted or plain for _, quoted, plain in pairs[:_MOST]]
        return (names, texts) if len(set(names)) == len(names) else _once(names, texts)

    return read


def _csv(options: Mapping[str, object], head: Sequence[bytes]) -> Callable[[str], Body]:
    separator = str(options.get("separator", ","))
    columns = options.get("columns", [])
    if columns == FROM_HEAD:
        columns = _quoted(_named(head), separator)
    names = tuple(str(name) for name in columns) if isinstance(columns, list) else ()
    kinds = options.get("kinds", {})
    of = {str(kind): tuple(map(str, own)) for kind, own in kinds.items()} if isinstance(kinds, dict) else {}
    doubled = any(len(set(one)) < len(one) for one in (names, *of.values()))
    at = int(str(options.get("kind_column", 0)))
    least = int(str(options.get("least", 2)))

    def read(body: str) -> Body:
        cells = body.split(separator) if '"' not in body else _quoted(body, separator)
        own = of.get(cells[at].strip(), names) if len(cells) > at else names
        if len(cells) < min(least, len(own)) or not own:
            return None
        own, cells = own[: len(cells)], cells[: len(own)]
        return _once(own, cells) if doubled else (own, cells)

    return read


def _quoted(body: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([body], delimiter=separator), [])
    except csv.Error:
        return []


def _regex(options: Mapping[str, object], _head: Sequence[bytes]) -> Callable[[str], Body]:
    patterns = options.get("patterns", {})
    known = [(str(name), re.compile(str(text), re.DOTALL)) for name, text in patterns.items()] if isinstance(patterns, dict) else []
    tried = [(name, regex.match, ("@pattern", *regex.groupindex), list(regex.groupindex.values())) for name, regex in known]

    def read(body: str) -> Body:
        for name, match, names, places in tried:
            met = match(body, 0, _LOOKED_AT)
            if met is not None:
                return names, [name, *(met[place] for place in places)]
        return None

    return read


def _cef(_options: Mapping[str, object], _head: Sequence[bytes]) -> Callable[[str], Body]:
    def read(body: str) -> Body:
        met = _CEF.match(body)
        if met is None:
            return None
        *head, extension = met.groups()
        _, *parts = _CEF_KEY.split(extension, _MOST)
        names, texts = (*_CEF_HEAD, *parts[::2]), [*head, *parts[1::2]]
        if "\\" in body:
            texts = list(map(_unescaped, texts))
        fields = dict(zip(names, texts, strict=True))
        for label in [name for name in names if name[-5:] == "Label" and name[:-5] in fields]:
            fields.setdefault(fields[label].strip(), fields[label[:-5]])
        return tuple(fields), list(fields.values())

    return read


def _leef(options: Mapping[str, object], _head: Sequence[bytes]) -> Callable[[str], Body]:
    given = options.get("between")

    def read(body: str) -> Body:
        version, bar, rest = body.partition("|")
        parts = rest.split("|", 5 if version.endswith("2.0") else 4)
        if not bar or not version.startswith("LEEF:") or len(parts) < 5:  # noqa: PLR2004 - vendor, product, version, event, attributes
            return None
        delimiter = _delimiter(parts[4]) if len(parts) == 6 else "\t"  # noqa: PLR2004 - with a delimiter of its own
        delimiter = str(given) if given else delimiter
        fields = dict(zip(_LEEF_HEAD, parts, strict=False))
        pairs = (pair.partition("=") for pair in parts[-1].split(delimiter)[:_MOST])
        fields.update((name.strip(), value) for name, equals, value in pairs if equals)
        return tuple(fields), list(fields.values())

    return read


def _delimiter(text: str) -> str:
    digits = text.lower().removeprefix("0").removeprefix("x")
    if len(text) > 1 and re.fullmatch(r"[0-9a-f]{2,4}", digits):
        return chr(int(digits, 16))
    return text or "\t"


def _w3c(options: Mapping[str, object], head: Sequence[bytes]) -> Callable[[str], Body]:
    usual = options.get("columns", [])
    names = tuple(_named(head).split()) or tuple(map(str, usual if isinstance(usual, list) else ()))

    places = {name: at for at, name in enumerate(names)}
    doubled = len(places) < len(names)
    once = tuple(places)

    def read(body: str) -> Body:
        cells = body.split("\t" if "\t" in body else " ")
        if len(cells) != len(names) or not names:
            return None
        if doubled:
            cells = [cells[at] for at in places.values()]
        return once, [None if cell == "-" else cell for cell in cells]

    return read


def _named(head: Sequence[bytes]) -> str:
    """Return what the last line of a head that names columns says of them."""
    lines = [line for line in head if line[:8].lower() == b"#fields:"]
    return lines[-1][8:].decode("utf-8", "replace").strip() if lines else ""


def _once(names: Sequence[str], texts: Sequence[str]) -> Body:
    """Return fields of which some stand twice: the last one counts."""
    fields = dict(zip(names, texts, strict=True))
    return tuple(fields), list(fields.values())


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda met: _LINE_ENDS.get(met[1], met[1]), text) if "\\" in text else text


_MAKERS: Final = {"kv": _kv, "csv": _csv, "regex": _regex, "cef": _cef, "leef": _leef, "w3c": _w3c}
FORMATS: Final = ("json", *_MAKERS)
