"""Read rules and decoders of Wazuh 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.errors import InputError
from bartizan.rules.imports.contract import Imported
from bartizan.rules.imports.wazuh.ruleset import Ruleset, documents_of
from bartizan.rules.imports.wazuh.translation import LANGUAGE, Translator
from bartizan.rules.imports.wazuh.tree import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.rules.imports.wazuh.xml import Element

__all__ = ["read_wazuh"]


def read_wazuh(path: Path) -> Imported:
    """Read a file of rules or decoders, or every ``.xml`` file of a folder; InputError where there is none."""
    ruleset = Ruleset()
    decoders: list[tuple[str, Element]] = []
    for file in _files(path):
        shown = str(file.relative_to(path)) if path.is_dir() else file.name
        try:
            content = file.read_bytes()
        except OSError as error:
            ruleset.problems.append(f"{shown}: cannot be read: {error.strerror}")
            continue
        roots = documents_of(content, shown, ruleset.problems)
        decoders += [(shown, root) for root in roots if root.name == "decoder"]
        if any(root.name != "decoder" for root in roots):
            ruleset.add(shown, [root for root in roots if root.name != "decoder"])
    if not ruleset.rules and not decoders and not ruleset.problems:
        message = f"{path}: holds neither rules nor decoders of Wazuh"
        raise InputError(message)
    translated = list(Translator(Tree(ruleset.rules)).all())
    return Imported(language=LANGUAGE, rules=translated, problems=ruleset.problems, remarks=ruleset.remarks)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(file for file in path.rglob("*.xml") if file.is_file()) if path.is_dir() else []
    if not files:
        message = f"{path}: {'holds no .xml file' if path.is_dir() else 'there is no such file or folder'}"
        raise InputError(message)
    return files
