"""Read the files of one module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.declared.sections import block_names
from bartizan.collect.inventory.terraform.blocks import Source
from bartizan.collect.inventory.terraform.hcl.json_syntax import parse_json
from bartizan.collect.inventory.terraform.hcl.parser import MAX_BYTES, parse
from bartizan.collect.inventory.terraform.hcl.syntax import Broken

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.terraform.estate import Estate

__all__ = ["read_source"]

_IN_DOCUMENTS: Final = frozenset({"statement", "condition", "principals", "not_principals"})
_MAX_FILES: Final = 20_000
_LABELS: Final = {"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "provider": 1, "locals": 0}


def read_source(estate: Estate, folder: Path) -> Source:
    """Read all ``*.tf`` and ``*.tf.json`` of a folder, once; a file that is broken is told, and the others are read."""
    if folder in estate.sources:
        return estate.sources[folder]
    made = estate.sources[folder] = Source()
    for path in sorted([*folder.glob("*.tf"), *folder.glob("*.tf.json")]):
        estate.files += 1
        if estate.files > _MAX_FILES:
            estate.lost(estate.shown(folder), 0, f"there are more than {_MAX_FILES} files")
            break
        _read(estate, path, made)
    return made


def _blocks(declared: str) -> frozenset[str]:
    """Return what is a block in a type of resource or data source."""
    return _IN_DOCUMENTS if declared == "aws_iam_policy_document" else block_names(declared)


def _read(estate: Estate, path: Path, made: Source) -> None:
    shown = estate.shown(path)
    try:
        if not path.resolve().is_relative_to(estate.within):
            estate.lost(shown, 0, "it is a link that leads outside of the folder that is read")
            return
        if path.is_symlink() and not path.exists():
            estate.lost(shown, 0, "it is a link that leads nowhere")
            return
        if not path.is_file():
            return  # a folder, a pipe: Terraform reads none of them either
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        body = parse_json(content, shown, _blocks) if path.suffix == ".json" else parse(content, shown)
    except Broken as broken:
        estate.lost(shown, broken.line, broken.why)
        return
    except (OSError, RecursionError) as error:
        estate.lost(shown, 0, str(error))
        return
    for number, block in enumerate(body.blocks):
        if len(block.labels) != _LABELS.get(block.type, len(block.labels)):
            estate.gap(shown, block.line, f"the block {block.type} is not read: it has {len(block.labels)} labels")
            continue
        several = block.type in ("locals", "provider") or block.type not in _LABELS
        labels = (*block.labels, shown, str(number)) if several else block.labels
        held = made.held.setdefault(block.type, {})
        if labels in held:
            told = f"{'.'.join((block.type, *block.labels))} stands twice, first at {held[labels].file}:{held[labels].line}"
            estate.gap(shown, block.line, told)
            continue
        held[labels] = block
