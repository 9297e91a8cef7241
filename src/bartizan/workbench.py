"""The use cases: the one place where rooms meet.

    from bartizan import hunt
    found = hunt("logs/", rules=["sigma/rules"])
    print(found.balance())
    print(found.findings())
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError, OutputError, UsageError

if TYPE_CHECKING:
    import polars as pl

    from bartizan.detect.contract import Outcome
    from bartizan.detect.explaining import Told
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Progress
    from bartizan.detect.hunt.spool import Spool
    from bartizan.detect.hunt.store import LakeStore
    from bartizan.explain.story import Story
    from bartizan.rules.contract import Rule
    from bartizan.rules.reference.reading import ReferenceRule
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.simulate import Truth
    from bartizan.simulate.score import Score

__all__ = ["Asked", "Hunt", "content_folder", "hunt", "packs"]

TRUTH_FILE: Final = "truth.json"
STARTER: Final = "starter"
"""The name under which ``rules`` can list our own detections beside other packs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Options of a hunt; what each means is said at ``hunt``."""

    placeholders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None
    level: str = "informational"
    tags: Sequence[str] = ()
    zone: tzinfo = UTC
    paranoid: bool = False
    cache: Path | None = None
    now: int | None = None


@dataclass(frozen=True)
class Hunt:
    """What a hunt found. Close it, or use it in a ``with`` block, to free the findings that it keeps on disk."""

    outcome: Outcome
    spool: Spool
    out: Path | None = None

    @cached_property
    def story(self) -> Story:
        """The ranked story: entities by risk, ATT&CK tactics reached, the records to read first."""
        from bartizan.explain.story import tell  # noqa: PLC0415 - only who reads the story pays for it

        return tell(self.outcome)

    def findings(self) -> pl.DataFrame:
        """Return one row per finding.

        Columns: ``time`` (datetime, ms, UTC), ``rule_id``, ``title``, ``level`` (Sigma), ``severity_id`` (OCSF),
        ``record_id``, ``path``, ``record`` (from 1), ``raw``, ``finding_uid``, ``finding`` (the OCSF Detection Finding as JSON).
        """
        from bartizan.explain.frames import findings  # noqa: PLC0415 - polars is loaded by who asks for a frame

        return findings(self.spool.lines())

    def balance(self) -> pl.DataFrame:
        """Return one row per file: ``path, source, read, stored, unparsed, duplicate, bytes, problems``."""
        from bartizan.explain.frames import balance  # noqa: PLC0415 - polars is loaded by who asks for a frame

        return balance(self.outcome)

    def verdicts(self) -> pl.DataFrame:
        """Return one row per rule document: ``rule_id, title, level, path, verdict, reason, findings``."""
        from bartizan.explain.frames import verdicts  # noqa: PLC0415 - polars is loaded by who asks for a frame

        return verdicts(self.outcome)

    def close(self) -> None:
        """Free what the hunt keeps on disk for itself."""
        self.spool.close()

    def __enter__(self) -> Hunt:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def hunt(  # noqa: PLR0913 - the front door: each argument is one that people type
    *paths: str | Path,
    rules: Sequence[str | Path] = (),
    out: str | Path | None = None,
    workers: int = 1,
    asked: Asked | None = None,
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> Hunt:
    """Hunt through logs and return what happened.

    ``paths``: files, folders, archives, globs; ``-`` is standard input. ``rules``: Sigma packs (files, folders, zip files)
    instead of our own content and what was added to it; ``"starter"`` names our own. ``out``: a folder for records and
    findings as Parquet, ``findings.ndjson`` and ``balance.json``. ``workers``: processes to use; with more than one, a
    script of yours needs the usual ``if __name__ == "__main__":``. Raises InputError where a path is not there, RulesError
    where a pack is not, OutputError where a result cannot be written.
    """
    from bartizan.collect.units import units  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.detect.hunt.run import Means, run  # noqa: PLC0415 - as above
    from bartizan.detect.hunt.setup import judge_for, rules_for  # noqa: PLC0415 - as above
    from bartizan.detect.hunt.spool import Spool  # noqa: PLC0415 - as above

    if not paths:
        message = "nothing to hunt through: name a file, a folder, or - for standard input"
        raise UsageError(message)
    request = _request(asked or Asked(), rules, records=out is not None)
    folder = _folder(out)
    loaded = rules_for(request)
    store = None if folder is None else _store(folder, request)
    spool = Spool(None if folder is None else folder / "findings.ndjson")
    means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool, workers=workers, store=store, progress=progress)
    outcome = run(units([str(path) for path in paths]), request, means)
    if store is not None:
        store.close(spool)
    return Hunt(outcome, spool, folder)


@dataclass(frozen=True)
class Demo:
    """A simulated day, what the hunt through it found, and how well that is."""

    truth: Truth
    hunt: Hunt
    score: Score

    def __enter__(self) -> Demo:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the hunt."""
        self.hunt.close()


def demo(out: Path, *, seed: int = 7, workers: int = 1) -> Demo:
    """Simulate a company's day under ``out/logs``, hunt through it with our own content, score the result by the day's truth."""
    from bartizan.simulate import company_day  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.simulate.score import score  # noqa: PLC0415 - as above

    day = date(2026, 3, 17)
    truth = company_day(out / "logs", seed=seed, day=day)
    # The truth moves out of the way: it must not be hunted through.
    (out / "logs" / TRUTH_FILE).rename(out / TRUTH_FILE)
    found = hunt(out / "logs", rules=[STARTER], out=out / "result", workers=workers)
    rules_by_record: dict[str, set[str]] = {}
    for rule, record in zip(*found.findings().select("rule_id", "record_id").to_dict(as_series=False).values(), strict=True):
        rules_by_record.setdefault(record, set()).add(rule)
    groups = [[sample.record_id for sample in group.samples] for group in found.outcome.groups]
    return Demo(truth, found, score(rules_by_record, truth, groups=groups))


def packs(rules: Sequence[str | Path]) -> tuple[Path, ...]:
    """Return the folders and files that a list of packs means; () means our own content and what was added to it."""
    from bartizan.rules.library import added  # noqa: PLC0415 - `import bartizan` stays cheap

    starter = content_folder() / "detections"
    if not rules:
        return (starter, *added())
    return tuple(starter if str(rule) == STARTER else Path(rule) for rule in rules)


def load_rules(rules: Sequence[str | Path], *, placeholders: Mapping[str, Sequence[str]] | None = None) -> LoadedRules:
    """Load the rules of some packs; () means our own content and what was added to it."""
    from bartizan.rules import load  # noqa: PLC0415 - `import bartizan` stays cheap

    return load(packs(rules), placeholders=placeholders or {})


def standing(rules: LoadedRules) -> list[dict[str, object]]:
    """Return every rule document with what can be said of it before there are records: loaded, or refused and why."""
    told: list[dict[str, object]] = [
        {
            "id": rule.id,
            "title": rule.title,
            "level": rule.level,
            "path": rule.path,
            "logsource": str(rule.logsource),
            "verdict": "running" if _served(rule) else "cannot-fire",
            "reason": "" if _served(rule) else f"no source that is read gives {rule.logsource}",
        }
        for rule in rules.rules
    ]
    told += [
        {
            "id": refusal.id,
            "title": "",
            "level": "",
            "path": f"{refusal.path}:{refusal.line}" if refusal.line else refusal.path,
            "logsource": "",
            "verdict": "refused",
            "reason": refusal.why,
        }
        for refusal in rules.refused
    ]
    return told


def find_rule(rules: LoadedRules, name: str) -> int:
    """Return the place of the one rule that has this id, file name or title; UsageError where there is none or several."""
    asked = name.lower()
    exact = [place for place, rule in enumerate(rules.rules) if asked in {rule.id.lower(), rule.title.lower(), *_file_names(rule)}]
    found = exact or [place for place, rule in enumerate(rules.rules) if asked in rule.title.lower()]
    if len(found) == 1:
        return found[0]
    if not found:
        message = f"no rule is called '{name}'; `bartizan rules list` shows what there is"
        raise UsageError(message)
    some = "; ".join(f"{rules.rules[place].title} ({rules.rules[place].id})" for place in found[:5])
    message = f"'{name}' means {len(found)} rules: {some}{' …' if len(found) > 5 else ''}"  # noqa: PLR2004 - as many as the line above shows
    raise UsageError(message)


def reference_of(name: str, rules: Sequence[str | Path]) -> ReferenceRule:
    """Return a rule as the reference matcher reads it; a rule file need not be in a pack."""
    from bartizan.rules.naive import reference_rules  # noqa: PLC0415 - pySigma is loaded by who needs it

    alone = Path(name)
    loaded = load_rules([alone] if alone.is_file() and not rules else rules)
    if alone.is_file() and len(loaded.rules) == 0:
        message = f"{alone}:{loaded.refused[0].line}: {loaded.refused[0].why}"
        raise UsageError(message)
    place = 0 if alone.is_file() and not rules else find_rule(loaded, name)
    return reference_rules(loaded, [place])[place]


def explain_on(rule: str, paths: Sequence[str], *, rules: Sequence[str | Path] = ()) -> Iterator[Told]:
    """Explain a rule on every record of some files: why it fires, or why not."""
    from bartizan.detect.explaining import explain_records  # noqa: PLC0415 - as above

    return explain_records(reference_of(rule, rules), paths)


def text_of_rule(rules: LoadedRules, rule: Rule) -> str:
    """Return the file in which a rule stands."""
    return rules.contents[rule.path].decode("utf-8", "backslashreplace")


def content_folder() -> Path:
    """Return the folder of our own content: in the package when installed, at the top of the repository when not."""
    inside = Path(str(files("bartizan"))) / "content"
    beside = Path(__file__).resolve().parents[2] / "content"
    for folder in (inside, beside):
        if folder.is_dir():
            return folder
    message = f"{inside}: the content that belongs to bartizan is missing; install it anew"
    raise InputError(message)


def default_workers() -> int:
    """Return how many processes this machine can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _request(asked: Asked, rules: Sequence[str | Path], *, records: bool) -> Request:
    from bartizan.detect.hunt.request import LEVELS, Request  # noqa: PLC0415 - `import bartizan` stays cheap

    if asked.level not in LEVELS:
        message = f"level: '{asked.level}' is no level; there are {', '.join(LEVELS)}"
        raise UsageError(message)
    return Request(
        rules=packs(rules),
        now=time.time_ns() if asked.now is None else asked.now,
        placeholders={name: tuple(values) for name, values in asked.placeholders.items()},
        since=asked.since,
        until=asked.until,
        level=asked.level,
        tags=tuple(asked.tags),
        zone=asked.zone,
        records=records,
        paranoid=asked.paranoid,
        cache=asked.cache,
    )


def _served(rule: Rule) -> bool:
    from bartizan.collect.catalogue import catalogue  # noqa: PLC0415 - imports every source

    views = (view for source in catalogue().sources for route in source.routes for view in route.views)
    return any(view.logsource.serves(rule.logsource) for view in views)


def _file_names(rule: Rule) -> set[str]:
    path = Path(rule.path.rsplit("!", 1)[-1])
    return {rule.path.lower(), path.name.lower(), path.stem.lower()}


def _store(folder: Path, request: Request) -> LakeStore:
    from bartizan.detect.hunt.store import LakeStore  # noqa: PLC0415 - polars is loaded by who writes Parquet

    return LakeStore(folder, request.now)


def _folder(out: str | Path | None) -> Path | None:
    if out is None:
        return None
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: cannot be made a folder for results: {error.strerror}; name another with --out"
        raise OutputError(message) from error
    return folder
