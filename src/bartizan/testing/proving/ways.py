"""Go through the ways in which a condition can be true: which tests must hold together, and which must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bartizan.rules.logic.proof import Known, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.rules.logic.proof import Fact
    from bartizan.rules.plan import Node

__all__ = ["ways"]

_Choices: TypeAlias = "tuple[Sequence[tuple[Node, bool]], ...]"


def ways(node: Node, fits: Callable[[Sequence[Fact], Sequence[Fact]], bool]) -> Iterator[Sequence[Fact]]:
    """Yield sets of facts of which each makes a condition true.

    ``fits`` is asked for every set on the way, with the facts that are new in it: where it says no, the ways behind it are left out.
    """
    yield from _beyond(node, Known(single=True), (), fits, wanted=True)


def _beyond(
    node: Node, known: Known, open_: _Choices, fits: Callable[[Sequence[Fact], Sequence[Fact]], bool], *, wanted: bool
) -> Iterator[Sequence[Fact]]:
    parts = parts_of(node, wanted=wanted)
    together = known.with_(parts.facts)
    if together is None or not fits(together.facts, parts.facts):
        return
    # What is wanted is settled before what is not: most exceptions are then escaped already.
    choices = tuple(sorted((*parts.choices, *open_), key=_is_exception))
    if not choices:
        yield together.facts
        return
    for branch, sign in choices[0]:
        yield from _beyond(branch, together, choices[1:], fits, wanted=sign)


def _is_exception(choice: Sequence[tuple[Node, bool]]) -> bool:
    return not all(sign for _, sign in choice)
