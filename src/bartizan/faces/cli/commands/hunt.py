"""Hunt through logs and tell what happened.

PATH is a file, a folder, an archive (.zip .tar .gz .zst .bz2 .xz, nested too), a glob, or - for standard input. What each
file is, is found out from its content. Every record is counted: read = stored + unparsed + duplicate.
A lake (`bartizan lake`) is hunted through its raw records, between --since and --until; with --engine, file by file where they are.
Paths are read in the order of their names, folders too: the same logs give the same output, byte for byte.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.faces.cli.indicators import add_indicators, watched
from bartizan.faces.cli.lakes import raw_of_lakes
from bartizan.faces.cli.workers import add_workers, workers

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from bartizan.workbench import Asked, Hunt

HELP: Final = "hunt through logs and tell what happened"
EXAMPLES: Final = (
    "bartizan hunt /var/log",
    "bartizan hunt evidence.zip exports/ --rules sigma/rules --out case-1",
    "bartizan hunt logs --since 36h --level high --fail-on high",
    "zcat auth.log.*.gz | bartizan hunt -",
    "bartizan hunt logs --indicators feeds/ --warninglist top-domains.txt",
    "bartizan hunt logs --ndjson | jq .finding_info.title",
    "bartizan hunt /srv/lake --engine spark://spark.example:7077 --since 30d --rules new-rules",
)
LEVELS: Final = ("informational", "low", "medium", "high", "critical")
CLEAN, FOUND, UNREADABLE, DISAGREED, INTERRUPTED = 0, 1, 3, 70, 130


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="file, folder, archive, glob, or - for standard input")
    what = parser.add_argument_group("what to look for")
    what.add_argument(
        "--rules",
        action="append",
        default=[],
        metavar="PACK",
        help="Sigma rules: a file, folder, zip or git checkout; repeatable; instead of our own content, which 'starter' names",
    )
    what.add_argument("--level", choices=LEVELS, default=LEVELS[0], help="run rules of this level and above")
    what.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="TAG",
        help="run rules with this tag, e.g. t1059, execution or cve.2021-44228; repeatable",
    )
    what.add_argument(
        "--placeholders", type=Path, metavar="FILE", help="YAML file with the lists that rules ask for: {Administrators: [admin-01, …]}"
    )
    what.add_argument(
        "--mapping",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="mapping file, or a folder of them, that makes a source of a log of your own; repeatable",
    )
    add_indicators(what)
    _add_exceptions(what)
    what.add_argument("--since", metavar="TIME", help="judge records from this time on: 2026-11-23T08:00, or 36h for 36 hours ago")
    what.add_argument("--until", metavar="TIME", help="judge records before this time")
    what.add_argument("--zone", default="UTC", metavar="ZONE", help="time zone of clocks and TIMEs that name none, e.g. Europe/Vienna")
    shape = parser.add_argument_group("what to write")
    shape.add_argument("--out", type=Path, metavar="DIR", help="keep records and findings as Parquet, and a report, in this new folder")
    chosen = shape.add_mutually_exclusive_group()
    chosen.add_argument(
        "--json", action="store_const", const="json", dest="format", help="one JSON object: balance, verdicts, groups, entities"
    )
    chosen.add_argument("--ndjson", action="store_const", const="ndjson", dest="format", help="one OCSF Detection Finding per line")
    chosen.add_argument(
        "--csv", action="store_const", const="csv", dest="format", help="one line per group of findings, safe to open in a spreadsheet"
    )
    chosen.add_argument("--ocsf", action="store_const", const="ocsf", dest="format", help="one JSON array of OCSF Detection Findings")
    chosen.add_argument("--navigator", action="store_const", const="navigator", dest="format", help="an ATT&CK Navigator layer")
    shape.add_argument("--balance", type=Path, metavar="FILE", help="write what became of every file as JSON")
    shape.add_argument("--verdicts", type=Path, metavar="FILE", help="write the verdict of every rule as JSON")
    shape.add_argument("--report", type=Path, metavar="FILE", help="write one self-contained HTML page")
    how = parser.add_argument_group("how")
    how.add_argument("--fail-on", choices=LEVELS, metavar="LEVEL", help="exit with 1 if something of this level or above was found")
    add_workers(how)
    how.add_argument(
        "--engine",
        default="",
        metavar="ENGINE",
        help="judge the files of a lake on local (processes), spark://HOST:PORT, sc://HOST:PORT (Spark Connect) or sail",
    )
    how.add_argument("--paranoid", action="store_true", help="judge everything with the reference matcher too (slow), and compare")
    how.add_argument("--quiet", action="store_true", help="no progress, no story; findings go where they were asked for")


def _add_exceptions(what: argparse._ArgumentGroup) -> None:
    held = what.add_mutually_exclusive_group()
    held.add_argument(
        "--exceptions",
        action="append",
        metavar="FILE",
        help="hold back what these Sigma filters say, instead of the exceptions that were saved",
    )
    held.add_argument("--no-exceptions", action="store_const", const=[], dest="exceptions", help="hold nothing back")


def run(arguments: argparse.Namespace) -> int:
    """Hunt."""
    from bartizan import workbench
    from bartizan.detect.hunt.setup import rest_collector
    from bartizan.faces.cli import outputs
    from bartizan.faces.cli.progress import progress

    rest_collector()
    asked = _asked(arguments)
    outputs.check(arguments)
    with _paths(arguments, asked) as paths, progress(paths, quiet=arguments.quiet) as tell:
        found = workbench.hunt(*paths, rules=arguments.rules, out=arguments.out, workers=workers(arguments), asked=asked, progress=tell)
    with found:
        outputs.write(found, arguments)
    return _exit_code(found, arguments.fail_on)


def _paths(arguments: argparse.Namespace, asked: Asked) -> AbstractContextManager[list[str]]:
    """Give what is to be read: an engine reads the files of a lake, without one its raw records are laid out as logs."""
    if arguments.engine:
        return nullcontext(list(arguments.paths))
    return raw_of_lakes(arguments.paths, asked.since, asked.until)


def _asked(arguments: argparse.Namespace) -> Asked:
    from bartizan.faces.cli.times import moment, zone
    from bartizan.rules.placeholders import read_placeholders
    from bartizan.workbench import Asked

    now = time.time_ns()
    clocks = zone(arguments.zone)
    since, until = (None if text is None else moment(text, now, clocks) for text in (arguments.since, arguments.until))
    if since is not None and until is not None and since >= until:
        message = f"--since {arguments.since} is not before --until {arguments.until}: no record could be judged"
        raise UsageError(message)
    return Asked(
        placeholders={} if arguments.placeholders is None else read_placeholders(arguments.placeholders),
        since=since,
        until=until,
        level=arguments.level,
        tags=arguments.tag,
        zone=clocks,
        paranoid=arguments.paranoid,
        exceptions=arguments.exceptions,
        mappings=arguments.mapping,
        indicators=watched(arguments),
        now=now,
        engine=arguments.engine,
    )


def _exit_code(found: Hunt, fail_on: str | None) -> int:
    outcome = found.outcome
    if outcome.partial:
        return INTERRUPTED
    if outcome.differences:
        return DISAGREED
    grave = () if fail_on is None else LEVELS[LEVELS.index(fail_on) :]
    if any(told.findings and told.rule.level in grave for told in outcome.verdicts):
        return FOUND
    return UNREADABLE if any(file.unparsed or file.problems for file in outcome.balance) else CLEAN
