"""List everything that is fuzzed: each source, each reader of documents that people get from others, each protocol that senders speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.catalogue import catalogue
from bartizan.testing.fuzzing.readers import reader_targets
from bartizan.testing.fuzzing.receivers import receiver_targets
from bartizan.testing.fuzzing.sources import source_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.testing.fuzzing.contract import Target

__all__ = ["targets"]


def targets() -> Sequence[Target]:
    """Return every target, the readers and protocols first; their names are unlike each other."""
    return [*reader_targets(), *receiver_targets(), *(source_target(source) for source in catalogue().sources)]
