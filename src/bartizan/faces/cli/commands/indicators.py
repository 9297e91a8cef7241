"""Check and list indicators, and look for them in records that were stored.

A list is a STIX 2.1 bundle, a MISP event or feed, a CSV table or a plain list with a value on each line, packed or not.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import visible
from bartizan.faces.cli.indicators import add_matching, add_reading, columns, watched

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bartizan.detect.indicators.contract import Indicator, ListBalance
    from bartizan.detect.indicators.stored import Looked, Sighting

HELP: Final = "check and list indicators; look for them in stored records"
EXAMPLES: Final = (
    "bartizan indicators check feeds/ block.txt",
    "bartizan indicators list bundle.json --json",
    "bartizan indicators match feeds/ --on case-1",
)
FOUND, UNREADABLE = 1, 3
_NANO: Final = 1_000_000_000


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    checking = actions.add_parser(
        "check", help="what became of everything in a list", description="Say what a list holds and what is refused."
    )
    checking.set_defaults(action=_check)
    listing = actions.add_parser("list", help="every indicator, normalised", description="Print every indicator as it is looked for.")
    listing.set_defaults(action=_list)
    for action in (checking, listing):
        action.add_argument("lists", nargs="+", metavar="LIST", help="file, folder or archive of indicators")
        add_reading(action)
    matching = actions.add_parser(
        "match", help="look for indicators in stored records", description="Look for indicators in stored records."
    )
    matching.add_argument("indicators", nargs="+", metavar="LIST", help="file, folder or archive of indicators")
    matching.add_argument(
        "--on", nargs="+", required=True, metavar="PATH", help="lake, folder that hunt --out wrote, or Parquet files of it"
    )
    add_matching(matching.add_argument_group("how"))
    matching.add_argument("--fail-on-match", action="store_true", help="exit with 1 if something was met")
    matching.add_argument("--ndjson", action="store_true", help="print one OCSF Detection Finding per line")
    matching.set_defaults(action=_match)
    for action in (checking, listing, matching):
        action.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions."""
    return int(arguments.action(arguments))


def _check(arguments: argparse.Namespace) -> int:
    from bartizan.detect.indicators.files import read_indicators

    read = read_indicators(arguments.lists, columns=columns(arguments))
    if arguments.json:
        print(json.dumps([_plain(one) for one in read.balance], indent=1))
    else:
        for one in read.balance:
            _show(one)
        kinds = Counter(one.kind.value for one in read.indicators)
        print(f"{len(read.indicators):,} indicators: " + (", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common()) or "none"))
    return UNREADABLE if any(one.problems for one in read.balance) else 0


def _show(one: ListBalance) -> None:
    counts = f"read {one.read:,} = {one.kept:,} kept + {one.duplicate:,} duplicate + {one.refused:,} refused"
    print(visible(f"{one.path}: {one.form or 'no list'}: {counts}"))
    for problem in one.problems:
        print(f"  ! {visible(problem)}")
    for why, count in one.reasons:
        print(f"  {count:,} refused: {visible(why)}")
    for example in one.examples[:5]:
        print(f"    {example.place}: {visible(example.text)}  ({visible(example.why)})")


def _list(arguments: argparse.Namespace) -> int:
    from bartizan.detect.indicators.files import read_indicators

    read = read_indicators(arguments.lists, columns=columns(arguments))
    if arguments.json:
        print(json.dumps([_indicator(one) for one in read.indicators], indent=1))
    else:
        for one in read.indicators:
            print(visible(f"{one.kind.value:8} {one.value}  {one.confidence}  {one.source}  {one.path}, {one.place}"))
    for balance in read.balance:
        for problem in balance.problems:
            sys.stderr.write(f"bartizan: {visible(balance.path)}: {visible(problem)}\n")
    return UNREADABLE if any(one.problems for one in read.balance) else 0


def _match(arguments: argparse.Namespace) -> int:
    from bartizan.detect.indicators.stored import look_through, stored_files
    from bartizan.detect.indicators.watch import watch_for

    asked = watched(arguments)
    if asked is None:  # pragma: no cover - argparse asks for one at least
        return 0
    watch = watch_for(asked)
    looked = [look_through(watch, path) for path in stored_files(arguments.on, watch)]
    sightings = sorted((one for file in looked for one in file.sightings), key=lambda one: (one.time, one.path, one.row, one.level))
    held = Counter(one.why for file in looked for one in file.quiet)
    if arguments.ndjson:
        print("".join(f"{one.line.decode()}\n" for one in sightings), end="")
    elif arguments.json:
        told = {
            "records": sum(file.records for file in looked),
            "observables": sum(file.observables for file in looked),
            "matches": [_sighting(one) for one in sightings],
            "held_back": [{"why": why, "count": count} for why, count in held.most_common()],
            "lists": [_plain(one) for one in watch.read.balance],
        }
        print(json.dumps(told, indent=1))
    else:
        _tell(looked, sightings, held)
    if sightings and arguments.fail_on_match:
        return FOUND
    return UNREADABLE if any(one.problems for one in watch.read.balance) else 0


def _tell(looked: Sequence[Looked], sightings: Sequence[Sighting], held: Counter[str]) -> None:
    for one in sightings:
        best = one.meetings[0]
        listed = f"{best.indicator.source} ({best.score:.0f})"
        print(visible(f"{_moment(one.time)}  {one.level:13} {best.attribute}={best.value}  {listed}  {one.record_id}"))
    for why, count in held.most_common():
        print(f"! {count:,} held back: {visible(why)}")
    records, observables = sum(file.records for file in looked), sum(file.observables for file in looked)
    print(f"{records:,} records, {observables:,} observables: {len(sightings):,} matches")


def _sighting(one: Sighting) -> dict[str, object]:
    return {
        "time": _moment(one.time),
        "record_id": one.record_id,
        "path": one.path,
        "row": one.row,
        "level": one.level,
        "met": [
            {"attribute": met.attribute, "value": met.value, "score": round(met.score, 1), "indicator": _indicator(met.indicator)}
            for met in one.meetings
        ],
    }


def _indicator(one: Indicator) -> dict[str, object]:
    told = {**one._asdict(), "kind": one.kind.value}
    return {**told, "since": None if one.since is None else _moment(one.since), "until": None if one.until is None else _moment(one.until)}


def _plain(one: ListBalance) -> dict[str, object]:
    return {
        **asdict(one),
        "reasons": [{"why": why, "count": count} for why, count in one.reasons],
        "examples": [example._asdict() for example in one.examples],
    }


def _moment(time: int) -> str:
    try:
        return datetime.fromtimestamp(time // _NANO, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return str(time)
