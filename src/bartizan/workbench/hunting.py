"""Hunt through logs, and ask for what a watch and the alerts are made of."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bartizan.errors import OutputError, UsageError
from bartizan.workbench.loading import packs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl

    from bartizan.collect.units import Unit
    from bartizan.detect.alerts.building import View
    from bartizan.detect.alerts.desk import Desk
    from bartizan.detect.contract import Outcome
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Progress
    from bartizan.detect.hunt.spool import Spool
    from bartizan.detect.indicators.watch import Asked as Watched
    from bartizan.explain.story import Story
    from bartizan.lake.contract import Misfit
    from bartizan.rules.contract import RuleSet

__all__ = ["Asked", "Hunt", "alerts", "default_workers", "hunt", "request_of", "watch_request"]


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
