"""Lay out ways of attack as a graph from left to right: a column for each step, the ends of all ways in the last.

What is drawn follows from the ways and their order alone, so the same review gives the same picture.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = ["Box", "Drawing", "Line", "Step", "draw"]

_WIDE: Final = 196.0
_HIGH: Final = 40.0
_ROOM: Final = 84.0
"""Between two columns: what a curve needs to be told from its neighbours."""
_GAP: Final = 16.0
_TOP: Final = 14.0
_LABEL: Final = 23
"""Characters that fit into a box in bold, whatever they are."""
_MOST: Final = 90
"""Boxes: beyond, nobody sees anything in a picture."""
_WORST: Final = ("blind", "perhaps", "seen")
_SWEEPS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One hop of a way to be drawn. ``state``: seen, perhaps, blind or silent; ``sure``: it hangs on no condition."""

    src: str
    dst: str
    title: str
    state: str
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A node. ``ways``: numbers of the ways that go through it; ``role``: start, goal or ""."""

    uid: str
    label: str
    kind: str
    role: str
    x: float
    y: float
    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An edge as the path of an SVG curve."""

    path: str
    title: str
    state: str
    sure: bool
    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything that is drawn; ``more`` is the number of ways that are not."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    more: int


def draw(ways: Sequence[Sequence[Step]], names: Mapping[str, tuple[str, str]]) -> Drawing:
    """Draw as many ways, the first ones, as a picture can hold; ``names`` gives (name, kind) of a uid."""
    shown = _fitting(ways)
    held = [ways[number] for number in shown]
    columns = _columns(held)
    orders = _ordered(columns, held)
    tallest = max((len(order) for order in orders), default=0)
    height = 2 * _TOP + tallest * (_HIGH + _GAP) - _GAP if tallest else 0.0
    places = dict(_places(orders, height))
    through = _through(ways, shown)
    starts, goals = {way[0].src for way in held}, {way[-1].dst for way in held}
    boxes = []
    for uid in columns:
        name, kind = names.get(uid, (uid, ""))
        boxes.append(
            Box(
                uid=uid,
                label=shorten(visible(name), _LABEL),
                kind=shorten(visible(kind), _LABEL + 6),
                role="goal" if uid in goals else "start" if uid in starts else "",
                x=places[uid][0],
                y=places[uid][1],
                ways=tuple(through[uid]),
            )
        )
    width = 2 * _TOP + len(orders) * (_WIDE + _ROOM) - _ROOM if orders else 0.0
    lines = tuple(_lines(ways, shown, lambda src, dst: _curve(places, src, dst, columns)))
    return Drawing(width=width, height=height, boxes=tuple(boxes), lines=lines, more=len(ways) - len(shown))


def _places(orders: Sequence[Sequence[str]], height: float) -> Iterator[tuple[str, tuple[float, float]]]:
    for column, order in enumerate(orders):
        spread = (height - 2 * _TOP - len(order) * _HIGH) / max(1, len(order))
        for row, uid in enumerate(order):
            yield uid, (_TOP + column * (_WIDE + _ROOM), _TOP + spread / 2 + row * (_HIGH + spread))


def _fitting(ways: Sequence[Sequence[Step]]) -> list[int]:
    seen: set[str] = set()
    shown = []
    for number, way in enumerate(ways):
        nodes = {uid for step in way for uid in (step.src, step.dst)}
        if way and len(seen | nodes) <= _MOST:
            seen |= nodes
            shown.append(number)
    return shown


def _columns(ways: Sequence[Sequence[Step]]) -> dict[str, int]:
    """Give each node the length of the longest way to it that does not go in a circle; where ways end, they end in the last column."""
    after: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for way in ways:
        for step in way:
            if not _leads(after, step.dst, step.src):
                after[step.src][step.dst] = None
    columns = {uid: 0 for way in ways for step in way for uid in (step.src, step.dst)}
    moved = True
    while moved:
        moved = False
        for src, ends in after.items():
            for dst in ends:
                if columns[dst] <= columns[src]:
                    columns[dst], moved = columns[src] + 1, True
    last = max(columns.values(), default=0)
    return {uid: column if uid in after else last for uid, column in columns.items()}


def _leads(after: Mapping[str, Iterable[str]], start: str, goal: str) -> bool:
    """Say whether one node leads to another, or is it."""
    if start == goal:
        return True
    seen, todo = {start}, [start]
    while todo:
        for one in after.get(todo.pop(), ()):
            if one == goal:
                return True
            if one not in seen:
                seen.add(one)
                todo.append(one)
    return False


def _ordered(columns: Mapping[str, int], ways: Sequence[Sequence[Step]]) -> list[list[str]]:
    """Order each column so that neighbours stand near each other: by the mean place of what they are joined to, a few times over.

    An edge that passes over columns has a place in each of them, so that it leads between boxes and not behind them.
    """
    joined: defaultdict[str, list[str]] = defaultdict(list)
    orders: list[list[str]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for uid, column in columns.items():
        orders[column].append(uid)
    for src, dst in dict.fromkeys((step.src, step.dst) for way in ways for step in way):
        chain = [src, *(_passing(src, dst, column) for column in range(columns[src] + 1, columns[dst])), dst]
        for column, one in enumerate(chain[1:-1], columns[src] + 1):
            orders[column].append(one)
        for one, other in pairwise(chain):
            joined[one].append(other)
            joined[other].append(one)
    for sweep in range(_SWEEPS):
        places = {uid: (row + 0.5) / len(order) for order in orders for row, uid in enumerate(order)}
        for order in orders if sweep % 2 == 0 else reversed(orders):
            means = {uid: sum(places[one] for one in joined[uid]) / max(1, len(joined[uid])) for uid in order}
            order.sort(key=means.__getitem__)
            places |= {uid: (row + 0.5) / len(order) for row, uid in enumerate(order)}
    return orders


def _passing(src: str, dst: str, column: int) -> str:
    """Name the place of an edge in a column that it passes."""
    return f"\x00{src}\x00{dst}\x00{column}"


def _through(ways: Sequence[Sequence[Step]], shown: Iterable[int]) -> defaultdict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number in shown:
        for uid in dict.fromkeys(uid for step in ways[number] for uid in (step.src, step.dst)):
            found[uid].append(number)
    return found


def _lines(ways: Sequence[Sequence[Step]], shown: Iterable[int], curve: Callable[[str, str], str]) -> Iterable[Line]:
    found: dict[tuple[str, str], Line] = {}
    for number in shown:
        for step in ways[number]:
            key = step.src, step.dst
            known = found.get(key)
            if known is None:
                found[key] = Line(path=curve(*key), title=visible(step.title), state=step.state, sure=step.sure, ways=(number,))
            elif number not in known.ways:
                title = known.title if visible(step.title) in known.title else f"{known.title}; {visible(step.title)}"
                state = next((one for one in _WORST if one in {known.state, step.state}), known.state)
                found[key] = replace(known, title=title, state=state, sure=known.sure or step.sure, ways=(*known.ways, number))
    return found.values()


def _curve(places: Mapping[str, tuple[float, float]], src: str, dst: str, columns: Mapping[str, int]) -> str:
    """Return the path of a curve between two boxes, by way of the places that it passes."""
    x, y = places[src][0] + _WIDE, places[src][1] + _HIGH / 2
    if columns[dst] <= columns[src]:
        # It goes back, or stays in its column: around the right side of both.
        end, down, out = places[dst][0] + _WIDE, places[dst][1] + _HIGH / 2, max(x, places[dst][0] + _WIDE) + _ROOM * 0.55
        return f"M{x:.1f} {y:.1f}C{out:.1f} {y:.1f} {out:.1f} {down:.1f} {end + 7:.1f} {down:.1f}"
    path = f"M{x:.1f} {y:.1f}"
    for column in range(columns[src] + 1, columns[dst]):
        left, down = places[_passing(src, dst, column)][0], places[_passing(src, dst, column)][1] + _HIGH / 2
        path += f"{_bow(x, y, left, down)}H{left + _WIDE:.1f}"
        x, y = left + _WIDE, down
    return path + _bow(x, y, places[dst][0] - 7, places[dst][1] + _HIGH / 2)


def _bow(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
