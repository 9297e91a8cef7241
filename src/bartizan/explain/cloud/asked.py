"""Tell what was asked of attack paths, and what differs between two reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.cloud.lines import Ink, named, place_of, way_lines
from bartizan.explain.cloud.told import judgement_json, way_json
from bartizan.explain.text import amount, pretty_level, shorten, visible
from bartizan.review.cloud.ways import ways_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.review.cloud.comparing import Compared
    from bartizan.review.cloud.contract import Judgement
    from bartizan.review.cloud.paths.answers import Change, Path, Reached
    from bartizan.review.cloud.reviewed import Reviewed

__all__ = ["change_json", "change_lines", "compared_json", "compared_lines", "reached_json", "reached_lines", "ways_lines"]

_WIDE: Final = 130
_MOST: Final = 50


def ways_lines(
    reviewed: Reviewed, ways: Sequence[Path], names: Mapping[str, tuple[str, str]], ink: Ink, *, most: int = _MOST
) -> Iterator[str]:
    """Yield ways hop by hop, and how many there are beside."""
    for way in ways_told(reviewed, ways[:most]):
        yield from way_lines(way, names, ink)
    if len(ways) > most:
        yield f"  and {amount(len(ways) - most, 'more way')}; --json has them"


def reached_lines(found: Sequence[Reached], names: Mapping[str, tuple[str, str]], *, most: int) -> Iterator[str]:
    """Yield everything that somebody comes to, nearest first."""
    for one in found[:most]:
        yield f"  {one.hops:3} {'hop ' if one.hops == 1 else 'hops'}  {'' if one.certain else 'perhaps '}{named(names, one.uid)}"
    if len(found) > most:
        yield f"  and {amount(len(found) - most, 'more thing')}; --json has them"


def reached_json(found: Sequence[Reached]) -> list[dict[str, Any]]:
    """Return everything that somebody comes to."""
    return [{"uid": one.uid, "hops": one.hops, "certain": one.certain} for one in found]


def change_lines(found: Change, after: Reviewed, before: Reviewed, names: Mapping[str, tuple[str, str]], ink: Ink) -> Iterator[str]:
    """Yield the ways that a change adds and takes away."""
    yield from _titled("Ways that were added", len(found.added), ink, "critical")
    yield from ways_lines(after, found.added, names, ink)
    yield from _titled("Ways that are gone", len(found.removed), ink, "green")
    yield from ways_lines(before, found.removed, names, ink)


def change_json(found: Change, after: Reviewed, before: Reviewed) -> dict[str, Any]:
    """Return the ways that a change adds and takes away."""
    return {
        "added": [way_json(way) for way in ways_told(after, found.added)],
        "removed": [way_json(way) for way in ways_told(before, found.removed)],
    }


def compared_lines(found: Compared, after: Reviewed, before: Reviewed, names: Mapping[str, tuple[str, str]], ink: Ink) -> Iterator[str]:
    """Yield what was added, what is gone, and what cannot be told any more."""
    yield from _titled("Failures that were added", len(found.failed), ink, "critical")
    yield from _judged(found.failed, found.levels)
    yield from _titled("What cannot be told any more", len(found.dimmed), ink, "yellow")
    yield from _judged(found.dimmed, found.levels)
    yield from _titled("Failures that are gone", len(found.mended), ink, "green")
    yield from _judged(found.mended, found.levels)
    yield from change_lines(found.ways, after, before, names, ink)
    if not any((found.ways.added, found.ways.removed, found.failed, found.dimmed, found.mended)):
        yield "nothing differs"


def compared_json(found: Compared, after: Reviewed, before: Reviewed) -> dict[str, Any]:
    """Return what differs between two reviews."""
    return {
        "failures": {
            "added": [judgement_json(one) for one in found.failed],
            "removed": [judgement_json(one) for one in found.mended],
            "unknown": [judgement_json(one) for one in found.dimmed],
        },
        "ways": change_json(found.ways, after, before),
    }


def _titled(title: str, count: int, ink: Ink, colour: str) -> Iterator[str]:
    if count:
        yield ink(colour, f"{title} ({count:,})")


def _judged(judgements: Sequence[Judgement], levels: Mapping[str, str]) -> Iterator[str]:
    for one in judgements[:_MOST]:
        level = pretty_level(levels.get(one.check, ""))
        yield f"  {level:9} {one.check}: {visible(shorten(place_of(one), _WIDE))}: {visible(shorten(one.why, _WIDE))}"
    if len(judgements) > _MOST:
        yield f"  and {len(judgements) - _MOST:,} more; --json has them"
