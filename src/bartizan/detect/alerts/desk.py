"""Put findings and decisions together: the alerts there are, where each stands, and what is silenced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.building import View, build
from bartizan.detect.alerts.decisions import Standing, silences_of, standings, understood
from bartizan.detect.alerts.ledger import Ledger
from bartizan.detect.alerts.reading import Reader
from bartizan.detect.alerts.shared import database_of, findings_in, journal_at
from bartizan.detect.tuning.past import past_findings
from bartizan.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.detect.alerts.contract import Alert, AlertGroup, Alerts
    from bartizan.detect.alerts.silences import Silence

__all__ = ["Desk", "Sources", "desk_of", "sources_of", "state_beside"]

STATE: Final = "alerts.ndjson"
"""The journal's name beside the findings of a hunt."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where findings are: ``kept`` by hunts, ``logs`` that must be hunted through first, databases of watches."""

    kept: tuple[Path, ...]
    logs: tuple[str, ...]
    watches: tuple[Path | str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Alerts and where each stands. ``closed`` groups are those of which every alert is closed."""

    alerts: Alerts
    standings: Mapping[str, Standing]
    silences: Sequence[Silence]
    problems: Sequence[str]
    """What could not be read, of findings or of the journal; each says where."""

    @property
    def open_groups(self) -> list[AlertGroup]:
        """Return the groups in which some alert is not closed."""
        return [group for group in self.alerts.groups if any(self.standings[alert].state != "closed" for alert in group.alerts)]

    def alerts_of(self, name: str) -> list[Alert]:
        """Return the alert of this id or beginning of an id, or the alerts of the group that has it. UsageError where there is none."""
        alerts = [alert for alert in self.alerts.alerts if alert.id.startswith(name)]
        groups = [group for group in self.alerts.groups if group.id.startswith(name)]
        if not name or len(alerts) + len(groups) > 1:
            message = f"'{name}' means {len(alerts) + len(groups):,} alerts and groups: write more of the id"
            raise UsageError(message)
        if groups:
            members = set(groups[0].alerts)
            return [alert for alert in self.alerts.alerts if alert.id in members]
        if not alerts:
            message = f"no alert or group has the id '{name}'; `bartizan alerts list` shows what there is"
            raise UsageError(message)
        return alerts


def sources_of(paths: Sequence[str | Path]) -> Sources:
    """Tell findings that hunts kept (a folder of ``--out``, NDJSON, Parquet) and databases of watches from logs."""
    watches = {str(path): address for path in paths if (address := database_of(path)) is not None}
    others = [str(path) for path in paths if str(path) not in watches]
    kept = [Path(path) for path in others if past_findings(Path(path)) is not None]
    known = set(map(str, kept))
    return Sources(tuple(sorted(kept)), tuple(path for path in others if str(Path(path)) not in known), tuple(watches.values()))


def state_beside(sources: Sources) -> Path | str | None:
    """Return where decisions are kept beside the findings, in a file or in the watch's database; None where no findings are kept."""
    if not sources.kept:
        return sources.watches[0] if sources.watches else None
    first = sources.kept[0]
    return (first if first.is_dir() else first.parent) / STATE


def desk_of(sources: Sources, view: View, state: Path | str | None, more: Iterable[bytes] = ()) -> Desk:
    """Return the desk over findings that are kept, ``more`` of them as lines, and the decisions in ``state``."""
    reader, ledger = Reader(), Ledger()
    kept_by_hunts = ((str(path), _lines(path)) for path in sources.kept)
    for path, lines in (*kept_by_hunts, *(("the watch", findings_in(address)) for address in sources.watches), ("the hunt", more)):
        for portion in reader.portions(lines, path):
            ledger.add(portion)
    kept = journal_at(state).read() if state is not None else None
    records, odd = understood(() if kept is None else kept.records)
    silences = silences_of(records)
    alerts = build(ledger, replace(view, silences=(*view.silences, *silences)))
    problems = [*(() if kept is None else kept.problems), *(f"{state}: {what}" for what in odd)]
    if reader.unread:
        problems.append(f"{reader.unread:,} lines are no findings that alerts can be made of; the first: {reader.example}")
    return Desk(alerts=alerts, standings=standings(alerts.alerts, records), silences=silences, problems=problems)


def _lines(path: Path) -> Iterator[bytes]:
    """Yield every line of a file of findings, whole findings or not: who reads them counts what is none."""
    if path.suffix.lower() == ".parquet":
        yield from past_findings(path) or ()
        return
    inside = path / "findings.ndjson" if path.is_dir() else path
    try:
        with inside.open("rb") as file:
            yield from file
    except OSError as error:
        message = f"{inside}: cannot be read: {error.strerror or error}"
        raise InputError(message) from error
