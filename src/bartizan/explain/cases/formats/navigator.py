"""Write the techniques of a case as an ATT&CK Navigator layer (format 4.5, mitre-attack/attack-navigator, ``layers/spec/v4.5``)."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.explain.text import amount
from bartizan.schema.attack import ATTACK_VERSION

if TYPE_CHECKING:
    from bartizan.explain.cases.page import CasePage
    from bartizan.investigate.contract import Signal

__all__ = ["navigator"]

_GRADIENT: Final = ("#fbe9d7", "#e8833a", "#a3123a")


def navigator(page: CasePage) -> str:
    """Return the layer: the score of a technique is the number of findings of the case that tell of it."""
    held: defaultdict[str, list[Signal]] = defaultdict(list)
    for signal in page.case.signals:
        for uid in {one for finding in signal.findings for one in finding.techniques}:
            held[uid].append(signal)
    techniques = [_technique(uid, signals) for uid, signals in sorted(held.items())]
    layer = {
        "name": f"Case {page.case.id}",
        "versions": {"attack": ATTACK_VERSION, "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": page.headline,
        "sorting": 3,
        "layout": {"layout": "side", "showID": True, "showName": True, "expandedSubtechniques": "annotated"},
        "techniques": techniques,
        "gradient": {"colors": list(_GRADIENT), "minValue": 0, "maxValue": max((len(one) for one in held.values()), default=1)},
        "legendItems": [],
        "metadata": [{"name": "case", "value": page.case.id}, {"name": "findings", "value": str(sum(s.count for s in page.case.signals))}],
    }
    return json.dumps(layer, indent=1) + "\n"


def _technique(uid: str, signals: list[Signal]) -> dict[str, object]:
    level = NAMES[max(signal.severity_id for signal in signals)].lower()
    findings = sum(signal.count for signal in signals)
    rules = len({signal.rule for signal in signals})
    return {
        "techniqueID": uid,
        "score": findings,
        "enabled": True,
        "comment": f"{amount(findings, 'finding')} of {amount(rules, 'rule')}, gravest level {level}",
        "metadata": [{"name": "first", "value": str(signals[0].first)}, {"name": "level", "value": level}],
        "showSubtechniques": "." in uid,
    }
