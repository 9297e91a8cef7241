"""The truth beside the logs: what the intruder did, which records show it, and which records belong to what else looks suspicious."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["TRUTH_FILE", "Action", "FileCount", "NoiseFamily", "Reference", "Truth", "read_truth"]

TRUTH_FILE = "truth.json"


@dataclass(frozen=True, slots=True)
class Reference:
    """A record: the file it stands in, relative to the folder, and its id (32 hexadecimal digits)."""

    path: str
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One malicious action and every record it left. ``time`` is when it began, ISO 8601 UTC."""

    id: str
    time: str
    what: str
    techniques: tuple[str, ...]
    tactic: str
    host: str
    principal: str
    quiet: bool
    records: tuple[Reference, ...]
    campaign: str = ""
    """The intrusion that it is part of, where there are several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFamily:
    """Harmless activity that looks like an attack: what it is, what it could be taken for, and the ids of its records."""

    name: str
    title: str
    suspicion: str
    records: frozenset[str]


@dataclass(frozen=True, slots=True)
class FileCount:
    """What a file holds: records of the day, records that another file holds too, and lines that are no record."""

    records: int
    duplicates: int = 0
    garbage: int = 0


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Everything that a simulated day was made of."""

    seed: int
    day: str
    events: int
    actions: tuple[Action, ...]
    noise: tuple[NoiseFamily, ...]
    files: Mapping[str, FileCount] = field(default_factory=dict)

    @cached_property
    def malicious(self) -> Mapping[str, str]:
        """Return the action of every record of the attack, by record id."""
        return {reference.record_id: action.id for action in self.actions for reference in action.records}

    @cached_property
    def campaigns(self) -> Mapping[str, tuple[Action, ...]]:
        """Return the actions of each intrusion, in order of time."""
        names = dict.fromkeys(action.campaign for action in self.actions)
        return {name: tuple(action for action in self.actions if action.campaign == name) for name in names}

    @cached_property
    def causes(self) -> Mapping[str, str]:
        """Return the noise family of every record that has one, by record id."""
        return {record: family.name for family in self.noise for record in family.records}

    def as_json(self) -> str:
        """Return the truth as a JSON text that ``read_truth`` reads."""
        told: dict[str, Any] = {"format": 1, "seed": self.seed, "day": self.day, "events": self.events}
        told["actions"] = [asdict(action) for action in self.actions]
        told["noise"] = [{**asdict(family), "records": sorted(family.records)} for family in self.noise]
        told["files"] = {path: asdict(count) for path, count in sorted(self.files.items())}
        return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def read_truth(path: Path) -> Truth:
    """Read the truth of a simulated day: ``truth.json``, or the folder it stands in."""
    told: dict[str, Any] = json.loads((path / TRUTH_FILE if path.is_dir() else path).read_text(encoding="utf-8"))
    return Truth(
        seed=told["seed"],
        day=told["day"],
        events=told["events"],
        actions=tuple(_action(action) for action in told["actions"]),
        noise=tuple(NoiseFamily(**{**family, "records": frozenset(family["records"])}) for family in told["noise"]),
        files={name: FileCount(**count) for name, count in told["files"].items()},
    )


def _action(told: Mapping[str, Any]) -> Action:
    records = tuple(Reference(**reference) for reference in told["records"])
    return Action(**{**told, "techniques": tuple(told["techniques"]), "records": records})
