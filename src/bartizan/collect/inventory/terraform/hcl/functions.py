"""The functions of Terraform's language that depend on nothing but their arguments and the files of the folder.

Each is written from Terraform's documentation. One that is not here, or that nobody can foretell (``timestamp``, ``uuid``), is Unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.declared.values import Encoded, Unknown, first_unknown, text_of
from bartizan.collect.inventory.terraform.hcl.collections import COLLECTIONS, SHALLOW
from bartizan.collect.inventory.terraform.hcl.encodings import ENCODINGS, encode
from bartizan.collect.inventory.terraform.hcl.files import Files
from bartizan.collect.inventory.terraform.hcl.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Files", "call"]

_PLAIN: Final[Mapping[str, Callable[..., Any]]] = {**TEXTS, **COLLECTIONS, **ENCODINGS}


def call(name: str, arguments: list[Any], files: Files) -> Any:  # noqa: ANN401 - any value of the language
    """Call a function; raises what Python raises where an argument is none that it takes."""
    name = name.removeprefix("core::")
    if name == "jsonencode":
        (value,) = arguments
        return Encoded(value) if first_unknown(value) else encode(value)
    if name == "jsondecode" and isinstance(arguments[0], Encoded):
        return arguments[0].value
    for argument in arguments:
        unknown = argument if isinstance(argument, Unknown) else None if name in SHALLOW else first_unknown(argument)
        if unknown is not None:
            return unknown if name in _SAME else unknown.passed()
    if name in _FILES:
        return _FILES[name](files, *arguments)
    if name in _PLAIN:
        return _PLAIN[name](*arguments)
    return Unknown(f"the function {name} is not evaluated")


def _encoded_file(files: Files, path: str) -> Any:  # noqa: ANN401 - text or unknown
    held = files.bytes(path)
    return held if isinstance(held, Unknown) else TEXTS["base64encode"](held.decode("latin-1"), "latin-1")


def _digest_file(name: str) -> Callable[[Files, str], Any]:
    def digest(files: Files, path: str) -> Any:  # noqa: ANN401 - text or unknown
        held = files.bytes(path)
        return held if isinstance(held, Unknown) else TEXTS[name](held.decode("latin-1"), "latin-1")

    return digest


_SAME: Final = frozenset({"chomp", "nonsensitive", "sensitive", "tostring", "trimspace"})
"""Functions that leave a text as it is, more or less: what is known of it stays known."""
_FILES: Final[Mapping[str, Callable[..., Any]]] = {
    "file": lambda files, path: files.text(text_of(path)),
    "fileexists": lambda files, path: not isinstance(files.bytes(text_of(path)), Unknown),
    "fileset": lambda files, path, pattern: files.names(text_of(path), text_of(pattern)),
    "filebase64": _encoded_file,
    "abspath": lambda files, path: str(files.here / text_of(path)),
    **{f"file{name}": _digest_file(name) for name in ("md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512")},
}
