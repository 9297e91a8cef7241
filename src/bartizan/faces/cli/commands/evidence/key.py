"""Print the public key with which this user's entries and bundles are signed, for those who verify them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "key"
HELP: Final = "the public key of this user"


def options(_parser: argparse.ArgumentParser) -> None:
    """Declare no options."""


def run(_arguments: argparse.Namespace) -> int:
    """Print the key, which is made where there is none."""
    from bartizan.errors import MissingExtra
    from bartizan.investigate.signing import key_file, signer_at

    signer = signer_at(key_file())
    if signer is None:
        feature = "signing"
        raise MissingExtra(feature, "custody")
    print(signer.public)
    return 0
