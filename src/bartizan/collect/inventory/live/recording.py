"""Keep answers in a folder as they come, so that a run that was killed goes on, and facts can be made of them again without the cloud.

One file for an account, ``ACCOUNT.ndjson``, to which lines are only added: a ``scope`` (what was to be read) at each start, and each call
with its answer, which is redacted already, or with why it gave none. The last line of a run that was killed may be cut off: it is taken
away, and its call made again. How a call and a scope are written is each cloud's own (``Form``).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from bartizan.collect.inventory.live.calls import Answer, CallT, Failure
from bartizan.errors import InputError, NoRoom, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from bartizan.collect.inventory.live.calls import Ask

__all__ = ["Form", "Recording", "format_of", "recordings"]

ScopeT = TypeVar("ScopeT")
_HEAD: Final = 1 << 16
_NOT_KEPT: Final = Answer(failure=Failure("not-in-origin", "", "the recording does not hold this call"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Generic[CallT, ScopeT]):
    """How one cloud's calls are written: JSON with a member ``call``; and its scopes: JSON with a member ``scope``."""

    name: str
    """The format with its version: ``bartizan-PROVIDER-recording/1``."""
    of_call: Callable[[CallT], dict[str, Any]]
    call: Callable[[Mapping[str, Any]], CallT]
    """Raises KeyError or ValueError for what is none."""
    of_scope: Callable[[ScopeT], dict[str, Any]]
    scope: Callable[[Mapping[str, Any]], ScopeT]
    """As ``call``."""


class Recording(Generic[CallT, ScopeT]):
    """The answers of one account. Opened to add to it, it belongs to one process at a time."""

    def __init__(self, file: Path, form: Form[CallT, ScopeT], *, add: bool = False) -> None:
        """Open a recording; UsageError where another process adds to it, InputError if it is none, OutputError where it cannot be made."""
        self.file = file
        self.scope: ScopeT | None = None
        self._form = form
        self._at: dict[CallT, tuple[int, int]] = {}
        self._failed: dict[CallT, Failure] = {}
        self._lock = threading.Lock()
        try:
            if add:
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(file, (os.O_RDWR | os.O_CREAT) if add else os.O_RDONLY, 0o600)
        except OSError as error:
            message = f"{file}: cannot be opened: {error.strerror}"
            raise (OutputError if add else InputError)(message) from error
        try:
            if add:
                self._own()
            self._end = self._index(mend=add)
        except BaseException:
            os.close(self._handle)
            raise

    def __len__(self) -> int:
        """Return how many calls were answered."""
        return len(self._at)

    def __contains__(self, call: CallT) -> bool:
        """Say whether the answer of a call is kept."""
        return call in self._at

    def begin(self, scope: ScopeT) -> None:
        """Note what is to be read."""
        self.scope = scope
        self._write({"format": self._form.name, **self._form.of_scope(scope)})

    def answer(self, call: CallT) -> Answer:
        """Return what was kept of a call: its answer, why it had none, or that it is not there."""
        if call in self._at:
            start, length = self._at[call]
            kept: dict[str, Any] = json.loads(os.pread(self._handle, length, start))
            return Answer(kept["answer"])
        return Answer(failure=self._failed[call]) if call in self._failed else _NOT_KEPT

    def through(self, ask: Ask[CallT], *, anew: bool = False) -> Ask[CallT]:
        """Return what answers from here, and otherwise asks and keeps; calls that failed are asked again, and all of them with ``anew``."""

        def asked(call: CallT) -> Answer:
            if call in self._at and not anew:
                return self.answer(call)
            answer = ask(call)
            self._keep(call, answer)
            return answer

        return asked

    def close(self) -> None:
        """Let go of the file; a thread that is still at it after that writes nowhere."""
        with self._lock:
            handle, self._handle = self._handle, -1
        os.close(handle)

    def _keep(self, call: CallT, answer: Answer) -> None:
        given = {"failed": asdict(answer.failure)} if answer.failure else {"answer": answer.document}
        start, length = self._write({**self._form.of_call(call), **given})
        if answer.failure:
            self._failed[call] = answer.failure
        else:
            self._at[call] = (start, length)

    def _write(self, told: dict[str, Any]) -> tuple[int, int]:
        line = json.dumps(told, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            start = self._end
            try:
                written = 0
                while written < len(line):
                    written += os.pwrite(self._handle, line[written:], start + written)
            except OSError as error:
                message = (
                    f"{self.file}: cannot be written: {error.strerror}: what was read so far is kept, and the same run goes on from there"
                )
                raise (NoRoom if error.errno in (errno.ENOSPC, errno.EDQUOT) else OutputError)(message) from error
            self._end += len(line)
        return start, len(line)

    def _own(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"{self.file}: another process adds to this recording: wait for it, or name another folder"
            raise UsageError(message) from error

    def _index(self, *, mend: bool) -> int:
        """Learn where which answer stands; return where the next line goes."""
        end = 0
        with os.fdopen(os.dup(self._handle), "rb") as lines:
            lines.seek(0)
            for number, line in enumerate(lines):
                if not line.endswith(b"\n"):
                    break
                try:
                    self._take(json.loads(line), end, len(line))
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    message = f"{self.file}:{number + 1}: this is no line of a recording: {error}"
                    raise InputError(message) from error
                end += len(line)
        if mend:
            os.ftruncate(self._handle, end)
        return end

    def _take(self, told: dict[str, Any], start: int, length: int) -> None:
        if "scope" in told:
            if told["format"] != self._form.name:
                message = f"its format is {told['format']}, not {self._form.name}"
                raise ValueError(message)
            self.scope = self._form.scope(told)
            return
        call = self._form.call(told)
        if "failed" in told:
            self._failed[call] = Failure(**told["failed"])
        else:
            self._at[call] = (start, length)


def format_of(file: Path) -> str:
    """Return the format that a recording says it has, "" where it says none; InputError where it cannot be read."""
    try:
        with file.open("rb") as lines:
            told = json.loads(lines.readline(_HEAD))
    except OSError as error:
        message = f"{file}: cannot be opened: {error.strerror}"
        raise InputError(message) from error
    except (ValueError, RecursionError):
        return ""
    return str(told.get("format", "")) if isinstance(told, dict) else ""


def recordings(folder: Path, form: Form[CallT, ScopeT]) -> Iterator[Recording[CallT, ScopeT]]:
    """Open every recording in a folder, or the one that a file is; InputError where there is none."""
    files = [folder] if folder.is_file() else sorted(folder.glob("*.ndjson"))
    if not files:
        message = f"{folder}: there is no recording here: a folder of ACCOUNT.ndjson was expected"
        raise InputError(message)
    for file in files:
        yield Recording(file, form)
