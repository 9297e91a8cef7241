"""Judge an estate by checks, and find the ways by which an attacker gets to what matters.

PATH is a folder of Terraform, a plan or state as JSON, a template, manifests, or an export; each is told by its content. Ends with 1
where a check of the level of --fail-on or above fails and no exception accepts it, or a way of that level is there; else with 3 where
something failed to be read or judged. What an origin never tells (the age of a key, in Terraform) is unknown, counted, and no fault.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bartizan.faces.cli.clouds import LEVELS, add_facts, add_sought, facts, sought

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from bartizan.explain.cloud.page import CloudPage

ACTION: Final = "review"
HELP: Final = "checks that fail, ways to what matters, and what cannot be told"
CLEAN, FOUND, UNREADABLE = 0, 1, 3


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_facts(parser)
    add_sought(parser)
    shape = parser.add_argument_group("what to write")
    chosen = shape.add_mutually_exclusive_group()
    chosen.add_argument("--json", action="store_const", const="json", dest="format", help="one JSON object: everything that the page says")
    chosen.add_argument(
        "--ocsf", action="store_const", const="ocsf", dest="format", help="OCSF records, one a line: resources, failures, ways, unknown"
    )
    chosen.add_argument("--ndjson", action="store_const", const="ndjson", dest="format", help="one judgement per line, passed ones too")
    shape.add_argument("--sarif", type=Path, metavar="FILE", help="write failures at their lines as SARIF 2.1.0")
    shape.add_argument("--opengraph", type=Path, metavar="FILE", help="write the graph of attack paths for BloodHound")
    shape.add_argument("--html", type=Path, metavar="FILE", help="write one self-contained HTML page")
    shape.add_argument("--out", type=Path, metavar="DIR", help="write all of these into this folder, and the OCSF records")
    shape.add_argument("--lake", type=Path, metavar="LAKE", help="put the OCSF records into a lake, where cases find them")
    how = parser.add_argument_group("how")
    how.add_argument("--fail-on", choices=LEVELS, metavar="LEVEL", help="exit with 1 if something of this level or above was found")


def run(arguments: argparse.Namespace) -> int:
    """Review."""
    from bartizan.explain.cloud.page import page_of
    from bartizan.workbench import cloud

    _check(arguments)
    reviewed = cloud.review(facts(arguments), sought(arguments))
    page = page_of(reviewed)
    _files(page, arguments)
    if arguments.lake is not None:
        commit = cloud.keep(reviewed, arguments.lake)
        told = f"{commit.rows:,} records" if commit.new else "this review was there already"
        sys.stderr.write(f"bartizan: {arguments.lake}: {told}\n")
    _print(page, arguments.format)
    return _exit_code(page, arguments.fail_on)


def _check(arguments: argparse.Namespace) -> None:
    """Say before the work that a file cannot be written; name the files of --out."""
    from bartizan.errors import OutputError
    from bartizan.explain.files import check_place

    if arguments.out is not None:
        try:
            arguments.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{arguments.out}: cannot be made a folder for results: {error.strerror}; name another with --out"
            raise OutputError(message) from error
        for name, file in (("html", "review.html"), ("sarif", "review.sarif"), ("opengraph", "graph.json")):
            if getattr(arguments, name) is None:
                setattr(arguments, name, arguments.out / file)
    for path in (arguments.sarif, arguments.opengraph, arguments.html):
        if path is not None:
            check_place(path)


def _files(page: CloudPage, arguments: argparse.Namespace) -> None:
    from bartizan.explain.cloud.html import html
    from bartizan.explain.cloud.opengraph import opengraph
    from bartizan.explain.cloud.sarif import sarif
    from bartizan.explain.cloud.told import page_json
    from bartizan.explain.files import save, save_json

    if arguments.sarif is not None:
        save_json(arguments.sarif, sarif(page, base=Path.cwd()))
    if arguments.opengraph is not None:
        save_json(arguments.opengraph, opengraph(page.reviewed))
    if arguments.html is not None:
        save(arguments.html, html(page))
    if arguments.out is not None:
        save_json(arguments.out / "review.json", page_json(page))
        save(arguments.out / "records.ndjson", "".join(f"{json.dumps(one)}\n" for one in _records(page)))


def _records(page: CloudPage) -> Iterator[dict[str, Any]]:
    from bartizan.review.cloud.records import findings_of, inventory_of

    yield from inventory_of(page.reviewed.facts, page.reviewed.now)
    yield from findings_of(page.reviewed)


def _print(page: CloudPage, form: str | None) -> None:
    if form == "json":
        from bartizan.explain.cloud.told import page_json

        print(json.dumps(page_json(page), indent=1))
    elif form is not None:
        from bartizan.explain.cloud.told import judgements_json

        for told in _records(page) if form == "ocsf" else judgements_json(page):
            print(json.dumps(told))
    else:
        from bartizan.explain.cloud.lines import page_lines
        from bartizan.explain.terminal import wants_colour
        from bartizan.review.cloud.ways import names_of

        for line in page_lines(page, names_of(page.reviewed), colour=wants_colour(sys.stdout, os.environ)):
            print(line)


def _exit_code(page: CloudPage, fail_on: str | None) -> int:
    grave = () if fail_on is None else LEVELS[LEVELS.index(fail_on) :]
    if any(one.open and one.level in grave for one in page.failing) or any(way.level in grave for way in page.ways):
        return FOUND
    return UNREADABLE if page.unread else CLEAN
