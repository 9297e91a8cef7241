"""Say which labels a selector chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["chooses"]


def chooses(selector: object, labels: Mapping[str, str]) -> bool:
    """Say whether a selector (``matchLabels``, ``matchExpressions``) chooses labels; an empty one chooses all, none at all nothing.

    One that is no selector, or has an operator that there is not, chooses nothing: the API server refuses it.
    """
    if not isinstance(selector, dict):
        return False
    wanted, tests = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not isinstance(wanted, dict) or not isinstance(tests, list):
        return False
    return all(labels.get(key) == str(value) for key, value in wanted.items()) and all(_holds(test, labels) for test in tests)


def _holds(test: Any, labels: Mapping[str, str]) -> bool:  # noqa: ANN401 - JSON holds anything
    if not isinstance(test, dict):
        return False
    values = test.get("values") or []
    value = labels.get(str(test.get("key")))
    among = isinstance(values, list) and value in values
    match test.get("operator"):
        case "In":
            return value is not None and among
        case "NotIn":
            return not among
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case _:
            return False
