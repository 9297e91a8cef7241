"""The matcher azuma: ``python -m bartizan.testing.conformance.peers.azuma``. It knows rules, but no filters and correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from azuma.schemas import Rule

from bartizan.testing.conformance.serving import serve_standard_streams

if TYPE_CHECKING:
    from collections.abc import Mapping


def judge(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer one request."""
    documents = list(yaml.safe_load_all(asked["rules"]))
    if len(documents) > 1 or "detection" not in documents[0]:
        return {"unsupported": "no filters, no correlations"}
    if asked["placeholders"]:
        return {"unsupported": "no placeholders"}
    if not all(isinstance(event, dict) for event in asked["events"]):
        return {"unsupported": "no lines of text"}
    try:
        rule = Rule.model_validate(documents[0])
    except Exception as error:  # noqa: BLE001 - however it says that this is no rule of its
        return {"unsupported" if "nsupported" in str(error) else "refused": str(error)}
    return {"matches": [number for number, event in enumerate(asked["events"]) if rule.match(event)]}


if __name__ == "__main__":
    serve_standard_streams(judge)
