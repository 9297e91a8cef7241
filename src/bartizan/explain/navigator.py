"""Write findings as an ATT&CK Navigator layer, to be laid over other layers or shown in the Navigator.

Format: ATT&CK Navigator layer 4.5 (mitre-attack/attack-navigator, ``layers/spec/v4.5``). The score of a technique is the
number of findings whose rules are tagged with it; its comment says how many rules that were and how grave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.explain.text import amount
from bartizan.schema.attack import ATTACK_VERSION

if TYPE_CHECKING:
    from bartizan.explain.coverage import Cell
    from bartizan.explain.story import Story

__all__ = ["layer"]

_GRADIENT: Final = ("#fbe9d7", "#e8833a", "#a3123a")
"""Pale to dark, so that more findings stand out in print, too."""


def layer(story: Story, *, name: str = "Bartizan hunt") -> dict[str, object]:
    """Return the layer as JSON values. Techniques under no known tactic are marked under each of theirs."""
    techniques = [_technique(cell, lane.tactic.shortname if lane.tactic else "") for lane in story.lanes for cell in lane.cells]
    most = max((cell.findings for lane in story.lanes for cell in lane.cells), default=1)
    return {
        "name": name,
        "versions": {"attack": ATTACK_VERSION, "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": story.headline,
        "sorting": 3,
        "layout": {"layout": "side", "showID": True, "showName": True, "expandedSubtechniques": "annotated"},
        "techniques": techniques,
        "gradient": {"colors": list(_GRADIENT), "minValue": 0, "maxValue": most},
        "legendItems": [],
        "metadata": [{"name": "findings", "value": str(story.findings)}, {"name": "records", "value": str(story.events)}],
        "showTacticRowBackground": False,
        "selectTechniquesAcrossTactics": False,
        "selectSubtechniquesWithParent": False,
    }


def _technique(cell: Cell, tactic: str) -> dict[str, object]:
    entry: dict[str, object] = {
        "techniqueID": cell.technique.uid,
        "score": cell.findings,
        "enabled": True,
        "comment": f"{amount(cell.findings, 'finding')} of {amount(cell.rules, 'rule')}, gravest level {cell.level}",
        "metadata": [{"name": "rules", "value": str(cell.rules)}, {"name": "level", "value": cell.level}],
        "showSubtechniques": "." in cell.technique.uid,
    }
    if tactic:
        entry["tactic"] = tactic
    return entry
