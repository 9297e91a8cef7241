"""Read the lists that rules ask for with ``expand``: what only the people on site know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_placeholders"]


def read_placeholders(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the lists of a YAML file, ``{Administrators: [admin-01, admin-02], Workstations: ["WS-*"]}``."""
    try:
        found = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise UsageError(message) from error
    except yaml.YAMLError as error:
        message = f"{path}: is no YAML: {' '.join(str(error).split())}"
        raise UsageError(message) from error
    if not isinstance(found, dict):
        message = f"{path}: holds no lists; write  Administrators: [admin-01, admin-02]"
        raise UsageError(message)
    return {str(name).strip("%"): _list(path, str(name), values) for name, values in found.items()}


def _list(path: Path, name: str, values: object) -> tuple[str, ...]:
    if isinstance(values, list) and values and all(isinstance(value, str | int) and not isinstance(value, bool) for value in values):
        return tuple(map(str, values))
    message = f"{path}: {name}: is no list of values; write  {name}: [first, second]"
    raise UsageError(message)
