"""The functions of Terraform's language over texts and numbers."""

from __future__ import annotations

import hashlib
import json
import math
import re
from base64 import b64decode, b64encode
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

import re2

from bartizan.collect.inventory.declared.values import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["TEXTS"]

_VERB: Final = re.compile(r"%(%|([-+# 0]*)(\d{0,3})(?:\.(\d{1,3}))?([a-zA-Z]))")
_MAX_TEXT: Final = 2_000_000
_QUIET: Final = re2.Options()
_QUIET.log_errors = False


def _format(pattern: str, *values: Any) -> str:  # noqa: ANN401 - any value of the language
    left = list(values)

    def fill(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        value, flags, verb = left.pop(0), found[2] + found[3], found[5]
        if verb in "dxXob":
            return format(int(value), f"{flags.replace('-', '<')}{verb}")
        if verb in "feEgG":
            return format(float(value), f"{flags.replace('-', '<')}.{found[4] or 6}{verb}")
        text = json.dumps(value, separators=(",", ":")) if verb == "q" or isinstance(value, list | dict) else text_of(value)
        return text.ljust(int(found[3] or 0)) if "-" in found[2] else text.rjust(int(found[3] or 0))

    return _VERB.sub(fill, pattern)


def _format_list(pattern: str, *values: Any) -> list[str]:  # noqa: ANN401 - any value of the language
    length = max((len(value) for value in values if isinstance(value, list)), default=1)
    return [_format(pattern, *(value[at] if isinstance(value, list) else value for value in values)) for at in range(length)]


def _pattern(text: str) -> Any:  # noqa: ANN401 - re2's patterns carry no types
    try:
        return re2.compile(text, _QUIET)
    except re2.error as error:
        message = f"it is no pattern: {text[:60]}"
        raise ValueError(message) from error


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old[0] == old[-1] == "/":
        return str(_pattern(old[1:-1]).sub(re.sub(r"\$\{?(\w+)\}?", r"\\\1", new), text))
    if text.count(old) * len(new) > _MAX_TEXT:
        message = "the text is too long"
        raise ValueError(message)
    return text.replace(old, new)


def _groups(found: Any) -> Any:  # noqa: ANN401 - re2's matches carry no types
    names = found.groupdict()
    return names or (list(found.groups()) if found.groups() else found[0])


def _regex(pattern: str, text: str) -> Any:  # noqa: ANN401 - text, a list or an object
    found = _pattern(pattern).search(text)
    if found is None:
        message = "the pattern does not match"
        raise ValueError(message)
    return _groups(found)


def _substring(text: str, start: int, length: int) -> str:
    start = int(start) + len(text) if start < 0 else int(start)
    return text[start:] if length < 0 else text[start : start + int(length)]


def _digest(name: str, *, base64: bool = False) -> Callable[..., str]:
    def digest(text: str, encoding: str = "utf-8") -> str:
        made = hashlib.new(name, text.encode(encoding), usedforsecurity=False)
        return b64encode(made.digest()).decode() if base64 else made.hexdigest()

    return digest


def _number(value: Any) -> int | float:  # noqa: ANN401 - any value of the language
    if isinstance(value, str):
        return float(value) if set(value) & set(".eE") else int(value)
    return value if isinstance(value, int | float) else float("nan")


def _title(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda found: found[1] + found[2].upper(), text)


TEXTS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "log": lambda value, of: math.log(value) / math.log(of),
    "max": max,
    "min": min,
    "pow": math.pow,
    "signum": lambda value: (value > 0) - (value < 0),
    "parseint": lambda text, radix: int(text_of(text), radix),
    "basename": basename,
    "dirname": lambda path: dirname(path) or ".",
    "pathexpand": lambda path: path,
    "chomp": lambda text: text.rstrip("\r\n"),
    "format": _format,
    "formatlist": _format_list,
    "indent": lambda by, text: text.replace("\n", "\n" + " " * min(int(by), 100)),
    "join": lambda between, *lists: between.join(text_of(item) for one in lists for item in one),
    "lower": str.lower,
    "upper": str.upper,
    "regex": _regex,
    "regexall": lambda pattern, text: [_groups(found) for found in _pattern(pattern).finditer(text)],
    "replace": _replace,
    "split": lambda between, text: text.split(between) if between else list(text),
    "startswith": str.startswith,
    "endswith": str.endswith,
    "strcontains": lambda text, part: part in text,
    "strrev": lambda text: text[::-1],
    "substr": _substring,
    "title": _title,
    "trim": str.strip,
    "trimprefix": str.removeprefix,
    "trimsuffix": str.removesuffix,
    "trimspace": str.strip,
    "base64encode": lambda text, encoding="utf-8": b64encode(text.encode(encoding)).decode(),
    "base64decode": lambda text: b64decode(text, validate=True).decode(),
    "urlencode": quote_plus,
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
    "base64sha256": _digest("sha256", base64=True),
    "base64sha512": _digest("sha512", base64=True),
    "tostring": lambda value: value if value is None else text_of(value),
    "tonumber": lambda value: value if value is None else _number(value),
    "tobool": lambda value: {"true": True, "false": False}[value] if isinstance(value, str) else value,
}
