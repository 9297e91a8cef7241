"""Hunt again with a few rules and what shall hold some of their findings back."""

from __future__ import annotations

import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.collect.catalogue import catalogue
from bartizan.collect.units import units
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.run import Means, run
from bartizan.detect.hunt.setup import judge_for, rules_for
from bartizan.detect.hunt.spool import Spool
from bartizan.detect.tuning.hidden import preview_of, seen
from bartizan.documents import Document, documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.detect.contract import Outcome
    from bartizan.detect.tuning.hidden import Preview
    from bartizan.rules.exceptions import Draft
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["Replay", "affected", "document_of", "preview_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What to hunt through again, and how. ``now`` in nanoseconds UTC; ``exceptions`` are files of filters that are in force."""

    paths: Sequence[str]
    now: int
    exceptions: tuple[Path, ...] = ()
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mappings: tuple[Path, ...] = ()
    workers: int = 1

    @contextmanager
    def loaded(self, rules: LoadedRules, asked: Sequence[int], filters: Sequence[str] = ()) -> Iterator[tuple[Request, LoadedRules]]:
        """Load the rules ``asked`` for alone, the exceptions in force and then further ``filters``; hold them while it is open.

        A rule that a correlation is made of raises findings of its own here.
        """
        with tempfile.TemporaryDirectory(prefix="bartizan-") as made:
            folder = Path(made)
            for number in asked:
                (folder / f"rule-{number:06}.yml").write_bytes(document_of(rules, number))
            later = [folder / f"filter-{number}.txt" for number, _ in enumerate(filters)]
            for file, text in zip(later, filters, strict=True):
                file.write_text(text, encoding="utf-8")
            request = Request(
                rules=(folder, *self.exceptions, *later),
                now=self.now,
                placeholders=self.placeholders,
                mappings=self.mappings,
                cache=folder / "cache",
            )
            yield request, rules_for(request)

    @contextmanager
    def hunt(self, rules: LoadedRules, asked: Sequence[int], filters: Sequence[str] = ()) -> Iterator[tuple[Outcome, Iterator[bytes]]]:
        """Hunt with some rules alone, as ``loaded`` has them; give the outcome and the findings."""
        with self.loaded(rules, asked, filters) as (request, loaded), closing(Spool()) as spool:
            means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool, workers=self.workers)
            outcome = run(units(sorted(self.paths), sources=catalogue(self.mappings)), request, means)
            yield outcome, spool.lines()


def document_of(rules: LoadedRules, number: int) -> bytes:
    """Return the text of a rule's document alone, without what else its file holds."""
    origin = rules.origins[number]
    content = rules.contents[origin.path]
    lines = content.splitlines(keepends=True)
    starts = [one.line for one in documents(content) if isinstance(one, Document)]
    end = next((start for start in starts if start > origin.line), len(lines) + 1)
    return b"".join(lines[origin.line - 1 : end - 1])


def affected(draft: Draft, rules: LoadedRules) -> list[int]:
    """Return the places of the rules that an exception is about."""
    return [
        number
        for number, rule in enumerate(rules.rules)
        if draft.rule in {"any", rule.id} and not rule.correlation and rule.logsource.serves(draft.logsource)
    ]


def preview_on(draft: Draft, rules: LoadedRules, replay: Replay) -> Preview:
    """Say which findings an exception would hide of a hunt: one hunt with its filter turned round, so that what is hidden is found."""
    with replay.hunt(rules, affected(draft, rules), [draft.inverted]) as (outcome, lines):
        stays = next(one.findings for one in outcome.held if one.by.id == draft.id and one.by.path.endswith("filter-0.txt"))
        return preview_of(map(seen, lines), stays=stays)
