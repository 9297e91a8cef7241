"""Read a template of CloudFormation, YAML or JSON, into facts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap, Uid
from bartizan.collect.inventory.declared.contract import Account
from bartizan.collect.inventory.declared.facts import facts_of
from bartizan.collect.inventory.templates.stack import Stack
from bartizan.documents import Document, Map, documents
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts

__all__ = ["is_template", "read_template", "template_of"]

_NAMES: Final = (
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "ForEach",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
)
_MORE: Final = ("Select", "Split", "Sub", "ToJsonString", "Transform")
_TAGS: Final = {"!Ref": "Ref", "!Condition": "Condition", **{f"!{name}": f"Fn::{name}" for name in (*_NAMES, *_MORE)}}
_MAX_BYTES: Final = 8_000_000
"""AWS takes templates of at most 1 MB."""


def is_template(document: Any) -> bool:  # noqa: ANN401 - YAML holds anything
    """Say whether a document is a template: it has resources, of which one has a type of AWS."""
    resources = document.get("Resources") if isinstance(document, dict) else None
    if not isinstance(resources, dict):
        return False
    types = [one.get("Type") for one in resources.values() if isinstance(one, dict)]
    return "AWSTemplateFormatVersion" in document or any(isinstance(one, str) and one.startswith(("AWS::", "Custom::")) for one in types)


def template_of(content: bytes) -> tuple[Map | None, str]:
    """Return the document of a template, and why it is none where it is not."""
    read = list(documents(content, _TAGS))
    if len(read) == 1 and isinstance(read[0], Document):
        found = read[0].value
    elif content.lstrip()[:1] == b"{":  # JSON may hold tabs, YAML not
        try:
            found = _with_lines(json.loads(content))
        except (ValueError, RecursionError) as error:
            return None, f"this is no JSON: {error}"
    else:
        why = next((f"line {one.line}: {one.why}" for one in read if not isinstance(one, Document)), f"it has {len(read)} documents")
        return None, why
    return (found, "") if isinstance(found, Map) and is_template(found) else (None, "it has no Resources")


def read_template(path: Path, *, variables: Mapping[str, Any] | None = None, where: Account | None = None, stack: str = "") -> Facts:
    """Read a template; InputError where there is none.

    ``variables`` are its parameters, ``where`` is the account and region it is for, ``stack`` its name (the file's without it).
    """
    place = Path(path)
    try:
        if place.stat().st_size > _MAX_BYTES:
            message = f"{path}: it has more than {_MAX_BYTES} bytes, and AWS takes no template of more than 1 MB"
            raise InputError(message)
        content = place.read_bytes()
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise InputError(message) from error
    document, why = template_of(content)
    if document is None:
        message = f"{path}: it is no template of CloudFormation: {why}"
        raise InputError(message)
    held = where or Account()
    at = Account(held.account or "000000000000", held.region or "us-east-1", held.partition, held.tags)
    made = Stack(document, file=place.name, name=stack or place.stem, given=variables or {}, where=at)
    declared = made.declared()
    facts = facts_of(declared, "template")
    if not held.account:
        told = f"the account of the template is taken to be {at.account}"
        made.gaps.insert(0, Gap(provider="aws", call=place.name, reason="assumed", detail=told, uid=Uid("template:account")))
    facts.gaps[:0] = made.gaps
    return facts


def _with_lines(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON as the reader of YAML gives it; nothing knows its lines."""
    if isinstance(value, list):
        return [_with_lines(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = Map(0)
    made.update({key: _with_lines(one) for key, one in value.items()})
    return made
