"""Say what of a source's records reaches OCSF: which fields its mapping reads, which only rules see, which stay in the raw record alone.

Nothing is lost from the record itself: raw text and ``unmapped`` are kept. What is told here is what a search over OCSF
attributes would not find.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.collect.contract import Context
from bartizan.collect.reading import parse_chunk
from bartizan.collect.units import read, units
from bartizan.documents import suggestion
from bartizan.errors import UsageError
from bartizan.schema.columns import ABSENT
from bartizan.schema.expressions import Expression, inputs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.contract import Part, Source
    from bartizan.schema.columns import Column

__all__ = ["Loss", "Losses", "losses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Fields of a source's records, by name, each with the number of records that have it."""

    source: str
    records: int
    mapped: dict[str, int]
    """Fields that attributes are made of."""
    rules: dict[str, int]
    """Fields that only log sources' aliases read: rules see them, OCSF does not have them."""
    kept: dict[str, int]
    """Fields that stay under their own names, in the raw record and in ``unmapped``."""

    @property
    def share(self) -> float:
        """Return how many of the fields that records have reach OCSF, counted once per record."""
        mapped = sum(self.mapped.values())
        every = mapped + sum(self.rules.values()) + sum(self.kept.values())
        return mapped / every if every else 1.0


@dataclass(slots=True)
class Losses:
    """Count the fields of records, part by part."""

    _records: Counter[str] = field(default_factory=Counter)
    _fields: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, source: Source, part: Part) -> None:
        """Count the fields of a part, parsed with every field wanted."""
        self._records[source.name] += len(part.rows)
        mapped = _whole(source, inputs_of(part.route.ocsf))
        asked = [name for view in part.route.views for alias in view.aliases.values() for name in _inputs(alias)]
        rules = _whole(source, asked)
        parts = _parts(part.frame.columns)
        for name, column in part.frame.columns.items():
            count = _filled(column)
            if count and name not in source.derived and name not in parts:
                kind = "mapped" if _reads(mapped, name) else "rules" if _reads(rules, name) else "kept"
                self._fields.setdefault((source.name, kind), Counter())[name] += count

    def of(self, name: str) -> Loss:
        """Return what was counted of a source; a field that one of its routes maps and another does not is in both."""
        found = {kind: dict(self._fields.get((name, kind), Counter()).most_common()) for kind in ("mapped", "rules", "kept")}
        return Loss(source=name, records=self._records[name], mapped=found["mapped"], rules=found["rules"], kept=found["kept"])

    def sources(self) -> Sequence[str]:
        """Return the names of the sources that records were counted of."""
        return sorted(self._records)


def losses(known: Catalogue, names: Sequence[str] = (), *, on: Sequence[str] = ()) -> list[Loss]:
    """Return which fields of sources reach OCSF: of the named ones, else all; in the logs behind paths, else in their examples."""
    for name in names:
        if known.named(name) is None:
            near = suggestion(name, [source.name for source in known.sources])
            message = f"no source is called '{name}'{near}; `bartizan sources list` shows what there is"
            raise UsageError(message)
    counted = Losses()
    chosen = [source for source in known.sources if not names or source.name in names]
    for source, part in _read(known, on) if on else _examples(chosen):
        counted.add(source, part)
    return [counted.of(source.name) for source in chosen if not on or source.name in counted.sources()]


def _read(known: Catalogue, paths: Sequence[str]) -> Iterator[tuple[Source, Part]]:
    for unit in units(paths, sources=known):
        for chunk in read(unit, sources=known):
            yield from parse_chunk(chunk, Context(), known).parts


def _examples(sources: Iterable[Source]) -> Iterator[tuple[Source, Part]]:
    for source in sources:
        for example in source.examples:
            yield from ((source, part) for part in source.parse(example.raw, Context(head=example.head)).parts)


def _inputs(alias: str | Expression) -> tuple[str, ...]:
    return (alias,) if isinstance(alias, str) else alias.inputs


def _whole(source: Source, names: Iterable[str]) -> frozenset[str]:
    """Return fields with those of which a source makes them."""
    return frozenset(own for name in names for own in (name, *source.derived.get(name, ())))


def _reads(read: frozenset[str], name: str) -> bool:
    """Say whether a field is read: itself, the object or list that it is in, or something in it."""
    return name in read or any(name.startswith(f"{one}.") or one.startswith(f"{name}.") for one in read)


def _parts(names: Iterable[str]) -> frozenset[str]:
    """Return the columns that are part of others or made of them: an object beside its own fields, an element beside its list."""
    held = frozenset(names)
    found = set()
    for name in held:
        parts = name.split(".")
        for end in range(1, len(parts)):
            above = ".".join(parts[:end])
            if above in held:
                found.add(name if parts[end].isdecimal() else above)
    return frozenset(found)


def _filled(column: Column) -> int:
    there = [value is not ABSENT and value is not None and value != "" for value in column.values]
    return sum(map(there.__getitem__, column.codes))
