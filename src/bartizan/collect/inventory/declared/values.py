"""What evaluating yields: JSON's values, ``Unknown`` where nobody can tell yet, and what is asked for its parts only when needed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HOLE", "Encoded", "Namespace", "Unknown", "first_unknown", "known", "text_of"]

_MOST: Final = 500_000
"""Parts of one value: a few lines of locals that hold each other several times write out more than any memory."""
HOLE: Final = "\ufffc"
"""Stands in ``Unknown.text`` where a part of a text is unknown."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be told: why. ``text``: for a text, what is known of it, with ``HOLE`` for each part that is not."""

    why: str
    text: str | None = None
    wrong: bool = False
    """Nobody will ever know it: it asks for what is not there, or of a function what it cannot do."""

    credential: bool = False
    """Whatever it will be, it lets somebody in: a password, a key."""

    def passed(self) -> Unknown:
        """Return what hangs on this value."""
        return Unknown(self.why, wrong=self.wrong)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The JSON text of a value that holds something unknown, kept as that value."""

    value: Any


class Namespace(ABC):
    """What has attributes that are evaluated when they are asked for: ``var``, ``local``, a resource.

    A class to inherit from: a value is asked for what it is millions of times, which for a ``Protocol`` is slow.
    """

    __slots__ = ()

    @abstractmethod
    def attribute(self, name: str) -> Any:  # noqa: ANN401 - any value of the language
        """Return an attribute."""


def first_unknown(value: object) -> Unknown | None:
    """Return the first unknown value in a value, at whatever depth."""
    return next(_unknowns(value), None)


def _unknowns(value: object) -> Iterator[Unknown]:
    stack = [value]
    seen = 0
    while stack:
        one = stack.pop()
        seen += 1
        if seen > _MOST:
            yield Unknown(f"it has more than {_MOST} parts")
            return
        if isinstance(one, Unknown):
            yield one
        elif isinstance(one, Encoded):
            stack.append(one.value)
        elif isinstance(one, list):
            stack.extend(reversed(one))
        elif isinstance(one, dict):
            stack.extend(reversed(one.values()))
        elif isinstance(one, Namespace):
            yield Unknown("a whole resource is not written out")


def known(value: object) -> bool:
    """Say whether nothing in a value is unknown."""
    return first_unknown(value) is None


def text_of(value: object) -> str:
    """Return a number, a truth value or a text as Terraform turns it into text; TypeError for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    message = "it is no text"
    raise TypeError(message)
