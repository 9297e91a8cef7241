"""List what a condition is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.rules.plan import Not, Test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.rules.plan import Node

__all__ = ["fields_of", "positive_tests", "tests_in"]


def tests_in(node: Node) -> Iterator[Test]:
    """Yield every test of a part, in order."""
    if isinstance(node, Test):
        yield node
    elif isinstance(node, Not):
        yield from tests_in(node.part)
    else:
        for part in node.parts:
            yield from tests_in(part)


def positive_tests(node: Node, *, wanted: bool = True) -> Iterator[Test]:
    """Yield the tests that help a part to be true: those under an even number of negations."""
    if isinstance(node, Test):
        yield from (node,) if wanted else ()
    elif isinstance(node, Not):
        yield from positive_tests(node.part, wanted=not wanted)
    else:
        for part in node.parts:
            yield from positive_tests(part, wanted=wanted)


def fields_of(node: Node) -> list[str]:
    """Return the fields that a part reads, in the order of their first use; keywords have none."""
    return list(dict.fromkeys(test.field for test in tests_in(node) if test.field))
