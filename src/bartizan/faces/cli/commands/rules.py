"""List, show, check and measure detection rules.

Without --rules these are our own content and the packs that were added to it.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse

    from bartizan.rules.contract import RuleSet

HELP: Final = "list, show, explain and check rules; coverage of ATT&CK"
EXAMPLES: Final = (
    "bartizan rules list --rules sigma/rules --json",
    "bartizan rules list --on logs --verdict cannot-fire",
    "bartizan rules show 'Event log cleared'",
    "bartizan rules explain shadow-copies-deleted",
    "bartizan rules check my-rules/",
    "bartizan rules coverage",
)
VERDICTS: Final = ("running", "cannot-fire", "refused")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, function, text in (
        ("list", _list, "every rule with its verdict; with --on PATH whether it can fire on what is there"),
        ("show", _show, "the file of a rule"),
        ("explain", _explain, "what a rule asks for, in plain words"),
        ("check", _check, "whether rule files are sound, and their cases come out as they say"),
        ("coverage", _coverage, "ATT&CK techniques that the rules look for"),
    ):
        action = actions.add_parser(name, help=text, description=f"Print {text}.")
        action.set_defaults(action=function)
        if name == "check":
            action.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="rule files or folders")
            continue
        if name in {"show", "explain"}:
            action.add_argument("rule", metavar="RULE", help="id, file or part of the title")
        action.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
        action.add_argument("--json", action="store_true", help="print JSON")
        if name == "list":
            action.add_argument("--on", nargs="+", default=[], metavar="PATH", help="logs on which the rules shall be tried")
            action.add_argument("--verdict", choices=VERDICTS, help="only rules with this verdict")
            action.add_argument("--placeholders", type=Path, metavar="FILE", help="lists that rules ask for; as for hunt")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions."""
    return int(arguments.action(arguments))


def _list(arguments: argparse.Namespace) -> int:
    everything = _verdicts(arguments)
    told = [one for one in everything if arguments.verdict in {None, one["verdict"]}]
    if arguments.json:
        print(json.dumps(told, indent=1))
        return 0
    for one in told:
        line = f"{one['verdict']:12} {one['level']:13} {one['id'] or '-':36} {one['title'] or one['path']}{_because(one['reason'])}"
        print(visible(line))
    counts = Counter(str(one["verdict"]) for one in everything)
    print(f"\n{len(everything)} rules: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    return 0


def _verdicts(arguments: argparse.Namespace) -> list[dict[str, object]]:
    from bartizan import workbench
    from bartizan.explain.summary import verdicts
    from bartizan.rules.placeholders import read_placeholders

    lists = {} if arguments.placeholders is None else read_placeholders(arguments.placeholders)
    if arguments.on:
        asked = workbench.Asked(placeholders=lists)
        with workbench.hunt(*arguments.on, rules=arguments.rules, workers=workbench.default_workers(), asked=asked) as found:
            return verdicts(found.outcome.verdicts, found.outcome.refused)
    rules = workbench.load_rules(arguments.rules, placeholders=lists)
    return verdicts(workbench.standing(rules), rules.refused)


def _because(reason: object) -> str:
    return f"  ({reason})" if reason else ""


def _show(arguments: argparse.Namespace) -> int:
    from bartizan import workbench

    rules = workbench.load_rules(arguments.rules)
    rule = rules.rules[workbench.find_rule(rules, arguments.rule)]
    if arguments.json:
        from dataclasses import asdict

        print(json.dumps(asdict(rule), indent=1))
        return 0
    print(f"# {rule.path}")
    print(workbench.text_of_rule(rules, rule).rstrip())
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    from bartizan import workbench
    from bartizan.rules.explain import describe

    lines = describe(workbench.reference_of(arguments.rule, arguments.rules))
    print(json.dumps(lines) if arguments.json else "\n".join(lines))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from bartizan.testing.check_rule import check_rule

    files = sorted({file for path in arguments.paths for file in _rule_files(path)})
    if not files:
        message = f"{arguments.paths[0]}: holds no rule file (*.yml, *.yaml)"
        raise UsageError(message)
    problems = [problem for file in files for problem in check_rule(file)]
    for problem in problems:
        print(visible(str(problem)))
    print(f"{len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


def _rule_files(path: Path) -> list[Path]:
    if not path.exists():
        message = f"{path}: there is no such file or folder"
        raise UsageError(message)
    return [file for file in path.rglob("*") if file.suffix in {".yml", ".yaml"}] if path.is_dir() else [path]


def _coverage(arguments: argparse.Namespace) -> int:
    from bartizan import workbench

    rules = workbench.load_rules(arguments.rules)
    counts = _techniques(rules)
    if arguments.json:
        print(json.dumps(counts, indent=1))
        return 0
    from bartizan.schema.attack import technique

    for uid, count in counts.items():
        known = technique(uid)
        print(f"{uid:10} {count:5}  {known.name if known is not None else ''}")
    print(f"\n{len(counts)} techniques by {len(rules.rules)} rules")
    return 0


def _techniques(rules: RuleSet) -> dict[str, int]:
    found = Counter(
        tag.removeprefix("attack.").upper()
        for rule in rules.rules
        for tag in rule.tags
        if tag.startswith("attack.t") and tag[8:9].isdigit()
    )
    return dict(sorted(found.items()))
