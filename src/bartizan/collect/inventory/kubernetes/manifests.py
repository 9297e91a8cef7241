"""Cut what kubectl, Helm and people write into single objects, each with its line; what is broken is told, and the rest is read."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.kubernetes.streamed import Cut, pieces
from bartizan.documents import Document, Map, Refused, Seq, documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Broken", "Manifest", "is_object", "manifest_of", "manifests", "takes"]

_VERSION: Final = re.compile(r"(?:[a-z0-9][a-z0-9.-]*/)?v\d+(?:(?:alpha|beta)\d+)?")
_HEAD: Final = re.compile(rb"""["']?apiVersion["']?[ \t]*:[ \t]*["']?(?:[a-z0-9][a-z0-9.-]*/)?v\d+""")
_KIND: Final = re.compile(r"""^[ \t"']*kind["']?[ \t]*:[ \t]*["']?([A-Z][A-Za-z]+)""", re.MULTILINE)
_MARK: Final = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_ITEMS: Final = re.compile(r"^items:[ \t]*\n(?=- )", re.MULTILINE)
_ITEM: Final = re.compile(r"^- ", re.MULTILINE)
_TOP: Final = re.compile(r"^[A-Za-z]", re.MULTILINE)
"""Where the next key of a list's own stands."""
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object as it was written: ``line`` is where it begins, ``lined`` the same value with the lines of its parts, where known."""

    value: dict[str, Any]
    line: int = 0
    lined: Map | None = None
    offset: int = 0
    """Lines before the document of which ``lined`` counts."""

    @property
    def kind(self) -> str:
        """Return its kind as written."""
        return str(self.value["kind"])

    @property
    def group(self) -> str:
        """Return the group of its API, "" for the first one."""
        return str(self.value["apiVersion"]).rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece of a file that is no object: on which line, why, and the kinds that it may have held (() for any)."""

    line: int
    why: str
    kinds: tuple[str, ...] = ()


_OTHERS: Final = re.compile(rb"""run\.googleapis\.com/|deploymentTemplate\.json|"id"\s*:\s*"/subscriptions/""")
"""What stands in lists of Cloud Run, templates of Azure and lists of its resources, which have a kind and an apiVersion too."""


def takes(content: bytes) -> bool:
    """Say whether a file, or its first 64 KiB, looks as if it held objects of Kubernetes."""
    head = content[:_LOOKED_AT]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode()
    if _OTHERS.search(head):
        return False
    return _HEAD.search(head) is not None and re.search(rb"""(?m)["']?kind["']?[ \t]*:""", head) is not None


def is_object(value: Mapping[str, Any]) -> bool:
    """Say whether a decoded object is one of Kubernetes, or a list of such."""
    version = value.get("apiVersion")
    return isinstance(value.get("kind"), str) and isinstance(version, str) and _VERSION.fullmatch(version) is not None


def manifest_of(value: Mapping[str, Any]) -> Manifest:
    """Return a decoded object as a manifest without a line."""
    return Manifest(dict(value))


def manifests(content: bytes) -> Iterator[Manifest | Broken]:
    """Yield the objects of a file, those of lists one by one. A document that is no object of Kubernetes at all is passed over."""
    text = _text(content)
    if isinstance(text, Broken):
        yield text
    elif text.lstrip()[:1] in ("{", "[") and not text.lstrip().startswith("{{"):
        yield from _from_json(text)
    else:
        yield from _from_yaml(text)


def _text(content: bytes) -> str | Broken:
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        return Broken(content[: error.start].count(b"\n") + 1, f"it is no text in {encoding}: {error.reason}")


def _from_json(text: str) -> Iterator[Manifest | Broken]:
    read = 0
    for piece in pieces(text):
        if not isinstance(piece, Cut):
            read += 1
            yield from _objects(piece.value, piece.line, (piece.of, piece.version))
        elif read or not (others := [one for one in _from_yaml(text) if isinstance(one, Manifest)]):
            yield Broken(piece.line, f"{piece.why}; what stands before it is read: {read} objects")
        else:
            yield from others


def _from_yaml(text: str) -> Iterator[Manifest | Broken]:
    """Read document by document: one that is broken takes no other with it."""
    starts = [0, *(mark.start() for mark in _MARK.finditer(text))]
    offset = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        part = text[start:end]
        for document in documents(part.encode()):
            if not isinstance(document, Refused):
                yield from _document(document, offset)
            elif _ITEMS.search(part):
                yield from _item_by_item(part, offset)
            else:
                yield _broken(document, part, offset)
        offset += part.count("\n")


def _item_by_item(part: str, offset: int) -> Iterator[Manifest | Broken]:
    """Read a list, as kubectl writes it, of which one item is broken or which is too long to be read whole."""
    begin = _ITEMS.search(part)
    first = begin.end() if begin else 0
    rest = _TOP.search(part, first)
    last = rest.start() if rest else len(part)
    starts = [mark.start() for mark in _ITEM.finditer(part, first, last)]
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        chunk = f"  {part[start + 2 : end]}"
        above = offset + part.count("\n", 0, start)
        for document in documents(chunk.encode()):
            if isinstance(document, Refused):
                yield _broken(document, chunk, above)
            else:
                line = document.value.line if isinstance(document.value, Map) else 1
                yield from _objects(document.value, above + line, ("List", ""), above)


def _broken(refused: Refused, part: str, offset: int) -> Broken:
    return Broken(offset + max(refused.line, 1), _why(refused, part), tuple(dict.fromkeys(_KIND.findall(part))))


def _why(refused: Refused, part: str) -> str:
    if "{{" in part:
        return f"{refused.why}; it looks like a template: give what `helm template` writes"
    return refused.why


def _document(document: Document, offset: int) -> Iterator[Manifest | Broken]:
    value = document.value
    if isinstance(value, Map) and str(value.get("kind", "")).endswith("List") and isinstance(value.get("items"), Seq):
        for item in value["items"]:
            line = offset + (item.line if isinstance(item, Map) else value.line)
            yield from _objects(item, line, (str(value["kind"]), str(value.get("apiVersion"))), offset)
    elif isinstance(value, Map):
        yield from _objects(value, offset + value.line, ("", ""), offset)


def _objects(value: object, line: int, listed: tuple[str, str], offset: int = 0) -> Iterator[Manifest | Broken]:
    """Give one object; an item of a list of one kind (``listed``: its kind and apiVersion) need not say its own."""
    of, version = listed
    if not isinstance(value, dict):
        if of:
            yield Broken(line, f"an item of the list is no object but {type(value).__name__}")
        return
    plain: dict[str, Any] = _plain(value) if isinstance(value, Map) else value
    if of and of != "List" and "kind" not in plain:
        plain = {"kind": of.removesuffix("List"), "apiVersion": version, **plain}
    if not isinstance(plain.get("kind"), str) or not isinstance(plain.get("apiVersion"), str):
        if of:
            yield Broken(line, "an item of the list has no kind or no apiVersion")
    elif _VERSION.fullmatch(plain["apiVersion"]):
        yield Manifest(plain, line, value if isinstance(value, Map) else None, offset)


def _plain(value: Any) -> Any:  # noqa: ANN401 - YAML holds anything
    """Copy a value that remembers lines into one that JMESPath knows the types of; a time is the text that JSON would have."""
    if isinstance(value, Map):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Seq):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
