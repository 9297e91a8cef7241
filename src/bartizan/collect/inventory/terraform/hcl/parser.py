"""Parse HCL into bodies: attributes and blocks, by recursive descent."""

from __future__ import annotations

from typing import Final

from bartizan.collect.inventory.terraform.hcl.expressions import Expressions
from bartizan.collect.inventory.terraform.hcl.syntax import Attribute, Block, Body, Broken
from bartizan.collect.inventory.terraform.hcl.templates import literal_text

__all__ = ["MAX_BYTES", "parse"]

MAX_BYTES: Final = 8_000_000
"""The largest file of a published module is some 100 KB; a policy of variables written by a program may be more."""
_MAX_DEPTH: Final = 60


def parse(content: bytes, file: str = "") -> Body:
    """Parse a file; Broken with its line where it is none. ``file`` is put into its blocks."""
    if len(content) > MAX_BYTES:
        message = f"it has {len(content)} bytes, more than {MAX_BYTES}"
        raise Broken(message, 0)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"it is no UTF-8: {error.reason}"
        raise Broken(message, content.count(b"\n", 0, error.start) + 1) from error
    return _Bodies(text, file).body(0)


class _Bodies:
    """The bodies of one file."""

    def __init__(self, text: str, file: str) -> None:
        self._expressions = Expressions(text)
        self._scanner = self._expressions.scanner
        self._file = file

    def body(self, depth: int) -> Body:
        """Parse what stands in a file, or up to the brace that closes a block."""
        if depth > _MAX_DEPTH:
            self._scanner.fail(f"blocks stand deeper than {_MAX_DEPTH}")
        made = Body()
        while True:
            token = self._scanner.take(newlines=False)
            if token.kind == "end" or (depth and token.text == "}"):
                if depth and token.kind == "end":
                    self._scanner.fail("'}' is missing: the file ends")
                return made
            if token.kind != "name":
                self._scanner.fail(f"{token.text!r} is no name of an attribute or a block")
            line = self._scanner.line(token.end - len(token.text))
            self._item(made, token.text, line, depth)

    def _item(self, made: Body, name: str, line: int, depth: int) -> None:
        if self._scanner.take_if("=", newlines=True):
            if name in made.attributes:
                self._scanner.fail(f"'{name}' stands twice, first on line {made.attributes[name].line}")
            made.attributes[name] = Attribute(name, self._expressions.expression(newlines=True), line)
        else:
            labels = tuple(self._labels())
            made.blocks.append(Block(name, labels, self.body(depth + 1), line, self._file))
        if depth and self._scanner.peek(newlines=True).text == "}":
            return  # a block on one line
        if self._scanner.take(newlines=True).kind not in ("newline", "end"):
            self._scanner.fail(f"after '{name}' the line must end")

    def _labels(self) -> list[str]:
        labels: list[str] = []
        while True:
            token = self._scanner.take(newlines=True)
            if token.text == "{":
                return labels
            if token.kind == "name":
                labels.append(token.text)
            elif token.kind == "quote":
                labels.append(literal_text(self._expressions))
            else:
                self._scanner.fail("after a name stands neither '=' nor a block")
