"""Make a rule that can be judged from a document as YAML gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from sigma.exceptions import SigmaDetectionError
from sigma.policy.profiles import TrustedPolicy
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaCompareExpression, SigmaNumber

from bartizan.rules.reference.tree import AllOf, Node, tree_of
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from bartizan.rules.reference.expand import Placeholders

__all__ = ["ReferenceRule", "documents_in", "reference_rule", "sigma_rule"]


@dataclass(frozen=True, slots=True)
class ReferenceRule:
    """A rule ready to be judged: what log source it asks for, what it asks of a record, and what it is called."""

    logsource: Logsource
    tree: Node
    title: str = ""
    id: str = ""


def reference_rule(
    document: Mapping[str, Any],
    *,
    placeholders: Placeholders | None = None,
    filters: Sequence[Mapping[str, Any]] = (),
) -> ReferenceRule:
    """Build a rule; the conditions of filter documents must hold beside its own. Raises a SigmaError where it is no rule."""
    rule = sigma_rule(document)
    source = rule.logsource
    trees = [tree_of(rule, placeholders)]
    for item in filters:
        asked = {name: value for name, value in item["filter"].items() if name != "rules"}
        trees.append(tree_of(sigma_rule({**item, "detection": asked}), placeholders))
    tree = trees[0] if len(trees) == 1 else AllOf(tuple(trees), "the rule and its filters")
    logsource = Logsource(source.product or "", source.category or "", source.service or "")
    return ReferenceRule(logsource, tree, str(document["title"]), str(document.get("id", "")))


def documents_in(content: bytes) -> list[Any]:
    """Return the documents of a YAML file, as far as it can be read."""
    found: list[Any] = []
    try:
        for document in yaml.load_all(content, yaml.CSafeLoader):
            found.append(document)  # noqa: PERF402 - what was read before an error stays
    except yaml.YAMLError:
        return found
    return found


def sigma_rule(document: Mapping[str, Any]) -> SigmaRule:
    """Read what a document asks with pySigma, and mend what pySigma 2.0 loses: ``utf16le``, and whole numbers beyond 2^53."""
    asked = document["detection"]
    if isinstance(asked, Mapping):
        asked = {name: value if name == "condition" else _renamed(value) for name, value in asked.items()}
    # pySigma's other policy would have RE2 say which regular expressions there are; Python's own engine is what judges them here.
    parts = {"title": document["title"], "logsource": document["logsource"], "detection": asked}
    rule = SigmaRule.from_dict(parts, policy=TrustedPolicy)
    for name, detection in rule.detection.detections.items():
        _make_exact(detection, asked[name])
    return rule


def _renamed(definition: Any) -> Any:  # noqa: ANN401 - YAML holds anything
    """Write ``wide`` for ``utf16le``: the specification makes one an alias of the other, and pySigma knows only one."""
    if isinstance(definition, Mapping):
        return {_key(key): value for key, value in definition.items()}
    return [_renamed(item) for item in definition] if isinstance(definition, list) else definition


def _key(key: Any) -> Any:  # noqa: ANN401 - YAML holds anything
    if not isinstance(key, str):
        message = f"field name {key!r} is no text"
        raise SigmaDetectionError(message)
    name, *modifiers = key.split("|")
    return "|".join([name, *("wide" if modifier == "utf16le" else modifier for modifier in modifiers)])


def _make_exact(detection: SigmaDetection, definition: Any) -> None:  # noqa: ANN401 - YAML holds anything
    """Put the whole numbers of a definition back in, as far as 64 bits hold them: pySigma takes them through a float."""
    items = detection.detection_items
    if isinstance(definition, Mapping):
        pairs = list(zip(items, definition.values(), strict=True))
    elif isinstance(definition, list) and not isinstance(items[0], SigmaDetectionItem):
        pairs = list(zip(items, definition, strict=True))
    else:
        pairs = [(items[0], definition)]
    for item, written in pairs:
        if isinstance(item, SigmaDetection):
            _make_exact(item, written)
            continue
        for value, number in zip(item.value, written if isinstance(written, list) else [written], strict=False):
            held = value.number if isinstance(value, SigmaCompareExpression) else value
            if type(number) is int and isinstance(held, SigmaNumber) and -(2**63) <= number < 2**64:
                held.number = number
