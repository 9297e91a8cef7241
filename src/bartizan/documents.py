"""Read YAML into plain values that remember their lines.

PyYAML's own loaders keep the last of two equal keys without a word, lose the lines, and overflow the stack on deep
nesting. The events of libyaml's parser cost a third of a full load, so the values are built from those.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import yaml
from yaml import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Document", "Map", "Refused", "Seq", "documents", "suggestion"]

MAX_DEPTH: Final = 64
"""Nesting of values in one document: the deepest of 4,000 published rules has 7 levels."""
MAX_VALUES: Final = 200_000
"""Values in one document, each use of an alias counted: the largest published rule has 1,600."""


class Refused(Exception):  # noqa: N818 - a verdict on a document, caught where the document was read
    """A document is not what its reader wants: why, and on which line of its file (0 where unknown)."""

    def __init__(self, why: str, line: int = 0) -> None:
        """Hold the reason and the line."""
        super().__init__(why)
        self.why = why
        self.line = line


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for a word that is close to a known one, else nothing."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


class Map(dict[Any, Any]):
    """A mapping; ``line`` is where it begins and ``lines`` where each key stands, counted from 1."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        """Make an empty mapping that begins on a line."""
        super().__init__()
        self.line = line
        self.lines: dict[Any, int] = {}


class Seq(list[Any]):
    """A list; ``line`` is where it begins, counted from 1."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        """Make an empty list that begins on a line."""
        super().__init__()
        self.line = line


class Document:
    """One document of a file: its value, and the line on which it begins."""

    __slots__ = ("line", "value")

    def __init__(self, line: int, value: object) -> None:
        """Hold a value and its line."""
        self.line = line
        self.value = value


def documents(content: bytes, tags: Mapping[str, str] | None = None) -> Iterator[Document | Refused]:
    """Give every document of a YAML file; the first that is no YAML ends it and comes as the refusal that says why.

    ``tags`` are those that stand for a mapping of one key: with ``{"!Ref": "Ref"}``, ``!Ref x`` reads as ``{Ref: x}``.
    """
    builder = _Builder(tags or {})
    try:
        for event in yaml.parse(content, yaml.CSafeLoader):
            document = builder.take(event)
            if document is not None:
                yield document
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = " ".join(part for part in (error.context, error.problem) if part)
        yield Refused(f"this is no YAML: {why}", 0 if mark is None else mark.line + 1)
    except (yaml.YAMLError, UnicodeError) as error:
        yield Refused(f"this is no YAML text: {' '.join(str(error).split())}")
    except Refused as refused:
        yield refused


class _Builder:
    """Turn events into values, without recursion."""

    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = tags
        self._open: list[Map | Seq] = []
        self._keys: list[Any] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._starts: list[tuple[str | None, int, str]] = []
        self._line = 1
        self._count = 0
        self._root: object = None

    def take(self, event: events.Event) -> Document | None:
        """Take the next event; give the document that it ends."""
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(self, event)
        elif type(event) is events.DocumentEndEvent:
            return Document(self._line, self._root)
        return None

    def begin(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events carry no types
        """Begin a document."""
        self._line = event.start_mark.line + 1
        self._anchors = {}
        self._count = 0
        self._root = None

    def scalar(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events carry no types
        """Take a scalar, resolved as YAML 1.1 says."""
        line = event.start_mark.line + 1
        tag = event.tag
        if tag in self._tags:
            value = _under(self._tags[tag], event.value, line)
        elif tag is None and not event.style:
            value = _resolved(event.value, line)
        else:
            value = event.value if tag in (None, "!") else _tagged(event, line)
        self._put(value, line, 1)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)

    def open(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events carry no types
        """Begin a mapping or a list."""
        line = event.start_mark.line + 1
        if len(self._open) == MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise Refused(message, line)
        wrapped = self._tags.get(event.tag, "")
        if not wrapped and event.tag not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            message = f"tag '{event.tag}' is not read: write plain values"
            raise Refused(message, line)
        self._open.append(Map(line) if type(event) is events.MappingStartEvent else Seq(line))
        self._keys.append(_NO_KEY)
        self._starts.append((event.anchor, self._count, wrapped))

    def close(self, _event: object) -> None:
        """End a mapping or a list."""
        value: Map | Seq = self._open.pop()
        self._keys.pop()
        anchor, start, wrapped = self._starts.pop()
        value = _under(wrapped, value, value.line) if wrapped else value
        if anchor:
            self._anchors[anchor] = (value, self._count - start + 1)
        self._put(value, value.line, 1)

    def alias(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events carry no types
        """Use a value again; one that holds itself is not there yet."""
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            message = f"alias '*{event.anchor}' stands before its anchor, or inside it"
            raise Refused(message, line)
        value, size = self._anchors[event.anchor]
        self._put(value, line, size)

    def _put(self, value: Any, line: int, size: int) -> None:  # noqa: ANN401 - YAML holds anything
        self._count += size
        if self._count > MAX_VALUES:
            message = f"more than {MAX_VALUES} values, aliases written out: no document is as long"
            raise Refused(message, line)
        if not self._open:
            self._root = value
            return
        parent = self._open[-1]
        if isinstance(parent, Seq):
            parent.append(value)
        elif self._keys[-1] is _NO_KEY:
            self._keys[-1] = _key(value, parent, line)
            parent.lines[self._keys[-1]] = line
        else:
            _set(parent, self._keys[-1], value, line)
            self._keys[-1] = _NO_KEY


_NO_KEY: Final = object()
_MERGE: Final = object()
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_SCALARS = yaml.SafeLoader("")
_RESOLVERS: Final = yaml.SafeLoader.yaml_implicit_resolvers
_CONSTRUCTORS: Final = yaml.SafeLoader.yaml_constructors
_HANDLERS: Final[dict[type, Callable[[_Builder, Any], None]]] = {
    events.ScalarEvent: _Builder.scalar,
    events.MappingStartEvent: _Builder.open,
    events.SequenceStartEvent: _Builder.open,
    events.MappingEndEvent: _Builder.close,
    events.SequenceEndEvent: _Builder.close,
    events.AliasEvent: _Builder.alias,
    events.DocumentStartEvent: _Builder.begin,
}


def _under(key: str, value: Any, line: int) -> Map:  # noqa: ANN401 - YAML holds anything
    """Return a mapping of one key, which a tag stands for."""
    made = Map(line)
    made[key] = value
    made.lines[key] = line
    return made


def _key(value: Any, parent: Map, line: int) -> Any:  # noqa: ANN401 - YAML holds anything
    """Check the key of a mapping: hashable, and not there yet."""
    if isinstance(value, list | dict):
        message = "a list or a mapping cannot be a key"
        raise Refused(message, line)
    if value in parent.lines and value is not _MERGE:
        message = f"key '{value}' stands twice in this mapping (first on line {parent.lines[value]})"
        raise Refused(message, line)
    return value


def _set(parent: Map, key: Any, value: Any, line: int) -> None:  # noqa: ANN401 - YAML holds anything
    """Set a key; ``<<`` merges mappings under the keys that are written out."""
    if key is not _MERGE:
        parent[key] = value
        return
    for merged in value if isinstance(value, Seq) else [value]:
        if not isinstance(merged, Map):
            message = "'<<' merges mappings only"
            raise Refused(message, line)
        for name, inner in merged.items():
            parent.setdefault(name, inner)


def _resolved(text: str, line: int) -> Any:  # noqa: ANN401 - YAML holds anything
    """Give a plain scalar the type that YAML 1.1 sees in it."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return _MERGE if tag == _MERGE_TAG else _constructed(tag, text, line)
    return text


def _tagged(event: Any, line: int) -> Any:  # noqa: ANN401 - PyYAML's events carry no types
    """Give a scalar the type that its tag names."""
    if event.tag == "tag:yaml.org,2002:str":
        return event.value
    if event.tag not in _CONSTRUCTORS:
        message = f"tag '{event.tag}' is not read: write plain values"
        raise Refused(message, line)
    return _constructed(event.tag, event.value, line)


def _constructed(tag: str, text: str, line: int) -> Any:  # noqa: ANN401 - YAML holds anything
    node = yaml.ScalarNode(tag, text)
    try:
        return _CONSTRUCTORS[tag](_SCALARS, node)
    except (ValueError, KeyError, yaml.YAMLError) as error:
        message = f"'{text[:60]}' is no {tag.rpartition(':')[2]} (quote it if it is a text)"
        raise Refused(message, line) from error
