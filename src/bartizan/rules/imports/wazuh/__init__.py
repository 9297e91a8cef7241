"""Read rules and decoders of Wazuh 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.errors import InputError
from bartizan.rules.imports.contract import Imported, Translated
from bartizan.rules.imports.files import files_of
from bartizan.rules.imports.wazuh.decoders import DecoderFile, Fitted, fitted, read_decoders
from bartizan.rules.imports.wazuh.mappings import json_mapping, text_mappings, worlds_of
from bartizan.rules.imports.wazuh.ruleset import Ruleset, documents_of
from bartizan.rules.imports.wazuh.translation import LANGUAGE, Translator
from bartizan.rules.imports.wazuh.tree import Tree
from bartizan.rules.imports.wazuh.worlds import json_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["read_wazuh"]


def read_wazuh(path: Path) -> Imported:
    """Read a file of rules or decoders, or every ``.xml`` file of a folder; InputError where there is none."""
    ruleset = Ruleset()
    files: list[DecoderFile] = []
    for file, shown in files_of(path, (".xml",)):
        try:
            content = file.read_bytes()
        except OSError as error:
            ruleset.problems.append(f"{shown}: cannot be read: {error.strerror}")
            continue
        roots = documents_of(content, shown, ruleset.problems)
        files.append((shown, roots))
        if any(root.name not in ("decoder", "var") for root in roots):
            ruleset.add(shown, [root for root in roots if root.name != "decoder"])
    decoders = list(fitted(read_decoders(files, ruleset.problems)))
    if not ruleset.rules and not decoders and not ruleset.problems:
        message = f"{path}: holds neither rules nor decoders of Wazuh"
        raise InputError(message)
    translated = list(Translator(Tree(ruleset.rules, worlds_of(decoders))).all())
    return Imported(
        language=LANGUAGE,
        rules=translated,
        mappings=_mappings(decoders, translated),
        sources=[told for decoder in decoders for told in decoder.told],
        problems=ruleset.problems,
        remarks=ruleset.remarks,
    )


def _mappings(decoders: Sequence[Fitted], rules: Sequence[Translated]) -> dict[str, Any]:
    """Return the mapping files that imported rules need: of given decoders, and of JSON."""
    asked = [document for rule in rules for document in rule.documents if document.get("logsource") == dict(json_world().logsource)]
    fields = sorted({name for document in asked for name in _fields(document["detection"])})
    made = dict(text_mappings(decoders))
    return {**made, "wazuh-json": json_mapping(fields)} if fields else made


def _fields(detection: Mapping[str, Any]) -> Iterator[str]:
    for selection in detection.values():
        if isinstance(selection, dict):
            yield from (name.partition("|")[0] for name in selection)
