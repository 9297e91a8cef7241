"""Read what the files of kinds say under ``live``: how a running cloud is asked for their things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from bartizan.collect.inventory.kinds import kinds
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from bartizan.collect.inventory.kinds import Kind

__all__ = ["known_only", "sections_of"]

T = TypeVar("T")


def sections_of(provider: str, read: Callable[[Kind, Any], T]) -> Iterator[T]:
    """Yield what ``read`` makes of each live section of a provider's kinds, in their order; InputError names the file that is wrong.

    A kind has one section, or a list of them; ``read`` says what is wrong with one by KeyError, TypeError or ValueError.
    """
    for (whose, name), kind in kinds().items():
        told = kind.sections.get("live") if whose == provider else None
        for one in told if isinstance(told, list) else [] if told is None else [told]:
            try:
                yield read(kind, one)
            except (KeyError, TypeError, ValueError) as error:
                message = f"kinds/{provider}/{name}.yml: live: {error}"
                raise InputError(message) from error


def known_only(told: Mapping[str, Any], known: Collection[str]) -> None:
    """Raise TypeError where this is no mapping, ValueError where it has a member that nobody reads."""
    if not isinstance(told, dict):
        message = f"'{told}' is no mapping"
        raise TypeError(message)
    strange = told.keys() - set(known)
    if strange:
        message = f"it knows no {', '.join(sorted(map(str, strange)))}: only {', '.join(sorted(known))}"
        raise ValueError(message)
