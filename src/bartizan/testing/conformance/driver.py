"""Drive an engine case by case; one that dies, answers garbage or nothing in time is started anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from bartizan.testing.conformance.judgement import Outcome, judged
from bartizan.testing.conformance.process import Process
from bartizan.testing.conformance.protocol import Answer, Broken, answered, request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.testing.conformance.case import Case

__all__ = ["SECONDS", "Driver"]

SECONDS: Final = 10.0
"""What a case may take; the slowest of ours takes a twentieth of a second."""
START: Final = 30.0
"""What the first case after a start may take besides: some engines import for seconds."""


class Driver:
    """An engine that runs as a process of its own and answers the protocol on its standard input and output."""

    def __init__(self, command: Sequence[str], *, seconds: float = SECONDS, start: float = START) -> None:
        """Take the command of the engine, what a case may take, and what the first one may take besides; both in seconds."""
        self._command = list(command)
        self._seconds = seconds
        self._start = start
        self._process: Process | None = None

    def run(self, cases: Iterable[Case]) -> Iterator[Outcome]:
        """Give the outcome of each case, in order."""
        return (judged(case, self.ask(case)) for case in cases)

    def ask(self, case: Case) -> Answer:
        """Ask for one case. Raises UsageError where the command cannot be started at all."""
        seconds = self._seconds
        if self._process is None:
            self._process = Process(self._command)
            seconds += self._start
        line = self._process.ask(request(case), seconds)
        answer = Broken(line) if isinstance(line, str) else answered(line, case)
        if isinstance(answer, Broken) and answer.lost:
            self.close()
        return answer

    def close(self) -> None:
        """End the engine."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the engine."""
        self.close()
