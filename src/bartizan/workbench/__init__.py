"""The use cases: the one place where rooms meet.

from bartizan import hunt
found = hunt("logs/", rules=["sigma/rules"])
print(found.balance())
print(found.findings())
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, date, tzinfo
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from bartizan.errors import InputError, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl

    from bartizan.collect.units import Unit
    from bartizan.detect.alerts.building import View
    from bartizan.detect.alerts.desk import Desk
    from bartizan.detect.contract import Outcome, RuleVerdict
    from bartizan.detect.explaining import Told
    from bartizan.detect.hunt.explaining import CorrelationTold
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Progress
    from bartizan.detect.hunt.spool import Spool
    from bartizan.detect.indicators.watch import Asked as Watched
    from bartizan.explain.story import Story
    from bartizan.lake.contract import Misfit
    from bartizan.rules.contract import Rule, RuleSet
    from bartizan.rules.reference.reading import ReferenceRule
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.schema.logsource import Logsource
    from bartizan.simulate import Truth
    from bartizan.simulate.score import Score

__all__ = ["Asked", "Hunt", "content_folder", "hunt", "packs"]

TRUTH_FILE: Final = "truth.json"
DEMO_EVENTS: Final = 220_000
STARTER: Final = "starter"
"""The name under which ``rules`` can list our own detections beside other packs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Options of a hunt."""

    placeholders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The lists that rules ask for with ``expand``, by name without percent signs."""
    since: int | None = None
    """Judge records from this time on, nanoseconds UTC; others are counted and stored, not judged."""
    until: int | None = None
    """Judge records before this time."""
    level: str = "informational"
    """Run rules of this level and above."""
    tags: Sequence[str] = ()
    """Run rules that carry one of these tags: ``t1059`` (and what is below it), ``execution``, ``cve.2021-44228``; () all."""
    zone: tzinfo = UTC
    """The zone of clocks in logs that name none."""
    paranoid: bool = False
    """Judge everything with the reference matcher too, and report differences."""
    mappings: Sequence[str | Path] = ()
    """Mapping files, or folders of them, that make sources of your own logs."""
    exceptions: Sequence[str | Path] | None = None
    """Files of filters that hold findings back; None is the user's own file of exceptions, () holds nothing back."""
    indicators: Watched | None = None
    """Lists of indicators to watch for beside the rules: ``bartizan.detect.indicators.watch.Asked``."""
    cache: Path | None = None
    """The folder for compiled rules; None is ``bartizan/rules`` in the user's cache folder."""
    now: int | None = None
    """What time it is taken to be, nanoseconds UTC: clocks more than a day later are said to be wrong. None is now."""
    engine: str = ""
    """What judges the files of a lake: ``local``, ``spark://HOST:PORT``, ``sc://HOST:PORT``, ``sail``; "" for logs."""


@dataclass(frozen=True)
class Hunt:
    """What a hunt found. Close it, or use it in a ``with`` block, to free the findings that it keeps on disk."""

    outcome: Outcome
    spool: Spool
    out: Path | None = None
    misfits: Sequence[Misfit] = ()
    """Values that their column in ``out`` cannot hold; the raw record beside it has them."""

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

    def keep(self) -> None:
        """Write, beside records and findings in ``out``, the report and what else belongs to every result that is kept."""
        if self.out is not None:
            from bartizan.explain.files import keep  # noqa: PLC0415 - only who keeps a result writes a report

            keep(self.outcome, self.story, self.out)

    def close(self) -> None:
        """Free what the hunt keeps on disk for itself."""
        self.spool.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def hunt(
    *paths: str | Path,
    rules: Sequence[str | Path] = (),
    out: str | Path | None = None,
    workers: int = 1,
    asked: Asked | None = None,
    progress: Callable[[Progress], None] = lambda _progress: None,
) -> Hunt:
    """Hunt through logs and return what happened.

    ``paths``: files, folders, archives, globs; ``-`` is standard input. They are read in the order of their names, whatever
    the order in which they are given. ``rules``: Sigma packs (files, folders, zip files) instead of our own content and what
    was added to it; ``"starter"`` names our own. ``out``: a folder for records and findings as Parquet, ``findings.ndjson``,
    ``report.html``, ``balance.json``, ``verdicts.json`` and ``navigator.json`` (no records with ``asked.engine``: a lake has them).
    ``workers``: processes to use; with more than one, a script of yours needs ``if __name__ == "__main__":``. The result is the same.
    Raises InputError where a path is not there, RulesError where a pack is not, OutputError where a result cannot be written.
    """
    from bartizan.detect.hunt.run import Means, run  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.detect.hunt.setup import judge_for  # noqa: PLC0415 - as above
    from bartizan.detect.hunt.spool import Spool  # noqa: PLC0415 - as above
    from bartizan.detect.stored.hunting import hunt_stored  # noqa: PLC0415 - as above

    if not paths:
        message = "nothing to hunt through: name a file, a folder, or - for standard input"
        raise UsageError(message)
    folder, asked = None if out is None else Path(out), asked or Asked()
    request = request_of(asked, rules, records=folder is not None and not asked.engine)
    work = iter(()) if asked.engine else _work(paths, folder, request)
    loaded = _rules_for(request, progress)
    store = None
    if folder is not None:
        from bartizan.detect.hunt.store import LakeStore  # noqa: PLC0415 - polars is loaded by who writes Parquet

        store = LakeStore(folder, request.now, request.mappings)
    spool = Spool(None if folder is None else folder / "findings.ndjson")
    try:
        means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool, workers=workers, store=store, progress=progress)
        found = Hunt(hunt_stored(paths, asked.engine, request, means) if asked.engine else run(work, request, means), spool, folder)
        if store is not None:
            store.close(spool)
            spool.finish()
            found = replace(found, misfits=store.misfits())
            found.keep()
    except BaseException:
        spool.close()
        raise
    return found


@dataclass(frozen=True)
class Demo:
    """A simulated day, what the hunt through it found, and how well that is."""

    truth: Truth
    hunt: Hunt
    score: Score

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the hunt."""
        self.hunt.close()


def demo(out: Path, *, seed: int = 7, workers: int = 1, events: int = DEMO_EVENTS) -> Demo:
    """Simulate a company's day under ``out/logs``, hunt through it with our own content, score the result by the day's truth."""
    from bartizan.simulate import company_day  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.simulate.score import score  # noqa: PLC0415 - as above

    day = date(2026, 3, 17)
    truth = company_day(out / "logs", seed=seed, day=day, events=events)
    # The truth moves out of the way: it must not be hunted through.
    (out / "logs" / TRUTH_FILE).rename(out / TRUTH_FILE)
    found = hunt(out / "logs", rules=[STARTER], out=out / "result", workers=workers, asked=Asked(exceptions=()))
    rules_by_record: dict[str, set[str]] = {}
    for rule, record in zip(*found.findings().select("rule_id", "record_id").to_dict(as_series=False).values(), strict=True):
        rules_by_record.setdefault(record, set()).add(rule)
    groups = [[sample.record_id for sample in group.samples] for group in found.outcome.groups]
    return Demo(truth, found, score(rules_by_record, truth, groups=groups))


def watch_request(rules: Sequence[str | Path], root: Path, asked: Asked | None = None) -> Request:
    """Return what a watch that keeps what it knows in ``root`` judges by: the rules and options of a hunt."""
    from bartizan.detect.watch.seen import seed_in  # noqa: PLC0415 - `import bartizan` stays cheap

    return replace(request_of(asked or Asked(), rules, records=False), seed=seed_in(root), flaws=False)


def alerts(*paths: str | Path, view: View, state: Path | str | None, rules: Sequence[str | Path] = (), workers: int = 1) -> Desk:
    """Return the alerts of findings that hunts kept and of logs, which are hunted through first, with the decisions in ``state``."""
    from bartizan.detect.alerts.desk import desk_of, sources_of  # noqa: PLC0415 - `import bartizan` stays cheap

    sources = sources_of(paths)
    if not sources.logs:
        return desk_of(sources, view, state)
    with hunt(*sources.logs, rules=rules, workers=workers) as found:
        return desk_of(sources, view, state, found.spool.lines())


def packs(rules: Sequence[str | Path], *, exceptions: Sequence[str | Path] | None = None) -> tuple[Path, ...]:
    """Return the folders and files that a list of packs means; () means our own content and what was added to it.

    The files of ``exceptions`` come last; None means those that the user saved.
    """
    from bartizan.rules.exceptions import saved_files  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.rules.library import added  # noqa: PLC0415 - as above

    starter = content_folder() / "detections"
    named = tuple(starter if str(rule) == STARTER else Path(rule) for rule in rules) or (starter, *added())
    return (*named, *(saved_files() if exceptions is None else map(Path, exceptions)))


def load_rules(rules: Sequence[str | Path], *, placeholders: Mapping[str, Sequence[str]] | None = None) -> LoadedRules:
    """Load the rules of some packs; () means our own content and what was added to it."""
    from bartizan.rules import load  # noqa: PLC0415 - `import bartizan` stays cheap

    return load(packs(rules), placeholders=placeholders or {})


def standing(rules: LoadedRules) -> list[RuleVerdict]:
    """Return what can be said of every rule before there are records: whether any source that is read could make it fire."""
    from bartizan.detect.hunt.verdicts import expected  # noqa: PLC0415 - `import bartizan` stays cheap

    return expected(rules, {logsource: _served(logsource) for logsource in {rule.logsource for rule in rules.rules}})


def reference_of(name: str, rules: Sequence[str | Path]) -> ReferenceRule:
    """Return a rule as the reference matcher reads it; a rule file need not be in a pack."""
    return _reference(*_named(name, rules))


def describe_rule(name: str, rules: Sequence[str | Path]) -> list[str]:
    """Return what a rule or a correlation asks, in plain words."""
    loaded, place = _named(name, rules)
    if loaded.rules[place].correlation:
        from bartizan.detect.hunt.explaining import describe_correlation  # noqa: PLC0415 - `import bartizan` stays cheap

        asked = next(one.plan for one in loaded.correlations if one.number == place)
        return [f"{loaded.rules[place].title} fires on", *(f"  {line}" for line in describe_correlation(asked))]
    from bartizan.rules.explain import describe  # noqa: PLC0415 - as above

    return describe(_reference(loaded, place))


def explain_on(rule: str, paths: Sequence[str], *, rules: Sequence[str | Path] = ()) -> Iterator[Told] | CorrelationTold:
    """Explain a rule on every record of some files, or a correlation on all of them together: why it fires, or why not."""
    loaded, place = _named(rule, rules)
    if loaded.rules[place].correlation:
        from bartizan.detect.hunt.explaining import explain_correlation  # noqa: PLC0415 - `import bartizan` stays cheap

        return explain_correlation(loaded, place, request_of(Asked(), rules, records=False), paths)
    from bartizan.detect.explaining import explain_records  # noqa: PLC0415 - as above

    return explain_records(_reference(loaded, place), paths)


def text_of_rule(rules: LoadedRules, rule: Rule) -> str:
    """Return the file in which a rule stands."""
    return rules.contents[rule.path].decode("utf-8", "backslashreplace")


def content_folder() -> Path:
    """Return the folder of our own content: in the package when installed, at the top of the repository when not."""
    inside = Path(str(files("bartizan"))) / "content"
    beside = Path(__file__).resolve().parents[3] / "content"
    for folder in (inside, beside):
        if folder.is_dir():
            return folder
    message = f"{inside}: the content that belongs to bartizan is missing; install it anew"
    raise InputError(message)


def default_workers() -> int:
    """Return how many processes this machine can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def request_of(asked: Asked, rules: Sequence[str | Path], *, records: bool) -> Request:
    """Return what is asked of a hunt as a value that any process can be sent; ``records``: whether complete records are wanted."""
    from bartizan.detect.hunt.request import LEVELS, Request  # noqa: PLC0415 - `import bartizan` stays cheap

    if asked.level not in LEVELS:
        message = f"level: '{asked.level}' is no level; there are {', '.join(LEVELS)}"
        raise UsageError(message)
    return Request(
        rules=packs(rules, exceptions=asked.exceptions),
        now=time.time_ns() if asked.now is None else asked.now,
        placeholders={name: tuple(values) for name, values in asked.placeholders.items()},
        since=asked.since,
        until=asked.until,
        level=asked.level,
        tags=tuple(asked.tags),
        zone=asked.zone,
        records=records,
        paranoid=asked.paranoid,
        mappings=tuple(map(Path, asked.mappings)),
        indicators=asked.indicators,
        cache=asked.cache,
    )


def _named(name: str, rules: Sequence[str | Path]) -> tuple[LoadedRules, int]:
    from bartizan.rules.naming import find_rule, only_rule  # noqa: PLC0415 - `import bartizan` stays cheap

    alone = Path(name).is_file() and not rules
    loaded = load_rules([name] if alone else rules)
    return loaded, only_rule(loaded, name) if alone else find_rule(loaded, name)


def _reference(loaded: LoadedRules, place: int) -> ReferenceRule:
    from bartizan.rules.naive import reference_rules  # noqa: PLC0415 - pySigma is loaded by who needs it

    return reference_rules(loaded, [place])[place]


def _served(logsource: Logsource) -> bool:
    from bartizan.collect.catalogue import catalogue  # noqa: PLC0415 - imports every source

    views = (view for source in catalogue().sources for route in source.routes for view in route.views)
    return any(view.logsource.serves(logsource) for view in views)


def _work(paths: Sequence[str | Path], folder: Path | None, request: Request) -> Iterator[Unit]:
    """Find the work behind paths before anything is made or loaded, and pass over the folder of the results."""
    from bartizan.collect.catalogue import catalogue  # noqa: PLC0415 - imports every source
    from bartizan.collect.units import units  # noqa: PLC0415 - as above

    names, known = sorted(map(str, paths), key=os.fsencode), catalogue(request.mappings)
    if folder is None:
        return units(names, sources=known)
    units(names, sources=known)
    _make(folder)
    return units(names, sources=known, results=str(folder))


def _rules_for(request: Request, progress: Callable[[Progress], None]) -> RuleSet:
    """Load the rules of a request; a tag that none of them carries is an error, or nothing would be looked for and nobody told."""
    from bartizan.detect.hunt.run import Progress  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.detect.hunt.setup import rules_for  # noqa: PLC0415 - as above

    loaded = rules_for(request, lambda done, whole: progress(Progress(compiled=done, to_compile=whole)))
    idle = request.idle_tags(loaded.rules)
    if idle:
        message = f"tag: no rule carries '{idle[0]}'; `bartizan rules coverage` lists the techniques that rules carry"
        raise UsageError(message)
    return loaded


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: cannot be made a folder for results: {error.strerror}; name another with --out"
        raise OutputError(message) from error
