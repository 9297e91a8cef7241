"""Make alerts of findings: what a person is asked to look at, why, and what was decided about it.

bartizan alerts [ACTION] [ID] PATH...   (an ACTION's name that is a file is written ./list)

PATH is what a hunt kept (a folder of --out, NDJSON, Parquet), the state of a watch (its folder or postgresql://USER@HOST/NAME), or
logs, which are hunted through first. Actions are list (what
is done without one), show ID, why ID, triage ID, close ID, silence, and lift ID; ID is that of an alert, of a group for all
its alerts, or the beginning of one. Decisions are records beside the findings (alerts.ndjson, or the watch's database), or in --state.
"""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.faces.cli.cases import by_whom

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bartizan.detect.alerts.building import View
    from bartizan.detect.alerts.decisions import Decision
    from bartizan.detect.alerts.desk import Desk

HELP: Final = "what to look at first, why, and what was decided about it"
EXAMPLES: Final = (
    "bartizan alerts case-1",
    "bartizan alerts why 3f2a case-1",
    "bartizan alerts triage 3f2a case-1 --by alice@example.com",
    "bartizan alerts close 3f2a case-1 --reason false-positive --comment 'the nightly scanner'",
    "bartizan alerts silence case-1 --match host=web-* --match 'title=*scan*' --until 2026-12-31 --comment 'pentest'",
)
REASONS: Final = ("true-positive", "false-positive", "benign", "duplicate")
_SPANS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SPAN: Final = re.compile(r"(\d{1,6})([mhdw])")
_NANO: Final = 1_000_000_000
UNREADABLE: Final = 3


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("words", nargs="+", metavar="PATH", help="an action and an id if wanted, then findings or logs")
    parser.add_argument(
        "--state", metavar="FILE", help="where decisions are; if not given, beside the findings: alerts.ndjson, or the watch's database"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    how = parser.add_argument_group("how alerts are made")
    how.add_argument("--assets", type=Path, metavar="FILE", help="CSV or YAML: entity, value, exposure")
    how.add_argument("--group-by", action="append", default=[], metavar="KIND", help="host, user, ip, …; repeatable")
    how.add_argument("--window", metavar="SPAN", help="a group ends after so long without anything notable (30m)")
    how.add_argument("--repeat", metavar="SPAN", help="of a group in which nothing new happens one is told again after so long (4h)")
    how.add_argument("--half-life", metavar="SPAN", help="risk of an entity is halved in so long (7d)")
    how.add_argument("--now", metavar="TIME", help="the moment to which risk has faded; that of the last finding if not given")
    how.add_argument("--rules", action="append", default=[], metavar="PACK", help="for logs: a pack; repeatable; as for hunt")
    shape = parser.add_argument_group("what to list")
    shape.add_argument("--most", type=int, default=20, metavar="N", help="so many groups (20)")
    shape.add_argument("--all", action="store_true", help="closed groups, too")
    deciding = parser.add_argument_group("deciding")
    deciding.add_argument("--by", metavar="NAME", help="who decides; the user of this machine if not given")
    deciding.add_argument("--comment", default="", metavar="TEXT", help="what there is to say of it")
    deciding.add_argument("--reason", choices=REASONS, help="close: what it turned out to be")
    deciding.add_argument("--quiet-for", metavar="SPAN", help="close: findings within so long after the last one only count")
    deciding.add_argument("--match", action="append", default=[], metavar="NAME=PATTERN", help="silence: what it is about; all must hold")
    deciding.add_argument("--start", metavar="TIME", help="silence: events from this time on; from the first if not given")
    deciding.add_argument("--until", metavar="TIME", help="silence: events before this time")


def run(arguments: argparse.Namespace) -> int:
    """Run an action."""
    word, *rest = arguments.words
    action = _ACTIONS.get(word)
    if action is None:
        return _list(arguments, "", arguments.words)
    name = ""
    if word in _NAMED:
        if not rest:
            message = f"alerts {word}: name an alert, then where its findings are; `bartizan alerts list PATH` shows what there is"
            raise UsageError(message)
        name, *rest = rest
    if not rest:
        message = f"alerts {word}: name the findings: what a hunt kept with --out, or logs"
        raise UsageError(message)
    return action(arguments, name, rest)


def _list(arguments: argparse.Namespace, _name: str, paths: Sequence[str]) -> int:
    from bartizan.explain.alerts import desk_json, list_lines

    desk = _desk(arguments, paths)
    if arguments.json:
        print(json.dumps(desk_json(desk), indent=1))
    else:
        _say(list_lines(desk, most=max(arguments.most, 0), everything=arguments.all))
    return _told(desk)


def _show(arguments: argparse.Namespace, name: str, paths: Sequence[str]) -> int:
    from bartizan.explain.alerts import alert_json, show_lines, why_lines

    desk = _desk(arguments, paths)
    alerts = desk.alerts_of(name)
    if arguments.json:
        print(json.dumps([alert_json(desk, alert) for alert in alerts], indent=1))
    else:
        _say((why_lines if arguments.words[0] == "why" else show_lines)(desk, alerts))
    return _told(desk)


def _triage(arguments: argparse.Namespace, name: str, paths: Sequence[str]) -> int:
    from bartizan.detect.alerts.decisions import taken_on
    from bartizan.detect.alerts.shared import journal_at

    desk, journal, decision = _desk(arguments, paths), journal_at(_state(arguments, paths)), _decision(arguments)
    alerts = desk.alerts_of(name)
    journal.append([taken_on(alert, decision) for alert in alerts])
    for alert in alerts:
        print(f"{alert.id}: taken on by {decision.by}")
    return _told(desk)


def _close(arguments: argparse.Namespace, name: str, paths: Sequence[str]) -> int:
    from bartizan.detect.alerts.decisions import closed
    from bartizan.detect.alerts.shared import journal_at

    if arguments.reason is None:
        message = f"alerts close: say what it turned out to be: --reason {' | '.join(REASONS)}"
        raise UsageError(message)
    desk, journal, decision = _desk(arguments, paths), journal_at(_state(arguments, paths)), _decision(arguments)
    quiet = _length(arguments.quiet_for, "--quiet-for")
    alerts = desk.alerts_of(name)
    journal.append([closed(one, decision, reason=arguments.reason, quiet_until=one.last + quiet if quiet else 0) for one in alerts])
    for alert in alerts:
        print(f"{alert.id}: closed as {arguments.reason} by {decision.by}")
    return _told(desk)


def _silence(arguments: argparse.Namespace, _name: str, paths: Sequence[str]) -> int:
    from bartizan.detect.alerts.decisions import made_silence, silences_of
    from bartizan.detect.alerts.shared import journal_at
    from bartizan.detect.alerts.silences import parse_matchers
    from bartizan.explain.alerts import silence_line

    decision = _decision(arguments)
    if arguments.until is None or not arguments.comment.strip():
        message = "alerts silence: needs --until TIME and --comment TEXT: whoever meets it later must know how long and why"
        raise UsageError(message)
    start, until = (0 if text is None else _moment(text) for text in (arguments.start, arguments.until))
    if until <= start:
        message = f"--until {arguments.until} is not after --start: nothing would be silenced"
        raise UsageError(message)
    record = made_silence(parse_matchers(arguments.match), decision, start=start, until=until)
    journal_at(_state(arguments, paths)).append([record])
    print(silence_line(silences_of([record])[0]))
    return 0


def _lift(arguments: argparse.Namespace, name: str, paths: Sequence[str]) -> int:
    from bartizan.detect.alerts.decisions import lifted, silences_of, understood
    from bartizan.detect.alerts.shared import journal_at

    journal = journal_at(_state(arguments, paths))
    found = [one.id for one in silences_of(understood(journal.read().records)[0]) if one.id.startswith(name)]
    if len(found) != 1:
        message = f"'{name}' is the beginning of {len(found)} silences; `bartizan alerts list PATH --json` shows them"
        raise UsageError(message)
    record = lifted(found[0], _decision(arguments))
    journal.append([record])
    print(f"{found[0]}: lifted")
    return 0


_ACTIONS: Final[Mapping[str, Callable[[argparse.Namespace, str, Sequence[str]], int]]] = {
    "list": _list,
    "show": _show,
    "why": _show,
    "triage": _triage,
    "close": _close,
    "silence": _silence,
    "lift": _lift,
}
_NAMED: Final = frozenset({"show", "why", "triage", "close", "lift"})


def _desk(arguments: argparse.Namespace, paths: Sequence[str]) -> Desk:
    from bartizan import workbench
    from bartizan.detect.alerts.desk import sources_of, state_beside

    state = arguments.state or state_beside(sources_of(paths))
    return workbench.alerts(*paths, view=_view(arguments), state=state, rules=arguments.rules, workers=workbench.default_workers())


def _view(arguments: argparse.Namespace) -> View:
    from bartizan.detect.alerts.assets import Assets, read_assets
    from bartizan.detect.alerts.building import View
    from bartizan.detect.alerts.contract import Policy
    from bartizan.schema.entities import EntityKind

    usual, kinds = Policy(), [kind.value for kind in EntityKind]
    if odd := [kind for kind in arguments.group_by if kind not in kinds]:
        message = f"--group-by: '{odd[0]}' is no kind of entity; there are {', '.join(kinds)}"
        raise UsageError(message)
    policy = Policy(
        group_by=tuple(arguments.group_by),
        window=_length(arguments.window, "--window") or usual.window,
        repeat=_length(arguments.repeat, "--repeat") or usual.repeat,
        half_life=_length(arguments.half_life, "--half-life") or usual.half_life,
    )
    assets = Assets() if arguments.assets is None else read_assets(arguments.assets)
    return View(policy=policy, assets=assets, now=None if arguments.now is None else _moment(arguments.now))


def _state(arguments: argparse.Namespace, paths: Sequence[str]) -> Path | str:
    from bartizan.detect.alerts.desk import sources_of, state_beside

    state: Path | str | None = arguments.state or state_beside(sources_of(paths))
    if state is None:
        message = "findings of logs are kept nowhere: name a file for decisions with --state, or hunt with --out first"
        raise UsageError(message)
    return state


def _decision(arguments: argparse.Namespace) -> Decision:
    from bartizan.detect.alerts.decisions import Decision

    return Decision(by=by_whom(arguments), now=time.time_ns(), comment=arguments.comment)


def _moment(text: str) -> int:
    from bartizan.faces.cli.times import moment

    return moment(text, time.time_ns(), UTC)


def _length(text: str | None, option: str) -> int:
    """Return nanoseconds of a span like 30m; 0 where none is given."""
    if text is None:
        return 0
    match = _SPAN.fullmatch(text)
    if match is None or not int(match[1]):
        message = f"{option}: '{text}' is no span of time; write 30m, 4h, 7d or 2w"
        raise UsageError(message)
    return int(match[1]) * _SPANS[match[2]] * _NANO


def _say(lines: Iterator[str]) -> None:
    for line in lines:
        print(line)


def _told(desk: Desk) -> int:
    from bartizan.explain.text import visible

    for sentence in (*desk.alerts.notes, *desk.problems):
        sys.stderr.write(f"bartizan: {visible(sentence)}\n")
    return UNREADABLE if desk.problems else 0
