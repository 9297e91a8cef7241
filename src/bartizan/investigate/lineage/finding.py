"""Find the process that somebody means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from bartizan.investigate.lineage.contract import Thing
    from bartizan.investigate.lineage.steps import Known

__all__ = ["process_named"]

_SHOWN = 8


def process_named(known: Known, name: str) -> Thing:
    """Return the process of this id (or its beginning), number, or program (a path or its end); UsageError where none or several are."""
    text = name.strip("{}").lower()
    first = {step.effect: step.time for step in reversed(known.steps) if step.verb == "started"}
    found = [thing for thing in known.processes if thing.name == text]
    if not found:
        found = [
            thing
            for thing, told in known.processes.items()
            if text == str(told.pid) or _ends(told.path.lower(), text) or (len(text) >= _SHOWN and thing.name.startswith(text))
        ]
    if len(found) == 1:
        return found[0]
    if not found:
        message = f"no process '{name}' in the records of this host; name it by its id, its number, or its program"
        raise UsageError(message)
    ordered = sorted(found, key=lambda thing: (first.get(thing, 0), thing.name))
    told = "; ".join(f"{thing.name} ({known.processes[thing].path})" for thing in ordered[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    message = f"{len(found)} processes are called '{name}'; name one by its id: {told}{more}"
    raise UsageError(message)


def _ends(path: str, text: str) -> bool:
    return path == text or path.endswith(("\\" + text, "/" + text))
