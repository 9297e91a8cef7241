"""Hold findings of a rule back for a time: save a Sigma filter that says who answers for it, why and until when.

Every hunt applies it and counts what it holds back. With --preview PATH (logs, or findings that a hunt wrote: a folder of
--out, NDJSON or Parquet) what it would have hidden is shown before it is saved.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bartizan.detect.tuning.hidden import Preview
    from bartizan.rules.exceptions import Draft
    from bartizan.rules.ruleset import LoadedRules

ACTION: Final = "except"
HELP: Final = "hold findings of a rule back, with owner, reason and last day; shows before what it would hide"
_DAYS: Final = {"d": 1, "w": 7}


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("rule", metavar="RULE", help="id, file or part of the title; or any, with --logsource")
    parser.add_argument(
        "--where",
        action="append",
        required=True,
        metavar="FIELD=VALUE",
        help="hold back records with this value, as a Sigma rule writes it: * and ? are wildcards, FIELD may have modifiers "
        "(CommandLine|contains); of several fields each must match, of one field given twice either value",
    )
    parser.add_argument("--owner", required=True, metavar="NAME", help="who answers for it")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why these findings need no look")
    parser.add_argument("--expires", required=True, metavar="DATE", help="its last day, 2026-12-31, or 90d for 90 days from now (d, w)")
    parser.add_argument(
        "--check", action="store_true", help="RULE is a check of a cloud review; fields are properties, uid, account, tags.KEY …"
    )
    parser.add_argument("--logsource", default="", metavar="SOURCE", help="with any: product/category/service, - for a part not given")
    parser.add_argument("--preview", nargs="+", default=[], metavar="PATH", help="show which past findings it would have hidden")
    parser.add_argument("--yes", action="store_true", help="save without being asked")
    parser.add_argument("--file", type=Path, metavar="FILE", help="save it there instead of in the file that every hunt applies")
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
    parser.add_argument("--placeholders", type=Path, metavar="FILE", help="lists that rules ask for; as for hunt")
    parser.add_argument("--mapping", action="append", default=[], type=Path, metavar="FILE", help="mapping file of a log; as for hunt")
    parser.add_argument("--json", action="store_true", help="print the preview as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Show what would be hidden, ask, and save."""
    from bartizan import workbench
    from bartizan.explain import tuning
    from bartizan.rules.exceptions import add, exceptions_file
    from bartizan.rules.placeholders import read_placeholders

    lists = {} if arguments.placeholders is None else read_placeholders(arguments.placeholders)
    checks = [workbench.content_folder() / "checks"] if arguments.check else []
    rules = workbench.load_rules(arguments.rules or checks, placeholders=lists)
    draft = _draft(arguments, rules)
    draft.node()
    if arguments.check:
        _fits(draft, arguments)
    file = arguments.file or exceptions_file()
    preview = _preview(draft, rules, arguments, lists) if arguments.preview else None
    if arguments.json:
        print(json.dumps({"exception": draft.text, "preview": None if preview is None else tuning.preview(preview)}, indent=1))
    else:
        print(visible(draft.text, keep="\n"))
        for line in () if preview is None else tuning.preview_lines(preview):
            print(line)
    for note in _notes(arguments.where):
        sys.stderr.write(f"bartizan: {visible(note)}\n")
    if not _agreed(arguments, file):
        sys.stderr.write("bartizan: not saved\n")
        return 0
    add(draft, file)
    sys.stderr.write(f"bartizan: saved in {visible(str(file))} as {draft.id}\n")
    return 0


def _draft(arguments: argparse.Namespace, rules: LoadedRules) -> Draft:
    from bartizan.rules.exceptions import Draft, where_of
    from bartizan.rules.naming import find_rule
    from bartizan.schema.logsource import Logsource

    if arguments.rule == "any":
        if not arguments.logsource.strip("-/"):
            message = "an exception to any rule needs a log source: --logsource windows/process_creation/-"
            raise UsageError(message)
        parts = [*(part.strip("-") for part in arguments.logsource.split("/")), "", ""]
        rule, logsource = "any", Logsource(*parts[:3])
        about = f"any rule of {logsource}"
    else:
        found = rules.rules[find_rule(rules, arguments.rule)]
        if found.correlation:
            message = f"'{found.title}' is a correlation, which judges no record: except the rules that it is made of"
            raise UsageError(message)
        rule, about, logsource = found.id, found.title, found.logsource
    for name in ("owner", "reason"):
        if not getattr(arguments, name).strip():
            message = f"--{name}: is empty: whoever meets this exception later must know"
            raise UsageError(message)
    where, expires = where_of(arguments.where), _last_day(arguments.expires)
    return Draft(rule=rule, about=about, logsource=logsource, where=where, owner=arguments.owner, reason=arguments.reason, expires=expires)


def _fits(draft: Draft, arguments: argparse.Namespace) -> None:
    """Refuse what no check can be excepted by."""
    from bartizan.workbench import cloud

    if arguments.preview:
        message = "--preview: is for what happens; `bartizan cloud review` shows what a check finds"
        raise UsageError(message)
    cloud.check_exception(draft)


def _last_day(text: str) -> date:
    today = datetime.now(UTC).date()
    try:
        after = text[:-1].isdecimal() and text[-1:] in _DAYS
        found = today + timedelta(days=int(text[:-1]) * _DAYS[text[-1]]) if after else date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        message = f"--expires '{text}': is no date; write 2026-12-31, or 90d for 90 days from now"
        raise UsageError(message) from error
    if found < today:
        message = f"--expires {found}: is over already"
        raise UsageError(message)
    return found


def _preview(draft: Draft, rules: LoadedRules, arguments: argparse.Namespace, lists: dict[str, tuple[str, ...]]) -> Preview:
    from bartizan import workbench
    from bartizan.collect.catalogue import catalogue
    from bartizan.detect.tuning.past import past_findings, preview_past
    from bartizan.detect.tuning.replay import Replay, preview_on
    from bartizan.rules.exceptions import saved_files

    paths, mappings = arguments.preview, tuple(arguments.mapping)
    written = past_findings(Path(paths[0])) if len(paths) == 1 else None
    if written is not None:
        return preview_past(draft, written, catalogue(mappings))
    replay = Replay(
        paths=paths,
        now=time.time_ns(),
        exceptions=saved_files(),
        placeholders=lists,
        mappings=mappings,
        workers=workbench.default_workers(),
    )
    return preview_on(draft, rules, replay)


def _notes(where: Sequence[str]) -> list[str]:
    return [
        f"--where '{word}': in Sigma \\{sign} is a plain {sign}; for a backslash before a wildcard write \\\\{sign}"
        for word in where
        for sign in "*?"
        if f"\\{sign}" in word.replace("\\\\", "")
    ]


def _agreed(arguments: argparse.Namespace, file: Path) -> bool:
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        sys.stderr.write("bartizan: nobody can be asked here: --yes saves it\n")
        return False
    sys.stderr.write(f"save it in {visible(str(file))}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
