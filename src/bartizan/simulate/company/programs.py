"""The programs that run on the company's Windows hosts, with what Sysmon reports of each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Program", "hashes_of", "library", "program"]


@dataclass(frozen=True, slots=True)
class Program:
    """An executable or library: where it lies and what its version resource says."""

    image: str
    description: str = "-"
    product: str = "-"
    company: str = "-"
    original: str = "-"
    version: str = "-"
    libraries: tuple[str, ...] = ()

    @property
    def hashes(self) -> str:
        """Return the hashes as Sysmon writes them: made up, the same for the same file on every host."""
        return hashes_of(f"{self.original}/{self.version}/{self.image.rpartition(chr(92))[2].lower()}")


@cache
def hashes_of(content: str) -> str:
    """Return the hash list of a file of which ``content`` stands for the bytes."""
    digest = hashlib.sha512(content.encode()).hexdigest().upper()
    return f"SHA1={digest[:40]},MD5={digest[40:72]},SHA256={digest[64:128]},IMPHASH={digest[8:40]}"


@cache
def _catalogue() -> dict[str, dict[str, Program]]:
    text = (resources.files("bartizan.simulate.company") / "programs.json").read_text(encoding="utf-8")
    loaded = json.loads(text)
    vendors: dict[str, list[str]] = loaded["vendors"]
    catalogue: dict[str, dict[str, Program]] = {"programs": {}, "libraries": {}}
    for section, entries in catalogue.items():
        for name, (image, description, vendor, original, libraries) in loaded[section].items():
            product, company, version = vendors[vendor]
            entries[name] = Program(image, description, product, company, original, version, tuple(libraries.split()))
    return catalogue


def program(name: str) -> Program:
    """Return a program of the catalogue by its short name (``winword``)."""
    return _catalogue()["programs"][name]


def library(name: str) -> Program:
    """Return a library of the catalogue by its file name (``amsi.dll``)."""
    return _catalogue()["libraries"][name]
