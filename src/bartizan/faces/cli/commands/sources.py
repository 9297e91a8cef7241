"""List and show the kinds of log that are read, and find out what a file is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import UsageError
from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse

    from bartizan.collect.contract import Source

HELP: Final = "list the kinds of log that are read; find out what a file is"
EXAMPLES: Final = (
    "bartizan sources list",
    "bartizan sources show auditd",
    "bartizan sources detect /var/log/auth.log",
    "bartizan sources check door.yml",
    "bartizan sources loss zeek",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="every source", description="Print every source.")
    listing.set_defaults(action=_list)
    showing = actions.add_parser("show", help="one source: routes, log sources, example", description="Print one source.")
    showing.add_argument("name", metavar="NAME")
    showing.set_defaults(action=_show)
    detecting = actions.add_parser("detect", help="what files are taken for, and why", description="Print what files are taken for.")
    detecting.add_argument("paths", nargs="+", metavar="PATH")
    detecting.add_argument(
        "--mapping",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="mapping file, or a folder of them, to ask beside all others",
    )
    detecting.set_defaults(action=_detect)
    checking = actions.add_parser(
        "check", help="whether mapping files keep the contract of sources", description="Check mapping files by their own examples."
    )
    checking.add_argument("files", nargs="+", type=Path, metavar="FILE", help="mapping file, or a folder of them")
    checking.set_defaults(action=_check)
    losing = actions.add_parser(
        "loss", help="which fields reach OCSF, which do not", description="Print which fields of a source's records reach OCSF attributes."
    )
    losing.add_argument("names", nargs="*", metavar="NAME", help="source; all where none is named")
    losing.add_argument("--on", action="append", default=[], metavar="PATH", help="count in these logs instead of in the examples")
    losing.set_defaults(action=_loss)
    for action in (listing, showing, detecting, checking, losing):
        action.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions."""
    return int(arguments.action(arguments))


def _list(arguments: argparse.Namespace) -> int:
    from bartizan.collect.catalogue import catalogue

    known = catalogue()
    if arguments.json:
        print(json.dumps([_plain(source) for source in known.sources], indent=1))
        return 0
    for source in known.sources:
        print(f"{source.name:24} {source.title}")
    for problem in known.problems:
        print(f"! {problem}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from bartizan.collect.catalogue import catalogue
    from bartizan.documents import suggestion

    known = catalogue()
    source = known.named(arguments.name)
    if source is None:
        near = suggestion(arguments.name, [each.name for each in known.sources])
        message = f"no source is called '{arguments.name}'{near}; `bartizan sources list` shows what there is"
        raise UsageError(message)
    if arguments.json:
        print(json.dumps(_plain(source), indent=1))
        return 0
    print(f"{source.name}: {source.title}\nframing: {', '.join(framing.value for framing in source.framings)}\n")
    print("routes and the Sigma log sources they serve:")
    for route in source.routes:
        print(f"  {route.name:32} class {route.ocsf.get('class_uid')!s:8} {', '.join(str(view.logsource) for view in route.views)}")
    for example in source.examples:
        print(f"\nexample: {example.title}")
        for raw in example.raw:
            print(f"  {visible(raw.decode('utf-8', 'backslashreplace'))}")
    return 0


def _plain(source: Source) -> dict[str, object]:
    return {
        "name": source.name,
        "title": source.title,
        "framings": [framing.value for framing in source.framings],
        "routes": [
            {"name": route.name, "logsources": [str(view.logsource) for view in route.views], "ocsf": sorted(route.ocsf)}
            for route in source.routes
        ],
    }


def _detect(arguments: argparse.Namespace) -> int:
    from bartizan.collect.catalogue import catalogue
    from bartizan.collect.spans import Span
    from bartizan.collect.units import read, units

    known = catalogue(tuple(arguments.mapping))
    told: dict[str, dict[str, object]] = {}
    for unit in units(arguments.paths, sources=known):
        if all(isinstance(piece, Span) and piece.origin in told for piece in unit.pieces):
            # The rest of a large file is what its beginning is.
            continue
        for chunk in read(unit, sources=known):
            if chunk.origin not in told:
                framing = chunk.framing.value if chunk.framing is not None else ""
                said = [*chunk.problems, *chunk.notes]
                told[chunk.origin] = {"path": chunk.origin, "source": chunk.source, "framing": framing, "why": chunk.why, "said": said}
    if arguments.json:
        print(json.dumps(list(told.values()), indent=1))
    else:
        for one in told.values():
            print(_detected(one))
    return 0 if all(one["source"] for one in told.values()) else 3


def _check(arguments: argparse.Namespace) -> int:
    from bartizan.collect.mapped.files import mapping_files, read_mapping
    from bartizan.testing.check_source import check_source

    told = []
    for path in (file for place in arguments.files for file in mapping_files(place) or [place]):
        source = read_mapping(path)
        told.append({"path": str(path), "source": source.name, "problems": [str(problem) for problem in check_source(source)]})
    if arguments.json:
        print(json.dumps(told, indent=1))
    else:
        for one in told:
            print("\n".join([f"{one['path']}: {one['source']}: {'not fit' if one['problems'] else 'fit'}", *map(str, one["problems"])]))
    return 1 if any(one["problems"] for one in told) else 0


def _loss(arguments: argparse.Namespace) -> int:
    from bartizan.collect.catalogue import catalogue
    from bartizan.collect.loss import losses

    found = losses(catalogue(), arguments.names, on=arguments.on)
    if arguments.json:
        print(json.dumps([{**asdict(loss), "share": round(loss.share, 4)} for loss in found], indent=1))
        return 0
    for loss in found:
        counts = (len(loss.mapped), len(loss.rules), len(loss.kept))
        print(f"{loss.source:28} {loss.share:6.1%} of what {loss.records} records say reach OCSF: fields {counts[0]} mapped, ", end="")
        print(f"{counts[1]} for rules only, {counts[2]} kept as they are")
        if arguments.names:
            for what, fields in (("mapped", loss.mapped), ("rules only", loss.rules), ("kept", loss.kept)):
                print(f"  {what}: {visible(', '.join(fields)) or 'none'}")
    return 0


def _detected(one: dict[str, Any]) -> str:
    because = "; ".join(filter(None, [one["why"], *one["said"]]))
    return f"{one['path']}: {one['source'] or 'nobody knows it'}" + (f"  ({because})" if because else "")
