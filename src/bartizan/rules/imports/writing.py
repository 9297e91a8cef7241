"""Write an import as a folder that is whole or not there: ``rules/``, ``mappings/`` and ``import.json``."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from bartizan.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.rules.imports.contract import Imported, Translated

__all__ = ["MAPPINGS", "REPORT", "RULES", "check_folder", "report_of", "text_of", "write"]

REPORT: Final = "import.json"
RULES: Final = "rules"
MAPPINGS: Final = "mappings"


def text_of(documents: Sequence[Mapping[str, Any]]) -> str:
    """Return YAML documents, keys in the order given."""
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=140)


def report_of(imported: Imported) -> dict[str, Any]:
    """Return what became of everything, as JSON holds it."""
    return {
        "language": imported.language,
        "rules": len(imported.rules),
        "fates": dict(sorted(Counter(rule.fate for rule in imported.rules).items())),
        "documents": sum(len(rule.documents) for rule in imported.rules),
        "problems": list(imported.problems),
        "remarks": list(imported.remarks),
        "translated": [_told(rule) for rule in imported.rules],
        "sources": [_told(source) for source in imported.sources],
    }


def check_folder(out: Path, *, force: bool) -> None:
    """Say before the work that results cannot be written. OutputError where something is there that is not to be replaced."""
    if not out.exists():
        if not out.absolute().parent.is_dir():
            message = f"{out}: cannot be written: there is no folder {out.absolute().parent}; make it or name another"
            raise OutputError(message)
        return
    if not out.is_dir():
        message = f"{out}: is a file; name a folder"
        raise OutputError(message)
    if any(out.iterdir()) and not force:
        message = f"{out}: is there already; --force replaces an earlier import, or name another folder"
        raise OutputError(message)
    if any(out.iterdir()) and not (out / REPORT).is_file():
        message = f"{out}: holds no {REPORT} of an earlier import, so --force does not replace it; name another folder"
        raise OutputError(message)


def write(imported: Imported, out: Path, *, force: bool = False) -> None:
    """Write an import; whoever looks sees the whole of it or what was there before. OutputError where that cannot be done."""
    check_folder(out, force=force)
    parent = out.absolute().parent
    draft = old = None
    try:
        draft = Path(tempfile.mkdtemp(dir=parent, prefix=f".{out.name[:100]}."))
        _fill(imported, draft)
        draft.chmod(0o777 & ~_umask())
        if out.exists():
            old = Path(tempfile.mkdtemp(dir=parent, prefix=f".{out.name[:100]}.old."))
            out.replace(old / "old")
        draft.replace(out)
    except BaseException as error:
        if old is not None and not out.exists():
            (old / "old").replace(out)
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        message = f"{out}: cannot be written: {error.strerror or error}; free some room or name another folder"
        raise OutputError(message) from error
    finally:
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def _fill(imported: Imported, folder: Path) -> None:
    (folder / RULES).mkdir()
    for rule in imported.rules:
        if rule.documents:
            (folder / rule.place).write_text(text_of(rule.documents), encoding="utf-8")
    if imported.mappings:
        (folder / MAPPINGS).mkdir()
    for name, mapping in imported.mappings.items():
        (folder / MAPPINGS / f"{name}.yml").write_text(text_of([mapping]), encoding="utf-8")
    (folder / REPORT).write_text(json.dumps(report_of(imported), indent=1) + "\n", encoding="utf-8")


def _told(rule: Translated) -> dict[str, Any]:
    told = asdict(rule)
    told["documents"] = [document.get("id", "") for document in rule.documents]
    return {"fate": rule.fate, **told}


def _umask() -> int:
    """Return the mask of new files; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


class _Dumper(yaml.SafeDumper):
    """Writes no anchors: each document is to be read alone."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write equal values out, each time."""
        return True
