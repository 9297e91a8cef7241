"""Print whether rule files are sound, and their cases come out as they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse

ACTION: Final = "check"
HELP: Final = "whether rule files are sound, and their cases come out as they say"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="rule files or folders")


def run(arguments: argparse.Namespace) -> int:
    """Check."""
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
