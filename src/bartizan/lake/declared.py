"""Declare the tables of the lake from OCSF and the mappings of all sources, never from the data that happens to come."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.lake.contract import Declared, Leaf
from bartizan.schema import ocsf
from bartizan.schema.required import required_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.schema.expressions import Table

__all__ = ["FINDINGS", "UNPARSED", "declare", "table_of"]

FINDINGS: Final = "detection_finding"
"""The table of findings: ours, and those that other products' records are."""
UNPARSED: Final = "unparsed"
"""The table of records that no source reads: OCSF base events with ``message`` (why) and ``raw_data``."""

_EVERY: Final = (
    *("time", "time_dt", "class_uid", "class_name", "category_uid", "category_name", "activity_id", "activity_name"),
    *("type_uid", "type_name", "severity_id", "severity", "message", "metadata.version", "metadata.uid", "metadata.sequence"),
    *("metadata.product.name", "metadata.product.vendor_name", "metadata.product.version", "metadata.log_name"),
    *("metadata.log_provider", "metadata.log_source", "metadata.original_time", "metadata.profiles", "observables"),
)
"""What every record may have, whatever its source."""
_LAST: Final = ("unmapped", "raw_data")
"""The long ones stand last, where they are in nobody's way."""
_OF_FINDINGS: Final = (
    *("finding_info.uid", "finding_info.title", "finding_info.desc", "finding_info.types", "finding_info.analytic.uid"),
    *("finding_info.analytic.name", "finding_info.analytic.desc", "finding_info.analytic.type", "finding_info.analytic.type_id"),
    *("finding_info.analytic.algorithm", "finding_info.analytic.category", "finding_info.analytic.state"),
    *("finding_info.analytic.state_id", "finding_info.attacks", "finding_info.tags", "confidence_id", "confidence"),
    *("status_id", "status", "is_alert", "start_time", "end_time", "metadata.extensions", "resources", "evidences"),
    *("confidence_score", "osint", "count", "finding_info.first_seen_time", "finding_info.last_seen_time"),
    *("finding_info.related_events", "finding_info.related_events_count"),
)
_DETECTION_FINDING: Final = 2004
_FINDINGS_SHOW: Final = ("device.", "cloud.")
"""Findings repeat these attributes of the record."""


def declare(tables: Iterable[Table]) -> dict[str, Declared]:
    """Return a table for every OCSF class that the mappings yield, one for findings and one for unparsed records.

    A mapping whose ``class_uid`` is not a constant may yield any class that the constants name, so its attributes are
    declared in each of these that has them. Attributes that OCSF does not have are not declared: their values are kept
    in ``unmapped``.
    """
    said: defaultdict[int | None, set[str]] = defaultdict(set)
    for mapping in tables:
        uid = mapping.get("class_uid")
        said[uid if isinstance(uid, int) else None].update(mapping)
    uids = sorted({uid for uid in said if uid is not None} | {0, _DETECTION_FINDING})
    names = {uid: _names(said[uid] | said[None], uid) for uid in uids}
    shown = sorted({name for own in said.values() for name in own if name.startswith(_FINDINGS_SHOW)})
    names[_DETECTION_FINDING] = tuple(dict.fromkeys((*_EVERY, *_OF_FINDINGS, *shown, *names[_DETECTION_FINDING])))
    declared = (_declared(uid, names[uid]) for uid in uids)
    return {item.name: item for item in (*declared, _declared(0, _EVERY, UNPARSED))}


def table_of(class_uid: int) -> str:
    """Return the name of the table of a class, the one of base events for a class that OCSF does not have."""
    known = ocsf.class_of(class_uid) or ocsf.class_of(0)
    return "" if known is None else known.name


def _names(said: set[str], class_uid: int) -> tuple[str, ...]:
    extensions = ("metadata.extensions",) if class_uid >= ocsf.EXTENSION else ()
    return (*_EVERY, *extensions, *sorted(said))


def _declared(class_uid: int, names: tuple[str, ...], name: str = "") -> Declared:
    full = dict.fromkeys((*names, *required_names(class_uid, names)))
    full = dict.fromkeys((*(name for name in full if name not in _LAST), *_LAST))
    leaves = (_leaf(class_uid, path) for path in full)
    return Declared(name or table_of(class_uid), class_uid, _consistent([leaf for leaf in leaves if leaf is not None]))


def _leaf(class_uid: int, path: str) -> Leaf | None:
    attribute = ocsf.attribute_at(class_uid, path)
    return None if attribute is None else Leaf(path, attribute)


def _consistent(leaves: list[Leaf]) -> tuple[Leaf, ...]:
    """Leave out an object that is a column where attributes within it are columns of their own."""
    parents = {leaf.path.rsplit(".", depth)[0] for leaf in leaves for depth in range(1, leaf.path.count(".") + 1)}
    return tuple(leaf for leaf in leaves if leaf.path not in parents)
