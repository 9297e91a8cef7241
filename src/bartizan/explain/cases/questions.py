"""Tell what is asked of a case and what records answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.text import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.investigate.questions import Answer, Investigation

__all__ = ["question_lines", "questions_json"]

_SHORT: Final = 8
_WIDE: Final = 160


def question_lines(kind: Investigation, answers: Sequence[Answer]) -> Iterator[str]:
    """Yield the questions of a kind of case with their answers."""
    yield f"{kind.title} ({kind.id})"
    for answer in answers:
        cited = f"  [{' '.join(record[:_SHORT] for record in answer.records)}]" if answer.records else ""
        yield f"  {answer.question.ask}"
        yield f"    {answer.verdict}: {visible(shorten(answer.text, _WIDE))}{cited}"


def questions_json(kind: Investigation, answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the same as JSON values."""
    return {"kind": kind.id, "title": kind.title, "answers": [asdict(answer) for answer in answers]}
