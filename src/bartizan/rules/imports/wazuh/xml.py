r"""Read the XML of Wazuh's rules and decoders, which is no XML: many roots, bare ``&``, and ``\<`` for ``<``.

Entities are the five of XML and numbers, each replaced once: nothing that a file says can grow. A document type is
refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_BYTES", "Broken", "Element", "elements"]

MAX_BYTES: Final = 32 << 20
"""The largest published rule file has 300 kB."""
MAX_DEPTH: Final = 16
MAX_ELEMENTS: Final = 500_000
_NAME: Final = r"[A-Za-z_][\w.\-]{0,100}"
_TOKEN: Final = re.compile(
    r"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>|<\?(?P<instruction>.*?)\?>"
    rf"|</\s*(?P<close>{_NAME})\s*>"
    rf"|<(?P<open>{_NAME})(?P<attributes>(?:\s+{_NAME}\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>"
    r"|(?P<declaration><!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)\b)",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(rf"({_NAME})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY: Final = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_ENTITIES: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_LAST: Final = 0x10FFFF


class Broken(ValueError):  # noqa: N818 - what a file is, told with its line
    """A file is not read further: why, and on which line."""

    def __init__(self, why: str, line: int) -> None:
        """Hold the reason and the line."""
        super().__init__(why)
        self.why = why
        self.line = line


@dataclass(slots=True)
class Element:
    """An element: its name in lower case, attributes, text without that of its children, children, and the line it begins on."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)


def elements(content: bytes) -> list[Element]:
    """Return the elements at the top of a file; raises Broken where it cannot be read on."""
    if len(content) > MAX_BYTES:
        message = f"has more than {MAX_BYTES >> 20} MiB, which no rule file has"
        raise Broken(message, 0)
    text = _decoded(content)
    root = Element("", {}, 1)
    open_ = [root]
    line = at = seen = 0
    for count, token in enumerate(_tokens(text)):
        open_[-1].text += _entities(text[at : token.start()])
        line += text.count("\n", seen, token.start())
        seen, at = token.start(), token.end()
        if token["declaration"] or count > MAX_ELEMENTS:
            message = "declares a document type or entities, which rules do not need" if token["declaration"] else "has too many elements"
            raise Broken(message, line + 1)
        _take(token, open_, line + 1)
    if len(open_) > 1:
        message = f"ends inside <{open_[-1].name}>, which begins on this line: is it cut off?"
        raise Broken(message, open_[-1].line)
    return root.children


def _take(token: re.Match[str], open_: list[Element], line: int) -> None:
    """Open or close an element, or add text."""
    if token["cdata"] is not None:
        open_[-1].text += token["cdata"]
    elif token["open"]:
        attributes = {name.lower(): _entities(double or single) for name, double, single in _ATTRIBUTE.findall(token["attributes"])}
        element = Element(token["open"].lower(), attributes, line)
        open_[-1].children.append(element)
        if not token["empty"]:
            open_.append(element)
        if len(open_) > MAX_DEPTH:
            message = f"is nested deeper than {MAX_DEPTH} elements"
            raise Broken(message, line)
    elif token["close"]:
        if len(open_) == 1 or open_[-1].name != token["close"].lower():
            inside = f"<{open_[-1].name}> of line {open_[-1].line} is open" if len(open_) > 1 else "nothing is open"
            message = f"</{token['close']}> closes nothing: {inside}"
            raise Broken(message, line)
        open_.pop()


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield what begins with ``<``, except where a backslash stands before it."""
    at = text.find("<")
    while at != -1:
        met = None if text[at - 1 : at] == "\\" and text[at : at + 2] != "</" else _TOKEN.match(text, at)
        if met is not None:
            yield met
        at = text.find("<", at + 1 if met is None else met.end())


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "backslashreplace")


def _entities(text: str) -> str:
    if "\\<" in text:
        text = text.replace("\\<", "<")
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _entity(met: re.Match[str]) -> str:
    if met[1]:
        return _ENTITIES[met[1]]
    number = int(met[2]) if met[2] else int(met[3], 16)
    return chr(number) if 0 < number <= _LAST else met[0]
