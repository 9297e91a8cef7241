"""Say how grave an alert is: the rule's level, moved by half levels for confidence, worth of what it is about, and exposure.

Half levels are whole numbers, so the same facts give the same severity on every machine; an odd sum is rounded up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.contract import Factor

if TYPE_CHECKING:
    from bartizan.detect.alerts.assets import Asset
    from bartizan.detect.alerts.contract import RuleFacts

__all__ = ["NAMES", "severity", "weight"]

NAMES: Final = ("Unknown", "Informational", "Low", "Medium", "High", "Critical")
"""OCSF ``severity_id`` -> caption."""
_MEDIUM: Final = 3
_CONFIDENCE: Final = {1: ("Low", -1), 2: ("Medium", 0), 3: ("High", 0)}
_WORTH: Final = {"critical": 2, "high": 1, "normal": 0, "low": -2}
_EXPOSURE: Final = {"internet": 1, "internal": 0, "isolated": -1}


def severity(rule: RuleFacts, asset: Asset | None) -> tuple[int, tuple[Factor, ...]]:
    """Return the OCSF ``severity_id`` and what it follows from; what is not known moves nothing, and is said."""
    factors = (_level(rule.severity_id), _confidence(rule.confidence_id), _worth(asset), _exposure(asset))
    half = sum(factor.half_levels for factor in factors)
    return min(max((half + 1) // 2, 1), len(NAMES) - 1), factors


def weight(severity_id: int) -> float:
    """Return the worth of a severity: three of one are worth one of the next, a medium is 1."""
    return float(3.0 ** (severity_id - _MEDIUM))


def _level(level: int) -> Factor:
    if not level:
        return Factor("level", "unknown", 2 * _MEDIUM, "the rule has no level: taken as medium")
    return Factor("level", NAMES[level].lower(), 2 * level, "the level that the rule gives")


def _confidence(confidence: int) -> Factor:
    name, half = _CONFIDENCE.get(confidence, ("", 0))
    if not name:
        return Factor("confidence", "unknown", 0, "the rule does not say how far it can be trusted")
    return Factor("confidence", name.lower(), half, "the status of the rule" + (": many false alarms are to be expected" if half else ""))


def _worth(asset: Asset | None) -> Factor:
    if asset is None or not asset.value:
        return Factor("asset value", "unknown", 0, "no list of assets says what it is worth")
    return Factor("asset value", asset.value, _WORTH[asset.value], f"{asset.origin} says so of {asset.pattern}")


def _exposure(asset: Asset | None) -> Factor:
    if asset is None or not asset.exposure:
        return Factor("exposure", "unknown", 0, "no list of assets says who can reach it")
    return Factor("exposure", asset.exposure, _EXPOSURE[asset.exposure], f"{asset.origin} says so of {asset.pattern}")
