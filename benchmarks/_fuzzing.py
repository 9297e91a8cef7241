"""Fuzz some targets, each in a process of its own: ``python -m benchmarks._fuzzing FOLDER SECONDS TARGET...``.

Python that is led by coverage has to be compiled for it when it is imported, which takes seconds. So this process imports everything
once and forks for each target; what a target does to its process (a crash, a hang, all memory) is seen from here. A line of JSON tells of
each target.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.testing.fuzzing import Target

__all__ = ["LIMIT_MB", "LIMIT_SECONDS", "Outcome", "fuzz"]

LIMIT_SECONDS = 10
"""What one input of at most 128 KiB may take: a thousand times the usual, on a machine that does other things too."""
LIMIT_MB = 1_000
"""What a process may hold: it has 300 MB of code, OCSF and coverage before the first input."""
LONGEST = 1 << 17
_STATED = 0.5
"""Seconds between two states that are written down for who watches."""
_GRACE = 60


@dataclass(slots=True)
class Outcome:
    """What came of one target. ``kinds`` maps what went wrong to the file of an input that does it."""

    name: str
    executions: int = 0
    seconds: float = 0.0
    begin_mb: float = 0.0
    peak_mb: float = 0.0
    slowest: float = 0.0
    slowest_input: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    ended: str = ""
    """How the process ended, where it did not end well."""

    @property
    def grown_mb(self) -> float:
        """Return by how much the process grew from its first input on."""
        return max(0.0, self.peak_mb - self.begin_mb)


class _Run:
    """The inside of one forked process: answers for each input, and writes down what it has seen."""

    def __init__(self, target: Target, folder: Path) -> None:
        """Begin with what there is to try."""
        self.target = target
        self.folder = folder
        self.outcome = Outcome(target.name, begin_mb=_peak_mb())
        self.began = self.stated = time.monotonic()

    def one(self, data: bytes) -> None:
        """Try one input."""
        from bartizan.testing.fuzzing.contract import tried

        begin = time.process_time()
        verdict = tried(self.target, data)
        took = time.process_time() - begin
        self.outcome.executions += 1
        if took > self.outcome.slowest:
            self.outcome.slowest, self.outcome.slowest_input = took, self.keep("slowest", data, name="slowest")
        if verdict is not None and verdict.kind not in self.outcome.kinds:
            self.outcome.kinds[verdict.kind] = self.keep("crash", data)
            self.outcome.told[verdict.kind] = str(verdict.problems[0])
        if time.monotonic() - self.stated > _STATED:
            self.state()

    def change(self, data: bytes, most: int, seed: int) -> bytes:
        """Make another input of one."""
        import atheris

        from bartizan.testing.fuzzing import mutated

        if seed % 8 == 0:
            blind: bytes = atheris.Mutate(data, most)
            return blind
        return mutated(data, seed, self.target.seeds, binary=self.target.binary, longest=most)

    def keep(self, what: str, data: bytes, *, name: str = "") -> str:
        """Write an input down."""
        path = self.folder / what / f"{self.target.name}-{name or sha256(data).hexdigest()[:16]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return str(path)

    def state(self) -> None:
        """Write down what is known so far: this process ends where the fuzzer ends it."""
        self.stated = time.monotonic()
        self.outcome.seconds = self.stated - self.began
        self.outcome.peak_mb = _peak_mb()
        path = _state(self.folder, self.target.name)
        path.with_suffix(".new").write_text(json.dumps(asdict(self.outcome)))
        path.with_suffix(".new").replace(path)


def fuzz(targets: Iterable[Target], folder: Path, seconds: float) -> Iterable[Outcome]:
    """Yield what comes of each target, one after the other."""
    for target in targets:
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _inside(target, folder, seconds)
        ended = _waited(pid, seconds + _GRACE)
        state = _state(folder, target.name)
        outcome = Outcome(**json.loads(state.read_text())) if state.exists() else Outcome(target.name)
        state.unlink(missing_ok=True)
        outcome.seconds, outcome.ended = time.monotonic() - began, ended
        yield outcome


def _inside(target: Target, folder: Path, seconds: float) -> NoReturn:
    """Be the process of one target. It never returns: the fuzzer ends it."""
    import atheris

    run = _Run(target, folder)
    corpus = folder / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 1)
    with (folder / f"{target.name}.log").open("wb") as log:
        os.dup2(log.fileno(), 2)
    run.state()
    options = [
        f"-max_total_time={max(1, round(seconds))}",
        f"-max_len={LONGEST}",
        f"-timeout={LIMIT_SECONDS}",
        f"-rss_limit_mb={LIMIT_MB}",
        f"-artifact_prefix={folder}/ended-{target.name}-",
        "-len_control=0",
        "-reload=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], run.one, custom_mutator=run.change)
    try:
        atheris.Fuzz()
    finally:
        run.state()
        os._exit(0)


def _waited(pid: int, most: float) -> str:
    """Wait for a process; say how it ended, "" for well."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return (
                ""
                if code == 0
                else f"signal {-code}"
                if code < 0
                else {70: "one input took too long", 71: "too much memory"}.get(code, f"exit {code}")
            )
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "did not end"


def _state(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main(arguments: list[str]) -> int:
    """Fuzz what is named, and print a line of JSON for each."""
    import atheris

    folder, seconds, names = Path(arguments[0]), float(arguments[1]), frozenset(arguments[2:])
    folder.mkdir(parents=True, exist_ok=True)
    errors = os.dup(2)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)  # it names each module that it compiles
    with atheris.instrument_imports(include=["bartizan"]):
        from bartizan.testing.fuzzing import targets

        known = targets()
    os.dup2(errors, 2)
    for outcome in fuzz((target for target in known if not names or target.name in names), folder, seconds):
        print(json.dumps(asdict(outcome)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
