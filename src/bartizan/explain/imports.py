"""Tell what became of rules that were taken over from another tool."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import shorten, visible
from bartizan.rules.imports.contract import APPROXIMATED, CARRIED, REFUSED
from bartizan.rules.imports.writing import MAPPINGS, RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.rules.imports.contract import Imported, Piece, Translated

__all__ = ["tell"]

_WIDTH: Final = 80
_ORDER: Final = (REFUSED, APPROXIMATED, CARRIED)


def tell(imported: Imported, out: Path | None, *, everything: bool = False) -> Iterator[str]:
    """Yield the lines of the report: what was refused first, then what was approximated, with ``everything`` what was carried too."""
    for problem in imported.problems:
        yield visible(f"not read: {problem}")
    for fate in _ORDER if everything else _ORDER[:-1]:
        for rule in (*imported.sources, *imported.rules):
            if rule.fate == fate:
                yield from _rule(rule, everything=everything)
    for remark in imported.remarks:
        yield visible(f"note: {remark}")
    yield from _totals(imported)
    if out is not None:
        mapping = f" --mapping {out / MAPPINGS}" if imported.mappings else ""
        yield visible(f"run them: bartizan hunt LOGS --rules {out / RULES}{mapping}")


def _rule(rule: Translated, *, everything: bool) -> Iterator[str]:
    yield visible(f"{rule.fate:12} {rule.id}  {shorten(rule.title, _WIDTH)}  ({rule.path}:{rule.line})")
    for piece in rule.pieces:
        if everything or piece.fate == rule.fate:
            yield visible(f"    {piece.part}: {_became(piece)}")
    if rule.note:
        yield visible(f"    {rule.note}")


def _became(piece: Piece) -> str:
    said = "; ".join(text for text in (piece.direction, piece.why) if text)
    return f"{piece.fate}: {said}" if said else piece.fate


def _totals(imported: Imported) -> Iterator[str]:
    yield _sum(imported.rules, "rules")
    documents = sum(len(rule.documents) for rule in imported.rules)
    silent = sum(bool(rule.note) and rule.fate != REFUSED for rule in imported.rules)
    yield f"{documents} Sigma documents made of them" + (f"; {silent} rules report nothing by themselves" if silent else "")
    if imported.sources:
        yield _sum(imported.sources, "decoders")


def _sum(rules: Sequence[Translated], what: str) -> str:
    counts = Counter(rule.fate for rule in rules)
    return f"{len(rules)} {what} = " + " + ".join(f"{counts[fate]} {fate}" for fate in reversed(_ORDER))
