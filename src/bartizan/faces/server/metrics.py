"""Write what is counted as Prometheus reads it (text exposition format 0.0.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Family", "exposition"]


@dataclass(frozen=True, slots=True)
class Family:
    """A metric and its values by labels. ``kind`` is ``counter`` or ``gauge``."""

    name: str
    kind: str
    help: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()


def exposition(families: Iterable[Family]) -> bytes:
    """Return the text; a family without values has only its head."""
    lines: list[str] = []
    for one in families:
        lines += [f"# HELP {one.name} {one.help}", f"# TYPE {one.name} {one.kind}"]
        for words, value in sorted(one.values.items()):
            pairs = ",".join(f'{label}="{_escaped(word)}"' for label, word in zip(one.labels, words, strict=True))
            lines.append(f"{one.name}{{{pairs}}} {value:.17g}" if pairs else f"{one.name} {value:.17g}")
    return ("\n".join(lines) + "\n").encode()


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
