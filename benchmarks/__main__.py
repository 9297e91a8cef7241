"""Run one benchmark or all: ``python -m benchmarks [NAME]``; exits 1 where a bar is missed, 2 for a name that is none."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import TYPE_CHECKING, Final

import benchmarks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.result import Result

NO_BENCHMARKS: Final = frozenset({"__main__", "result"})


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for and print it."""
    known = sorted(
        name.name for name in pkgutil.iter_modules(benchmarks.__path__) if name.name not in NO_BENCHMARKS and not name.name.startswith("_")
    )
    asked = list(arguments) or known
    unknown = [name for name in asked if name.replace("-", "_") not in known]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(name.replace('_', '-') for name in known)}")
        return 2
    missed = 0
    for name in asked:
        measured: Result = importlib.import_module(f"benchmarks.{name.replace('-', '_')}").measure()
        print("\n".join(measured.lines()), flush=True)
        missed += not measured.passed
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
