"""Read saved searches of Splunk (``savedsearches.conf``), and refuse each with the commands that cannot be carried.

There is no maintained library that makes Sigma of SPL. What runs, how often and over which time is told, so that a person
can write the rule anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.contract import Imported, Translated, refused
from bartizan.rules.imports.files import files_of
from bartizan.rules.imports.naming import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["commands_of", "read_splunk"]

_STANZA: Final = re.compile(r"\[(.*)\]\s*$")
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|\[|\]|\||[^"\[\]|]++|"')
_COMMAND: Final = re.compile(r"\s*(`?\w+)")


def read_splunk(path: Path) -> Imported:
    """Read a file of saved searches, or every ``.conf`` file of a folder; InputError where there is none."""
    problems: list[str] = []
    rules: list[Translated] = []
    for file, shown in files_of(path, (".conf",)):
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            problems.append(f"{shown}: cannot be read: {error}")
            continue
        rules += [_refused(name, settings, shown, line) for name, line, settings in _stanzas(text) if name != "default"]
    return Imported(language="splunk", rules=rules, problems=problems)


def commands_of(search: str) -> list[str]:
    """Return the commands of a search, in order, without those of searches inside it; what stands before the first ``|`` is ``search``."""
    pieces, depth = [""], 0
    for met in _PIECE.finditer(search):
        depth += (met[0] == "[") - (met[0] == "]")
        if met[0] == "|" and depth <= 0:
            pieces.append("")
        elif depth <= 0 or met[0] == "[":
            pieces[-1] += met[0]
    named = [_COMMAND.match(piece) for piece in pieces[1:]]
    return [*(["search"] if pieces[0].strip() else []), *(met[1] for met in named if met is not None)]


def _stanzas(text: str) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Yield the stanzas of a file with their lines and settings; a backslash at the end joins a line with the next."""
    name, begun = "default", 1
    settings: dict[str, str] = {}
    key, goes_on = "", False
    for number, line in enumerate(text.splitlines(), 1):
        ends = not line.endswith("\\")
        if goes_on:
            settings[key] += "\n" + line.removesuffix("\\")
        elif (met := _STANZA.match(line)) is not None:
            yield name, begun, settings
            name, begun, settings = met[1], number, {}
        elif "=" in line and not line.lstrip().startswith(("#", ";")):
            key, _, value = line.partition("=")
            key = key.strip()
            settings[key] = value.strip().removesuffix("\\")
        goes_on = not ends and (goes_on or "=" in line)
    yield name, begun, settings


def _refused(name: str, settings: dict[str, str], path: str, line: int) -> Translated:
    search = settings.get("search", "")
    commands = commands_of(search)
    runs = "; ".join(f"{key} = {settings[key]}" for key in ("cron_schedule", "dispatch.earliest_time") if key in settings)
    if not search.strip():
        why = "it has no search"
    else:
        why = f"no maintained library makes Sigma of SPL; its commands: {', '.join(commands)}{'; it runs by ' + runs if runs else ''}"
    return Translated(id=name, title=title_of(settings.get("description", ""), name), path=path, line=line, pieces=[refused("search", why)])
