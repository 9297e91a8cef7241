"""Find the ways by which an attacker gets further: who comes to a thing, how far somebody comes, where to cut, what a change opens.

Without a question the ways to all that an account has, and to crown jewels (what a tag marks as one, and --jewel), are told. --what-if
lays a plan, or changed Terraform, over what was read; ends with 1 where that adds a way. Each hop names the statement that allows it and
the detection that would see it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.faces.cli.clouds import add_facts, facts

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bartizan.collect.inventory.contract import Uid
    from bartizan.explain.cloud.lines import Ink
    from bartizan.review.cloud.paths.answers import Paths
    from bartizan.review.cloud.reviewed import Reviewed
    from bartizan.workbench.cloud import Sought

ACTION: Final = "paths"
HELP: Final = "ways to and from a thing, blast radius, where to cut, what a change opens"
NOTHING, ADDED = 0, 1


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_facts(parser)
    what = parser.add_argument_group("what to ask")
    what.add_argument("--to", metavar="NAME", help="ways of everybody to it: a uid, a name or a pattern")
    what.add_argument("--from", dest="start", metavar="NAME", help="ways from it to what matters; with --to all short ways between both")
    what.add_argument("--blast", metavar="NAME", help="everything that whoever holds it comes to")
    what.add_argument("--choke", action="store_true", help="the statements without which the fewest come there, and the change as a diff")
    what.add_argument("--what-if", metavar="PATH", help="a plan or changed files, laid over what was read: ways added and removed")
    what.add_argument("--jewel", action="append", default=[], metavar="NAME", help="what must not be reached; repeatable")
    what.add_argument("--certain", action="store_true", help="leave out what hangs on a condition")
    how = parser.add_argument_group("how")
    how.add_argument("--rules", action="append", default=[], metavar="PACK", help="detections that would see a hop; repeatable")
    how.add_argument("--most", type=int, default=20, metavar="N", help="tell so many; 20 if not given")
    how.add_argument("--json", action="store_true", help="print JSON: everything")


def run(arguments: argparse.Namespace) -> int:
    """Ask."""
    from bartizan.explain.cloud.lines import Ink
    from bartizan.explain.terminal import wants_colour
    from bartizan.review.cloud.paths.answers import Paths
    from bartizan.review.cloud.ways import names_of
    from bartizan.workbench import cloud

    sought = cloud.Sought(jewels=arguments.jewel, rules=arguments.rules)
    reviewed = cloud.ways(facts(arguments), sought)
    shown = _Shown(reviewed, Paths(reviewed.paths), dict(names_of(reviewed)), Ink(colour=wants_colour(sys.stdout, os.environ)))
    code = NOTHING
    if arguments.what_if is not None:
        told, lines, code = _what_if(shown, arguments, sought)
    elif arguments.blast is not None:
        told, lines = _blast(shown, arguments)
    elif arguments.choke:
        told, lines = _choke(shown, arguments)
    else:
        told, lines = _ways(shown, arguments)
    for line in [json.dumps(told, indent=1)] if arguments.json else lines:
        print(line)
    return code


@dataclass(frozen=True, slots=True)
class _Shown:
    """An estate to be asked, and how it is shown."""

    reviewed: Reviewed
    paths: Paths
    names: dict[str, tuple[str, str]]
    ink: Ink

    def one(self, name: str) -> Uid:
        """Return the one thing that a name means, who acts before what does not; UsageError where it means several."""
        from bartizan.errors import UsageError

        found = self.all(name)
        acting = [one.uid for one in self.reviewed.facts.principals if one.uid in found]
        if len(acting) == 1:
            return acting[0]
        if len(found) > 1:
            message = f"'{name}' means {len(found)} things: {', '.join(found[:5])}; give its uid"
            raise UsageError(message)
        return found[0]

    def all(self, name: str) -> list[Uid]:
        """Return all that a name means; InputError where it means nothing."""
        from bartizan.workbench import cloud

        return cloud.named(self.reviewed.facts, self.reviewed.paths, [name])


def _ways(shown: _Shown, arguments: argparse.Namespace) -> tuple[dict[str, Any], Iterable[str]]:
    """Return the ways that were asked for: between two things, to one, from one, or to what matters."""
    from bartizan.explain.cloud.asked import ways_lines
    from bartizan.explain.cloud.told import way_json
    from bartizan.review.cloud.ways import ways_told

    whole = True
    if arguments.start is not None and arguments.to is not None:
        found, whole = shown.paths.between(shown.one(arguments.start), shown.one(arguments.to), most=arguments.most)
    elif arguments.start is not None:
        found = shown.paths.paths_from(shown.one(arguments.start), goals=shown.reviewed.goals, certain=arguments.certain)
    elif arguments.to is not None:
        found = [way for uid in shown.all(arguments.to) for way in shown.paths.paths_to(uid, certain=arguments.certain)]
    else:
        found = list(shown.reviewed.ways)
    if arguments.certain:
        found = [way for way in found if not way.depends]
    told = {"ways": [way_json(way) for way in ways_told(shown.reviewed, found)], "complete": whole}
    lines = list(ways_lines(shown.reviewed, found, shown.names, shown.ink, most=arguments.most))
    return told, lines or ["no way leads there"]


def _blast(shown: _Shown, arguments: argparse.Namespace) -> tuple[dict[str, Any], Iterable[str]]:
    from bartizan.explain.cloud.asked import reached_json, reached_lines

    uid = shown.one(arguments.blast)
    found = [one for one in shown.paths.blast_radius(uid) if one.certain or not arguments.certain]
    return {"from": uid, "reached": reached_json(found)}, list(reached_lines(found, shown.names, most=arguments.most)) or ["nothing"]


def _choke(shown: _Shown, arguments: argparse.Namespace) -> tuple[dict[str, Any], Iterable[str]]:
    from bartizan.explain.cloud.lines import choke_lines
    from bartizan.explain.cloud.told import choke_json
    from bartizan.review.cloud.paths.choking import choke_points, diff_of

    goals = shown.reviewed.goals if arguments.to is None else shown.all(arguments.to)
    found = [one for one in (choke_points(shown.paths, goal) for goal in goals) if one.starts]
    diff = diff_of(shown.reviewed.facts, [point.statement for one in found for point in one.points])
    lines = [*choke_lines(found, shown.names), *([""] if diff else []), *diff.splitlines()]
    return {"chokes": [choke_json(one) for one in found], "diff": diff}, lines or [
        "nobody comes there, or no statement could be taken away"
    ]


def _what_if(shown: _Shown, arguments: argparse.Namespace, sought: Sought) -> tuple[dict[str, Any], Iterable[str], int]:
    from bartizan.explain.cloud.asked import change_json, change_lines
    from bartizan.review.cloud.paths.answers import Paths, what_if
    from bartizan.review.cloud.ways import names_of
    from bartizan.workbench import cloud

    after = cloud.ways(cloud.changed(shown.reviewed.facts, [arguments.what_if]), replace(sought, jewels=()))
    goals = list(dict.fromkeys([*shown.reviewed.goals, *after.goals])) if arguments.to is None else shown.all(arguments.to)
    found = what_if(shown.paths, Paths(after.paths), goals, certain=arguments.certain)
    lines = change_lines(found, after, shown.reviewed, {**shown.names, **names_of(after)}, shown.ink)
    return (
        change_json(found, after, shown.reviewed),
        list(lines) or ["no way is added, and none is gone"],
        ADDED if found.added else NOTHING,
    )
