"""Check that this installation works: sources, rules, cache, places to write, and one hunt end to end."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

HELP: Final = "check that this installation works"
EXAMPLES: Final = ("bartizan doctor", "bartizan doctor --json")
LINE: Final = "Nov 23 08:14:02 web-01 sshd[2112]: Accepted password for root from 203.0.113.50 port 50122 ssh2\n"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run every check; 1 where one fails."""
    checks: dict[str, Callable[[], str]] = {
        "sources": _sources,
        "content": _content,
        "packs": _packs,
        "cache": _cache,
        "temporary files": _temporary,
        "hunt": _hunt,
    }
    told = [(name, *_outcome(check)) for name, check in checks.items()]
    if arguments.json:
        print(json.dumps([{"check": name, "well": well, "told": text} for name, well, text in told], indent=1))
    else:
        print("\n".join(f"{'ok' if well else 'FAILED':7} {name:16} {text}" for name, well, text in told))
    return 0 if all(well for _, well, _ in told) else 1


def _outcome(check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, check()
    except Exception as error:  # noqa: BLE001 - a check that raises is a failed check, whatever it raised
        return False, f"{type(error).__name__}: {error}"


def _sources() -> str:
    from bartizan.collect.catalogue import catalogue

    known = catalogue()
    if known.problems:
        raise ValueError("; ".join(known.problems))
    return f"{len(known.sources)} kinds of log"


def _content() -> str:
    from bartizan.workbench import load_rules

    rules = load_rules(["starter"])
    if rules.refused:
        first = rules.refused[0]
        message = f"{len(rules.refused)} refused, first {first.path}:{first.line}: {first.why}"
        raise ValueError(message)
    return f"{len(rules.rules)} rules"


def _packs() -> str:
    from bartizan.rules.library import added
    from bartizan.workbench import load_rules

    packs = added()
    if not packs:
        return "none added"
    rules = load_rules(packs)
    return f"{len(packs)} added: {len(rules.rules)} rules, {len(rules.refused)} refused (bartizan rules list --verdict refused says why)"


def _cache() -> str:
    from bartizan.rules.cache import default_folder

    folder = default_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder):
        return str(folder)


def _temporary() -> str:
    import shutil

    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    return f"{tempfile.gettempdir()}: {shutil.disk_usage(tempfile.gettempdir()).free >> 20:,} MB free"


def _hunt() -> str:
    from bartizan.workbench import Asked, hunt

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "auth.log")
        log.write_text(LINE)
        with hunt(log, rules=["starter"], asked=Asked(exceptions=())) as found:
            balance = found.outcome.balance[0]
            if found.outcome.findings != 1 or balance.stored != 1:
                message = f"a line that must raise one finding raised {found.outcome.findings}; it was taken for '{balance.source}'"
                raise ValueError(message)
    return "one line in, one finding out"
