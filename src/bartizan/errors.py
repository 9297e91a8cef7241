"""Name what can go wrong, in one tree.

    BartizanError            everything this package raises on purpose
    ├── UsageError           the caller asked for something that makes no sense (exit code 2)
    ├── InputError           a path named by the caller cannot be read at all (exit code 2)
    ├── RulesError           a rule pack cannot be read at all; single rules are refused as values (exit code 2)
    ├── OutputError          a result cannot be written: disk full, permission, a file in the way (exit code 4)
    │   ├── NoRoom           what is to be kept has no room now; the same call may succeed later
    │   └── Unreachable      a server that keeps something does not answer; the same call may succeed later
    └── MissingExtra         a feature needs an optional dependency; the message names the extra to install (exit code 2)

What is expected is a value with a reason, not an exception: an unparsed record, a refused rule, a file that is no log.
"""

from __future__ import annotations

__all__ = ["BartizanError", "InputError", "MissingExtra", "NoRoom", "OutputError", "RulesError", "Unreachable", "UsageError"]


class BartizanError(Exception):
    """Anything raised on purpose; ``exit_code`` is what the command line returns for it."""

    exit_code = 2


class UsageError(BartizanError):
    """The caller asked for something that makes no sense."""


class InputError(BartizanError):
    """A path named by the caller cannot be read at all."""


class RulesError(BartizanError):
    """A rule pack cannot be read at all."""


class OutputError(BartizanError):
    """A result cannot be written."""

    exit_code = 4


class NoRoom(OutputError):  # noqa: N818 - reads as what is wrong, as in the tree above
    """What is to be kept has no room now; the same call may succeed later."""


class Unreachable(OutputError):  # noqa: N818 - as above
    """A server that keeps something does not answer; the same call may succeed later."""


class MissingExtra(BartizanError):  # noqa: N818 - reads as what is missing, as in the tree above
    """A feature needs an optional dependency; the message names the extra."""

    def __init__(self, feature: str, extra: str) -> None:
        """Say what needs which extra and how to install it."""
        super().__init__(f"{feature} needs the extra '{extra}': pip install 'bartizan[{extra}]'")
