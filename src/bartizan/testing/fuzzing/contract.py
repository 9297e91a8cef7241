"""What can be fuzzed: a function of bytes that must answer to any, and good inputs to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Target", "Verdict", "tried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader of foreign bytes. ``run`` yields what is wrong with the answer; it may raise nothing."""

    name: str
    seeds: Sequence[bytes]
    run: Callable[[bytes], Iterable[Problem]]
    binary: bool = False
    """Whether an input is no text: then only bytes are changed, not forms."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was wrong with one input. ``kind`` is the same for inputs that fail alike."""

    kind: str
    problems: tuple[Problem, ...]


def tried(target: Target, data: bytes) -> Verdict | None:
    """Run a target on an input; None where nothing is wrong."""
    try:
        problems = tuple(target.run(data))
    except Exception as error:  # noqa: BLE001 - whatever a reader raises is what this is for
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where is not None else ""
        kind = f"{type(error).__name__} in {place}"
        return Verdict(kind, (Problem(target.name, f"raises {kind}: {str(error)[:500]}"),))
    return Verdict(problems[0].where, problems) if problems else None
