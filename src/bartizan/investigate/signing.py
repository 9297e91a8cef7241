"""Sign what is written down, with a key of this user on this machine: ed25519 (RFC 8032) by the library ``cryptography``.

The private key is a PEM file (PKCS 8) that nobody else may read, ``$XDG_CONFIG_HOME/bartizan/custody.key``, made with its first
use. What is signed is a SHA-256 digest in hexadecimal; keys and signatures are told in hexadecimal, too.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError, MissingExtra, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ALGORITHM", "Signer", "key_file", "signed_by", "signer_at"]

ALGORITHM: Final = "ed25519"
_NAME: Final = "custody.key"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the public key, 64 hexadecimal digits, and what makes a signature, 128 of them, of a text."""

    public: str
    sign: Callable[[str], str]


def key_file() -> Path:
    """Return where the user's key is."""
    config = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if not config.is_absolute():
        try:
            config = Path.home() / ".config"
        except RuntimeError as error:
            message = "there is no home folder for a signing key: set XDG_CONFIG_HOME"
            raise InputError(message) from error
    return config / "bartizan" / _NAME


def signer_at(path: Path) -> Signer | None:
    """Return the signer of a key file, which is made where there is none; None where ``cryptography`` is not installed.

    InputError where the file holds no ed25519 key, OutputError where none can be made.
    """
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - as above
    except ImportError:
        return None
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _keep(path, pem)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        message = f"{path}: holds no key to sign with: {error}; move it away and a new one is made"
        raise InputError(message) from error
    if not isinstance(key, Ed25519PrivateKey):
        message = f"{path}: holds a key of another kind than ed25519; move it away and a new one is made"
        raise InputError(message)
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
    return Signer(public, lambda text: key.sign(text.encode()).hex())


def signed_by(public: str, text: str, signature: str) -> bool:
    """Say whether a signature of a text was made with the private half of a public key. MissingExtra without ``cryptography``."""
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above
    except ImportError as error:
        feature = "checking signatures"
        raise MissingExtra(feature, "custody") from error
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _keep(path: Path, pem: bytes) -> None:
    """Write a key that only its owner may read, whole or not at all; another's that came first stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(number, pem)
            os.fsync(number)
        finally:
            os.close(number)
        if not path.exists():
            draft.rename(path)
    except OSError as error:
        message = f"{path}: a key to sign with cannot be kept: {error.strerror or error}"
        raise OutputError(message) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
