"""Understand what kinds say to readers of exports: which records are of the kind, and where their properties stand.

The section ``export`` is a list. ``type``: the provider's own, in lower case. ``where`` (JMESPath): only records of which it holds.
``gives``: property -> JMESPath, or several of which the first that is there counts, or ``{at: ..., absent: VALUE}`` where the provider's
documents say what absence means. ``edges``: kind of edge -> JMESPath of what it leads to. ``of``: the record tells of another resource,
its ``parent`` (the resource that its id is below) or its ``subscription`` or ``project``; lists of several such records are joined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.exports.unresolved import Unresolved, unresolved_at, unresolved_in
from bartizan.collect.inventory.kinds import kinds
from bartizan.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Value
    from bartizan.collect.inventory.kinds import Kind, Property

__all__ = ["Given", "Path", "Section", "sections"]

NOTHING: Final = object()
_TRUTHS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Path:
    """A JMESPath expression, and the names that it begins with."""

    text: str
    compiled: Any
    begin: tuple[tuple[str, ...], ...]
    names: tuple[str, ...] = ()
    """Where the expression is nothing but names: these, which are looked up without the machinery of JMESPath."""

    def find(self, value: Value, *, whole: bool = False) -> Value:
        """Return what it finds: None where nothing is there, an Unresolved where that cannot be told; ``whole``: nothing is unresolved."""
        for names in () if whole else self.begin:
            held = unresolved_at(value, names)
            if held is not None:
                return held
        if self.names:
            return _looked_up(value, self.names)
        from jmespath.exceptions import JMESPathError  # noqa: PLC0415 - an extra

        try:
            found: Value = self.compiled.search(value)
        except JMESPathError as error:
            return Unresolved(str(error))
        return found


@dataclass(slots=True)
class Given:
    """Properties that a record gave, and those that it should have given and why it did not."""

    properties: dict[str, Value] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Taking:
    property: Property
    paths: tuple[Path, ...]
    absent: Any = NOTHING

    def take(self, value: Value, given: Given, *, whole: bool) -> None:
        found: Value = None
        for path in self.paths:
            found = path.find(value, whole=whole)
            if found is not None:
                break
        if isinstance(found, Unresolved):
            given.unknown[self.property.name] = f"not resolved: {found.expression}"
        elif found is None:
            if self.absent is not NOTHING:
                given.properties[self.property.name] = self.absent
        else:
            try:
                given.properties[self.property.name] = _TAKEN[self.property.type](found)
            except (TypeError, ValueError, OverflowError):
                given.unknown[self.property.name] = f"the file has {str(found)[:60]!r}, which is no {self.property.type}"


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of a kind's section: what it takes of records of one type."""

    kind: Kind
    type: str
    of: str
    where: Path | None
    takings: tuple[_Taking, ...]
    edges: tuple[tuple[str, Path], ...]

    def fits(self, value: Value) -> bool:
        """Say whether a record of the type is one of those meant."""
        if self.where is None:
            return True
        found = self.where.find(value)
        return bool(found) and not isinstance(found, Unresolved)

    def given(self, value: Value) -> Given:
        """Return what a record says of the resource."""
        given, whole = Given(), unresolved_in(value) is None
        for taking in self.takings:
            taking.take(value, given, whole=whole)
        return given

    def names(self) -> tuple[str, ...]:
        """Return the properties that it can give."""
        return tuple(taking.property.name for taking in self.takings)

    def joined(self, value: Value) -> list[tuple[str, str]]:
        """Return the edges that leave the resource: kind, and what each leads to, as written."""
        found = [(kind, path.find(value)) for kind, path in self.edges]
        return [(kind, one) for kind, to in found for one in (to if isinstance(to, list) else [to]) if isinstance(one, str) and one]


@cache
def sections(provider: str) -> Mapping[str, tuple[Section, ...]]:
    """Return the entries of all kinds of a provider by type; MissingExtra where JMESPath is not installed."""
    if find_spec("jmespath") is None:
        feature = "reading an export"
        raise MissingExtra(feature, "cloud")
    found: dict[str, list[Section]] = {}
    for (owner, _), kind in kinds().items():
        for entry in kind.sections.get("export", ()) if owner == provider else ():
            found.setdefault(entry["type"], []).append(_section(kind, entry))
    return {name: tuple(entries) for name, entries in found.items()}


def _section(kind: Kind, entry: Mapping[str, Any]) -> Section:
    takings = tuple(_taking(kind.properties[name], told) for name, told in entry.get("gives", {}).items())
    edges = tuple((name, _path(text)) for name, text in entry.get("edges", {}).items())
    return Section(kind, entry["type"], entry.get("of", ""), _path(entry["where"]) if "where" in entry else None, takings, edges)


def _taking(asked: Property, told: Any) -> _Taking:  # noqa: ANN401 - what YAML holds
    at, absent = (told["at"], told.get("absent", NOTHING)) if isinstance(told, dict) else (told, NOTHING)
    return _Taking(asked, tuple(_path(text) for text in (at if isinstance(at, list) else [at])), absent)


@cache
def _path(text: str) -> Path:
    from jmespath import compile as compiled  # noqa: PLC0415 - an extra

    expression = compiled(text)
    begin = tuple(dict.fromkeys(_begins(expression.parsed)))
    return Path(text, expression, begin, begin[0] if _only_names(expression.parsed) else ())


def _only_names(node: Mapping[str, Any]) -> bool:
    return node["type"] == "field" or (node["type"] == "subexpression" and all(map(_only_names, node["children"])))


def _looked_up(value: Value, names: tuple[str, ...]) -> Value:
    here = value
    for name in names:
        if not isinstance(here, dict):
            return None
        here = here.get(name)
    return here


def _begins(node: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the chains of names that an expression asks of the record itself."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        return [(node["value"],)]
    if kind == "subexpression":
        names = [child["value"] for child in takewhile(lambda child: child["type"] == "field", children[1:])]
        return [(*chain, *names) for chain in _begins(children[0])]
    if kind in ("projection", "filter_projection", "value_projection", "flatten", "index_expression", "pipe"):
        return _begins(children[0])
    return [chain for child in children if isinstance(child, dict) for chain in _begins(child)]


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError


def _truth(value: Value) -> bool:
    if isinstance(value, str) and value.lower() in _TRUTHS:
        return _TRUTHS[value.lower()]
    if isinstance(value, bool):
        return value
    raise TypeError


def _whole(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    return int(value.removesuffix("s") if isinstance(value, str) else value)  # Google writes 90 seconds as 90s


def _number(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    return float(value)


def _texts(value: Value) -> list[Value]:
    return [_text(one) for one in (value if isinstance(value, list) else [value]) if one is not None]


def _as_is(value: Value) -> Value:
    return value


_TAKEN: Final[Mapping[str, Callable[[Value], Value]]] = {
    "string": _text,
    "time": _text,
    "boolean": _truth,
    "integer": _whole,
    "number": _number,
    "strings": _texts,
    "object": _as_is,
    "policy": _as_is,
}
