"""Say which rules feed which correlations, and take what these ask for out of the records on which a rule fired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bartizan.detect.correlate.chain import NUMERIC
from bartizan.detect.correlate.measures import key_of, value_in
from bartizan.schema.columns import ABSENT, Column, Frame
from bartizan.schema.expressions import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.detect.correlate.contract import Key, Value
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import Correlating, Rule, RuleSet
    from bartizan.schema.columns import Cell
    from bartizan.schema.logsource import View

__all__ = ["Fed", "Feeds", "needed"]


class Fed(NamedTuple):
    """What one finding is to one correlation: the place of its rule in the list, group and value; no group where a field is missing."""

    correlation: int
    rule: int
    group: Key | None
    value: Value


@dataclass(frozen=True, slots=True)
class _Feed:
    correlation: int
    rule: int
    keys: tuple[str, ...]
    values: tuple[str, ...]
    numeric: bool


class Feeds:
    """The correlations that a request wants, seen from the rules that feed them."""

    def __init__(self, rules: RuleSet, request: Request) -> None:
        """Look up who feeds whom."""
        self._rules: Sequence[Rule] = rules.rules
        self._feeds: dict[int, list[_Feed]] = {}
        for one in needed(rules, request):
            for place, rule in enumerate(one.rules):
                feed = _Feed(one.number, place, one.keys[place], one.values[place], one.plan.kind in NUMERIC)
                self._feeds.setdefault(rule, []).append(feed)

    def __contains__(self, rule: int) -> bool:
        """Say whether a rule feeds any correlation."""
        return rule in self._feeds

    def natives(self, rules: Iterable[int], views: Sequence[View]) -> frozenset[str]:
        """Return the native fields that are asked of records of some views on which one of the rules fires."""
        found: set[str] = set()
        for rule in self._feeds.keys() & set(rules) if self._feeds else ():
            view = self._view(rule, views)
            names = (name for feed in self._feeds[rule] for name in (*feed.keys, *feed.values))
            for place in (view.aliases.get(name, name) for name in names) if view is not None else ():
                found.update((place,) if isinstance(place, str) else place.inputs)
        return frozenset(found)

    def taken(self, rule: int, views: Sequence[View], frames: tuple[Frame, Frame], rows: Sequence[int]) -> Iterator[tuple[Fed, ...]]:
        """Yield, for each row on which a rule fired, what it is to each correlation. ``frames`` are the native and the mapped one."""
        view = self._view(rule, views)
        feeds = self._feeds.get(rule, ())
        if view is None or not feeds:
            yield from [()] * len(rows)
            return
        names = dict.fromkeys(name for feed in feeds for name in (*feed.keys, *feed.values))
        columns = {name: _column(name, view, frames, rows) for name in names}
        yield from zip(*(_of_feed(feed, columns, len(rows)) for feed in feeds), strict=True)

    def _view(self, rule: int, views: Sequence[View]) -> View | None:
        asked = self._rules[rule].logsource
        return next((view for view in views if view.logsource.serves(asked)), None)


def needed(rules: RuleSet, request: Request) -> list[Correlating]:
    """Return the correlations that are wanted and those that feed them, each after those that feed it."""
    wanted: set[int] = set()
    for one in reversed(rules.correlations):
        if one.number in wanted or request.wants(rules.rules[one.number]):
            wanted.update((one.number, *one.rules))
    return [one for one in rules.correlations if one.number in wanted]


def _of_feed(feed: _Feed, columns: dict[str, Column], height: int) -> Iterator[Fed]:
    keys = [columns[name].map(_text).cells() for name in feed.keys]
    values = [columns[name].cells() for name in feed.values]
    for at in range(height):
        texts = [column[at] for column in keys]
        group = tuple(text for text in texts if isinstance(text, str))
        value = value_in([column[at] for column in values], numeric=feed.numeric) if values else None
        whole = len(group) == len(texts) and (value is not None or not values)
        yield Fed(feed.correlation, feed.rule, group if whole else None, value)


def _text(cell: Cell) -> Cell:
    text = key_of(cell)
    return ABSENT if text is None else text


def _column(name: str, view: View, frames: tuple[Frame, Frame], rows: Sequence[int]) -> Column:
    """Return a field as a rule sees it; one that no record has natively may be an attribute of OCSF."""
    frame, mapped = frames
    place = view.aliases.get(name, name)
    if not isinstance(place, str):
        here = Frame(len(rows), {native: frame.column(native).take(rows) for native in place.inputs})
        return evaluate({"it": place}, here).column("it")
    native = frame.columns.get(place)
    if native is None or all(value is ABSENT for value in native.values):
        return mapped.column(name).take(rows)
    return native.take(rows)
