"""Hold records that say they are OCSF to what OCSF says."""

from __future__ import annotations

from typing import Final

import msgspec

from bartizan.schema import ocsf
from bartizan.schema.ocsf.flaws import flaws

__all__ = ["flaws_of"]

_TOLD: Final = 3
"""Flaws named; the others are counted."""
_LONGEST: Final = 200
_read = msgspec.json.Decoder().decode


def flaws_of(raw: bytes) -> tuple[str, bool]:
    """Return what is wrong with a record, "" where nothing is, and whether it is of no class of OCSF.

    Told is what misleads a reader. What a release of OCSF calls by another name, or does not know yet, is none of it, and an
    attribute that is null is not there.
    """
    try:
        record = _without_nulls(_read(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "the record is no JSON object", False
    if not isinstance(record, dict):
        return "the record is no JSON object", False
    uid = record.get("class_uid")
    if uid is None:
        return f"class_uid is required and missing (OCSF {ocsf.VERSION})", False
    found = [flaw for flaw in flaws(record) if flaw.grave]
    if found and found[0].where == "class_uid":
        return f"class_uid {str(uid)[:_LONGEST]} is no class of OCSF {ocsf.VERSION}", True
    more = f", and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    told = "; ".join(f"{flaw.where} {flaw.what}"[:_LONGEST] for flaw in found[:_TOLD])
    return (f"{told}{more} (OCSF {ocsf.VERSION})" if found else ""), False


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
