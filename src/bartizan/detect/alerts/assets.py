"""Read what things are worth and who can reach them from a small list of the user's, CSV or YAML.

CSV: a header with ``entity,value,exposure``, then lines like ``host:dc-*,critical,internal``. YAML: a list of mappings with the
same keys. ``entity`` is ``kind:name``, where ``*`` and ``?`` stand for anything; an address may be a network (``ip:10.0.0.0/8``).
``value`` is critical, high, normal or low, ``exposure`` internet, internal or isolated; either may be left out.
"""

from __future__ import annotations

import csv
import fnmatch
import io
import ipaddress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import InputError
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["EXPOSURES", "VALUES", "Asset", "Assets", "read_assets"]

VALUES: Final = ("low", "normal", "high", "critical")
"""In rising order."""
EXPOSURES: Final = ("isolated", "internal", "internet")
"""In rising order."""
_NOT_SAID: Final = ("", "unknown")


@dataclass(frozen=True, slots=True)
class Asset:
    """One line of the list. ``value`` or ``exposure`` is "" where it is not said; ``origin`` is file and line."""

    pattern: str
    value: str
    exposure: str
    origin: str


class Assets:
    """Says of entities what the list says. An exact name goes before a pattern, a longer pattern before a shorter one."""

    def __init__(self, assets: Iterable[Asset] = ()) -> None:
        """Take the lines of a list."""
        ordered = sorted(assets, key=lambda asset: (_is_pattern(asset.pattern), -len(asset.pattern), asset.pattern))
        self._exact = {asset.pattern: asset for asset in reversed(ordered) if not _is_pattern(asset.pattern)}
        self._patterns = [asset for asset in ordered if _is_pattern(asset.pattern)]
        self._known: dict[Entity, Asset | None] = {}

    def of(self, entities: Sequence[Entity]) -> Asset | None:
        """Return what is said of the most valuable of some entities, None where nothing is said of any."""
        found = [asset for entity in entities if (asset := self._one(entity)) is not None]
        return max(found, key=lambda asset: (*_rank(asset), asset.pattern), default=None)

    def _one(self, entity: Entity) -> Asset | None:
        if entity not in self._known:
            text = str(entity)
            exact = self._exact.get(text)
            self._known[entity] = exact or next((asset for asset in self._patterns if _matches(asset.pattern, entity)), None)
        return self._known[entity]


def read_assets(path: Path) -> Assets:
    """Read a list. InputError says which line is wrong and what to do."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read as a list of assets: {error}"
        raise InputError(message) from error
    rows = _csv_rows(text) if path.suffix.lower() == ".csv" else _yaml_rows(text, path)
    return Assets(_asset(row, f"{path}:{line}") for line, row in rows)


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    for row in reader:
        yield reader.line_num, dict(row)


def _yaml_rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    import yaml  # noqa: PLC0415 - only who has such a list

    try:
        rows = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        message = f"{path}: is no YAML: {str(error).splitlines()[0]}"
        raise InputError(message) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = f"{path}: is no list of mappings; write lines like `- {{entity: 'host:dc-*', value: critical, exposure: internal}}`"
        raise InputError(message)
    yield from enumerate(rows, 1)


def _asset(row: dict[str, Any], origin: str) -> Asset:
    kind, colon, name = str(row.get("entity") or "").strip().partition(":")
    kinds = [one.value for one in EntityKind]
    if not colon or not name or kind not in kinds:
        message = f"{origin}: entity: '{row.get('entity')}' is not kind:name; kinds are {', '.join(kinds)}"
        raise InputError(message)
    return Asset(
        f"{kind}:{name.strip().lower()}", _choice(row, "value", VALUES, origin), _choice(row, "exposure", EXPOSURES, origin), origin
    )


def _choice(row: dict[str, Any], key: str, known: tuple[str, ...], origin: str) -> str:
    word = str(row.get(key) or "").strip().lower()
    if word in _NOT_SAID:
        return ""
    if word not in known:
        near = get_close_matches(word, known, n=1)
        message = f"{origin}: {key}: '{word}' is none of {', '.join(known)}" + (f"; did you mean '{near[0]}'?" if near else "")
        raise InputError(message)
    return word


def _rank(asset: Asset) -> tuple[int, int]:
    return (
        VALUES.index(asset.value) if asset.value else VALUES.index("normal"),
        EXPOSURES.index(asset.exposure) if asset.exposure else EXPOSURES.index("internal"),
    )


def _is_pattern(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[/") or "\\*" in pattern


def _matches(pattern: str, entity: Entity) -> bool:
    kind, _, name = pattern.partition(":")
    if kind != entity.kind.value:
        return False
    if entity.kind is EntityKind.IP and "/" in name:
        try:
            return ipaddress.ip_address(entity.value) in ipaddress.ip_network(name, strict=False)
        except ValueError:
            return False
    return fnmatch.fnmatchcase(entity.value.lower(), name)
