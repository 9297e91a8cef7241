"""What the documents at the root name is there."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import takewhile
from typing import TYPE_CHECKING

import pytest
from tests.house.checkout import PACKAGE, ROOT, files, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-cluster.lock")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b|what-was-found")


def rooms() -> set[str]:
    """Return the rooms that there are: the folders of the package, but for the one in which they meet."""
    return {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()} - {"workbench"}


def test_the_architecture_names_the_rooms_that_there_are() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)) == rooms()


def test_the_architecture_says_which_rooms_are_empty() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    said = set(re.findall(r"^\| `(\w+)/` \| \*empty yet", text, re.MULTILINE))
    assert said == {room for room in rooms() if len(list((PACKAGE / room).rglob("*.py"))) == 1}


def test_every_path_that_the_documents_name_is_there() -> None:
    missing = [f"{name}: {path}" for name in files() if name.endswith(".md") for path in _paths(name) if not list(ROOT.glob(path))]
    assert missing == []


def _paths(document: str) -> Iterator[str]:
    """Find the paths in a document that say where something is: in backquotes, below a folder of the root, up to a PLACEHOLDER."""
    folders = {name.split("/")[0] for name in files() if "/" in name}
    for path in re.findall(r"`(?:[^`\s]+ )*([\w.*-]+/[\w./*-]*)`", (ROOT / document).read_text()):
        parts = path.rstrip("/").split("/")
        if parts[0] in folders:
            yield "/".join(takewhile(lambda part: not PLACEHOLDER.search(part), parts))


def test_every_link_between_documents_leads_somewhere() -> None:
    links = [(name, link) for name in files() if name.endswith(".md") for link in LINK.findall((ROOT / name).read_text())]
    assert [f"{name}: {link}" for name, link in links if not (ROOT / name).parent.joinpath(link).exists()] == []
    assert ("CONTRIBUTING.md", "docs/guide/rules.md") in links


def test_every_target_that_a_document_calls_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {(name, word) for name in files() if name.endswith(".md") for word in _targets(name)}
    assert {(name, word) for name, word in called if word not in targets} == set()


def _targets(document: str) -> list[str]:
    text = (ROOT / document).read_text()
    return re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, re.MULTILINE)


def test_every_extra_that_an_error_names_exists() -> None:
    named = {extra for tree in modules().values() for extra in _extras(tree)}
    assert named <= set(PROJECT["project"]["optional-dependencies"])


def test_the_search_for_extras_finds_them() -> None:
    assert list(_extras(ast.parse("raise MissingExtra('queries', 'sql') from error\nMissingExtra('x', extra='y')"))) == ["sql", "y"]


def _extras(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "MissingExtra":
            given = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "extra")]
            yield from (str(value.value) for value in given if isinstance(value, ast.Constant))


def test_the_lock_holds_every_dependency() -> None:
    groups = [PROJECT["project"]["dependencies"], PROJECT["build-system"]["requires"]]
    groups += [*PROJECT["project"]["optional-dependencies"].values(), *PROJECT["dependency-groups"].values()]
    asked = {_plain(wanted) for group in groups for wanted in group}
    lines = [line for name in LOCKS for line in (ROOT / name).read_text().splitlines()]
    locked = {_plain(line) for line in lines if not line.startswith((" ", "#"))}
    assert asked - locked == {"pyspark-client"}, "run `make lock`; pyspark-client is a part of pyspark, and of one name inside"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_file_is_held_to_its_hash(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    assert [entry.split()[0] for entry in entries if "==" in entry.split()[0] and "--hash=sha256:" not in entry] == []


def _plain(requirement: str) -> str:
    """Return the name that a requirement starts with, normalised as package names are compared."""
    match = NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def test_the_index_of_the_documents_names_each_of_them() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [
        name.removeprefix("docs/") for name in files() if name.startswith("docs/") and name.endswith(".md") and name != "docs/README.md"
    ]
    assert [page for page in pages if f"]({page})" not in index] == []
