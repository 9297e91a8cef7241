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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.detect.contract import Outcome
    from bartizan.detect.tuning.hidden import Preview
    from bartizan.rules.contract import Rule
    from bartizan.rules.exceptions import Draft
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["Replay", "affected", "preview_on"]


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
    def hunt(self, rules: LoadedRules, asked: Sequence[Rule], filters: Sequence[str] = ()) -> Iterator[tuple[Outcome, Iterator[bytes]]]:
        """Hunt with the rules ``asked`` for and further ``filters``, after the exceptions in force; give the outcome and their findings.

        The rules' files are hunted with; findings of other rules in them are left out.
        """
        with tempfile.TemporaryDirectory(prefix="bartizan-") as made, closing(Spool()) as spool:
            folder = Path(made)
            for number, path in enumerate(dict.fromkeys(rule.path for rule in asked)):
                (folder / f"rule-{number:05}.yml").write_bytes(rules.contents[path])
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
            loaded = rules_for(request)
            means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool, workers=self.workers)
            outcome = run(units(sorted(self.paths), sources=catalogue(self.mappings)), request, means)
            wanted = [b'"analytic":{"type_id":1,"type":"Rule","uid":"%b"' % rule.id.encode() for rule in asked]
            yield outcome, (line for line in spool.lines() if any(mark in line for mark in wanted))


def affected(draft: Draft, rules: LoadedRules) -> list[Rule]:
    """Return the rules that an exception is about."""
    return [rule for rule in rules.rules if draft.rule in {"any", rule.id} and rule.logsource.serves(draft.logsource)]


def preview_on(draft: Draft, rules: LoadedRules, replay: Replay) -> Preview:
    """Say which findings an exception would hide of a hunt: one hunt with its filter turned round, so that what is hidden is found."""
    with replay.hunt(rules, affected(draft, rules), [draft.inverted]) as (outcome, lines):
        stays = next(one.findings for one in outcome.held if one.by.id == draft.id and one.by.path.endswith("filter-0.txt"))
        return preview_of(map(seen, lines), stays=stays)
