"""Keep exceptions: Sigma filter documents that say who answers for them, why, and until when.

An exception is an ordinary Sigma filter with three keys of ours beside it: ``owner``, ``reason`` and ``expires``, its last
day. Any pack may hold some; those that are saved for every hunt stand in one file of the user's.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_OID, uuid5

import yaml

from bartizan.documents import Refused, documents
from bartizan.errors import InputError, OutputError, UsageError
from bartizan.rules.library import library_folder
from bartizan.rules.plan import Filter, Refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bartizan.rules.plan import Node
    from bartizan.schema.logsource import Logsource

__all__ = ["Draft", "Saved", "add", "exceptions_file", "remove", "saved", "saved_files", "where_of"]

SELECTION: Final = "held_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An exception to a rule, or to ``any`` rule of a log source: records in which every field of ``where`` has one of its values."""

    rule: str
    """The rule's id, or ``any``."""
    about: str
    """The rule's title, or the log source, for people."""
    logsource: Logsource
    where: Mapping[str, Sequence[str]]
    owner: str
    reason: str
    expires: date

    @property
    def id(self) -> str:
        """Return the id that follows from what is held back: the same exception cannot be saved twice."""
        return str(uuid5(NAMESPACE_OID, yaml.safe_dump([self.rule, str(self.logsource), self._selection()])))

    @property
    def text(self) -> str:
        """Return the Sigma filter."""
        return self._text(f"not {SELECTION}")

    @property
    def inverted(self) -> str:
        """Return the filter that holds everything else back: what is left are the findings that the exception would hide."""
        return self._text(SELECTION)

    def node(self) -> Node:
        """Return what the exception asks of a record to hide it. UsageError where a field or value is none."""
        [outcome] = _compiled(self.inverted.encode())
        if isinstance(outcome, Filter):
            return outcome.condition
        message = f"--where: {outcome.why.removeprefix(f'{SELECTION}: ')}" if isinstance(outcome, Refuse) else "--where: is no filter"
        raise UsageError(message)

    def _selection(self) -> dict[str, object]:
        return {name: values[0] if len(values) == 1 else list(values) for name, values in self.where.items()}

    def _text(self, condition: str) -> str:
        source = self.logsource
        parts = {"product": source.product, "category": source.category, "service": source.service}
        what = "; ".join(f"{name} is {' or '.join(values)}" for name, values in self.where.items())
        document = {
            "title": f"{self.about}, where {what}"[:250],
            "id": self.id,
            "logsource": {name: part for name, part in parts.items() if part},
            "filter": {"rules": "any" if self.rule == "any" else [self.rule], SELECTION: self._selection(), "condition": condition},
            "owner": self.owner,
            "reason": self.reason,
            "expires": self.expires,
        }
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


@dataclass(frozen=True, slots=True)
class Saved:
    """A document of an exceptions file: the filter, or why it is none; ``text`` as it stands there."""

    what: Filter | Refuse
    text: str


def exceptions_file() -> Path:
    """Return where exceptions for every hunt are kept: ``$XDG_DATA_HOME/bartizan/exceptions.yml``, beside the packs."""
    return library_folder().with_name("exceptions.yml")


def saved_files() -> tuple[Path, ...]:
    """Return the user's file of exceptions; () where there is none, or nowhere to keep it."""
    try:
        file = exceptions_file()
    except OutputError:
        return ()
    return (file,) if file.is_file() else ()


def where_of(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read ``FIELD=VALUE`` words; a field that is given twice may have either value. UsageError where a word is none."""
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name.strip() or not equals:
            message = f"--where '{word}': write FIELD=VALUE, as in --where 'Image=*\\\\backup.exe'"
            raise UsageError(message)
        found[name.strip()] = (*found.get(name.strip(), ()), value)
    return found


def saved(file: Path) -> list[Saved]:
    """Return every document of an exceptions file, in order; InputError where it cannot be read."""
    content = _content(file)
    pieces = _pieces(content)
    outcomes = [one for one in _compiled(content) if pieces or not isinstance(one, Refuse)]
    return [Saved(what, text) for what, text in zip(outcomes, pieces, strict=True) if isinstance(what, Filter | Refuse)]


def add(draft: Draft, file: Path) -> None:
    """Save an exception. UsageError where it is there already, OutputError where the file cannot be written."""
    content = _content(file) if file.exists() else b""
    if any(isinstance(one, Filter) and one.id == draft.id for one in _compiled(content)):
        message = f"{file}: this exception is there already, as {draft.id}; remove it first to change who, why or until when"
        raise UsageError(message)
    before = content if not content or content.endswith(b"\n") else content + b"\n"
    _write(file, before + b"---\n" + draft.text.encode())


def remove(name: str, file: Path) -> str:
    """Take the exception of this id or title out of a file and return its title; what else stands there stays as it is."""
    everything = saved(file)
    broken = next((one for one in documents(_content(file)) if isinstance(one, Refused)), None)
    if broken is not None:
        message = f"{file}:{broken.line}: {broken.why}; mend this first: nothing can be taken out of a file that cannot be read whole"
        raise UsageError(message)
    found = [one.what for one in everything if isinstance(one.what, Filter) and name in {one.what.id, one.what.title}]
    if len(found) != 1:
        how = "there is none" if not found else f"there are {len(found)}: name one by its id"
        message = f"{file}: no exception can be removed as '{name}': {how}; `bartizan rules exceptions list` shows them"
        raise UsageError(message)
    kept = [one.text for one in everything if one.what is not found[0]]
    if kept:
        _write(file, "".join(kept).encode("utf-8", "surrogateescape"))
    else:
        _unlink(file)
    return found[0].title


def _compiled(content: bytes) -> list[object]:
    from bartizan.rules.compile import compiled  # noqa: PLC0415 - pySigma takes 120 ms to import: who only hunts does not wait for it

    return list(compiled(content, {}))


def _pieces(content: bytes) -> list[str]:
    """Cut a file into its documents as ``compiled`` counts them, comments and all; the text before the first belongs to it."""
    lines = content.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    starts: list[int] = []
    for number, one in enumerate(documents(content)):
        # A document begins with its '---' line where it has one, and libyaml tells that line; what is no YAML begins where it is met.
        if isinstance(one, Refused):
            starts.append(max(one.line, *starts, 1))
        elif one.value is not None or number:
            starts.append(one.line)
    bounds = [0, *(line - 1 for line in starts[1:]), len(lines)]
    return ["".join(lines[begin:end]) for begin, end in pairwise(bounds)] if starts else []


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"{file}: no exceptions can be read: {error.strerror or error}"
        raise InputError(message) from error


def _write(file: Path, content: bytes) -> None:
    """Replace the file in one step."""
    draft = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as made:
            draft = Path(made.name)
            made.write(content)
        draft.replace(file)
    except OSError as error:
        if draft is not None:
            with suppress(OSError):
                draft.unlink()
        message = f"{file}: cannot be written: {error.strerror or error}; name another file with --file"
        raise OutputError(message) from error


def _unlink(file: Path) -> None:
    try:
        os.unlink(file)  # noqa: PTH108 - as replace above
    except OSError as error:
        message = f"{file}: cannot be removed: {error.strerror or error}"
        raise OutputError(message) from error
