"""What linters cannot say of the package."""

from __future__ import annotations

import ast
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from tests.house.checkout import PACKAGE, ROOT, files, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "core", "base", "misc"})
NOQA = re.compile(r"#\s*noqa\b(?!: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* - \S)", re.IGNORECASE)
IGNORE = re.compile(r"#\s*type:\s*ignore\b(?!\[[a-z-]+(, ?[a-z-]+)*\]  # \S)")


def test_the_package_asserts_nothing() -> None:
    """Python drops ``assert`` under -O: what must hold is checked and raised."""
    asserts = [f"{name}:{node.lineno}" for name, tree in modules().items() for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert asserts == []


def test_only_the_faces_print() -> None:
    calls = ((name, node) for name, tree in modules().items() for node in ast.walk(tree) if isinstance(node, ast.Call))
    printing = {name for name, call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"}
    assert {name for name in printing if not name.startswith("src/bartizan/faces/")} == set()
    assert "src/bartizan/faces/cli/commands/rules/show.py" in printing, "the search finds nothing any more"


def test_no_file_and_no_folder_has_a_name_that_says_nothing() -> None:
    assert [name for name in files() if VAGUE & {PurePath(part).stem for part in PurePath(name).parts}] == []


def test_every_exception_from_a_rule_of_the_linters_has_its_reason() -> None:
    python = [name for name in files() if name.endswith(".py")]
    texts = ((name, number, line) for name in python for number, line in enumerate((ROOT / name).read_text().splitlines(), 1))
    bare = [f"{name}:{number}: {line.strip()}" for name, number, line in texts if NOQA.search(line) or IGNORE.search(line)]
    assert bare == [], "write `noqa: CODE - reason`, or `type: ignore[code]` and the reason in a comment after it"


def test_an_exception_without_code_or_reason_is_found() -> None:
    assert all(NOQA.search(line) for line in ("# no" + "qa", "# no" + "qa: E501", "# no" + "qa: E501 because", "# no" + "qa: E501 -"))
    assert not NOQA.search("# no" + "qa: E501, D100 - a long address")
    assert all(IGNORE.search(line) for line in ("# type: " + "ignore", "# type: " + "ignore[misc]", "# type: " + "ignore - why"))
    assert not IGNORE.search("# type: " + "ignore[misc, arg-type]  # why")


def test_every_folder_of_code_says_what_it_is() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    silent = [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not _says(f"{folder.relative_to(ROOT)}/__init__.py")]
    assert silent == [], "write a docstring into its __init__.py"


def _says(name: str) -> bool:
    return name in modules() and bool(ast.get_docstring(modules()[name]))


def test_nothing_is_looked_ahead_for_inside_a_possessive_repeat() -> None:
    patterns = [ROOT / name for name in files() if name.startswith("src/") and name.endswith((".py", ".yml"))]
    found = [(str(path.relative_to(ROOT)), line) for path in patterns for line in _forgetful(path.read_text(encoding="utf-8"))]
    assert found == [], "Python 3.11.0 to 3.11.2, which Debian 12 has, matches such patterns wrongly"


def test_a_possessive_repeat_that_looks_ahead_is_found() -> None:
    wrong = [r"(?:(?! src=).)*+ src", r"(?:[)]\)|\[(?=x{1,2}))++", r"((?<!a)b){2}+"]
    right = [r"(?:(?! src=).)* src", r"(?:[ab]++|\[(?=x))+", r"(?=a)b*+", r"(a)\++(?!b)"]
    assert [bool(list(_forgetful(text))) for text in (*wrong, *right)] == [True] * 3 + [False] * 4


def _forgetful(text: str) -> Iterator[int]:
    """Yield the lines with a group that looks ahead or behind and is repeated possessively."""
    for number, line in enumerate(text.splitlines(), 1):
        if not re.search(r"\(\?<?[=!]", line):
            continue
        bare = re.sub(r"\[(?:\\.|[^\]\\])+\]", "c", re.sub(r"\\[^\[\]]", "e", line.replace(r"\[", "e").replace(r"\]", "e")))
        looked: list[bool] = []
        for at, char in enumerate(bare):
            if char == "(":
                looked.append(re.match(r"\(\?<?[=!]", bare[at:]) is not None)
            elif char == ")" and looked:
                inside = looked.pop()
                if inside and re.match(r"\)(?:[*+?]|\{\d+(?:,\d*)?\})\+", bare[at:]):
                    yield number
                if looked and inside:
                    looked[-1] = True
