"""Judge the facts of an estate by checks: one verdict for each check and each resource that it is about.

What is missing never makes a resource pass. A property that is unknown, a gap in what was read, a kind of which nothing could be
listed, a join or a check that raises: each leaves the verdict UNKNOWN, with the reason.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from bartizan.collect.inventory.contract import Resource, Uid
from bartizan.review.cloud.checks.columns import Layer
from bartizan.review.cloud.checks.contract import Row
from bartizan.review.cloud.checks.gaps import hides, reaches, told
from bartizan.review.cloud.checks.outcome import FAIL, PASS, UNKNOWN, Outcome, Review
from bartizan.review.cloud.checks.tables import Tables
from bartizan.rules.match import Partial, PartialBound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from bartizan.collect.inventory.contract import Facts, Gap
    from bartizan.review.cloud.checks.contract import Check, Checks
    from bartizan.rules.contract import Holding

__all__ = ["review"]


def review(facts: Facts, checks: Checks, *, now: datetime | None = None) -> Review:
    """Judge every resource by every check about its kind; ``now`` (None: the time) is what ages are counted to."""
    tables = Tables(facts)
    moment = now or datetime.now(UTC)
    groups: dict[tuple[str, str], list[Check]] = {}
    for check in checks.checks:
        groups.setdefault((check.provider, check.service), []).append(check)
    judged = {one.check.name: one for group in groups.values() for one in _Group(tables, group, checks, moment).outcomes()}
    return Review([judged[check.name] for check in checks.checks], checks.refused, checks.holdings)


class _Group:
    """The checks about one kind or join."""

    def __init__(self, tables: Tables, checks: Sequence[Check], all_checks: Checks, now: datetime) -> None:
        self._tables = tables
        self._checks = checks
        self._now = now
        names = {check.name: place for place, check in enumerate(checks)}
        self._exemptions = [
            (one, [names[name] for name in one.checks if name in names])
            for one in all_checks.exemptions
            if not names.keys().isdisjoint(one.checks)
        ]
        self._subjects = tables.of(checks[0].provider, *checks[0].subjects)
        self._raised = ""
        self._layer = self._laid()
        self._of: npt.NDArray[np.int64] | None = None if checks[0].join is None else self._owners()
        bound = PartialBound([*(check.condition for check in checks), *(one.condition for one, _ in self._exemptions)])
        self._judged = bound.judge(Partial(self._layer.height, self._layer.column))

    def outcomes(self) -> list[Outcome]:
        """Judge every subject by every check of the group."""
        missing = self._missing()
        hidden = self._hidden()
        return [self._outcome(place, check, missing, hidden) for place, check in enumerate(self._checks)]

    def _laid(self) -> Layer:
        """Return the rows; those of a join that raises are none, and the reason is kept."""
        join = self._checks[0].join
        properties = self._checks[0].properties
        if join is None:
            rows = [Row(one, one.properties, one.unknown) for one in self._subjects]
            return Layer(rows, properties, self._now, self._tables.gaps)
        try:
            rows = list(join.rows(self._tables))
        except Exception as error:  # noqa: BLE001 - a join that raises leaves what it is about unknown, and the rest of the review goes on
            self._raised = f"the join {join.name} raised {type(error).__name__}: {error}"
            rows = []
        return Layer(rows, properties, self._now)

    def _owners(self) -> npt.NDArray[np.int64]:
        """Return the place among the subjects of what each row is about; a row about anything else makes it a subject too."""
        places = {id(one): place for place, one in enumerate(self._subjects)}
        more = [row.resource for row in self._layer.rows if id(row.resource) not in places]
        if more:
            self._subjects = [*self._subjects, *{id(one): one for one in more}.values()]
            places = {id(one): place for place, one in enumerate(self._subjects)}
        return np.array([places[id(row.resource)] for row in self._layer.rows], dtype=np.int64)

    def _outcome(self, place: int, check: Check, missing: Sequence[tuple[Resource, str]], hidden: Mapping[int, str]) -> Outcome:
        unread = "" if self._subjects or missing else self._tables.gaps.unread(check.provider, check.subjects)
        made = Outcome(check, self._subjects, self._layer, owners=self._of, missing=missing, unread=unread)
        height = len(self._subjects)
        raised = self._raised
        rows = np.zeros(0, dtype=np.int8)
        if not raised and self._layer.height:
            try:
                rows = self._judged.truths(place)
            except Exception as error:  # noqa: BLE001 - a check that raises leaves its resources unknown, and the others are judged
                raised = f"the check raised {type(error).__name__}: {error}"
        if raised:
            return replace(made, codes=np.full(height, UNKNOWN, dtype=np.int8), rows=rows, raised=raised)
        codes = rows if self._of is None else _worst(rows, self._of, height)
        for subject in hidden:
            if codes[subject] == PASS:
                codes[subject] = UNKNOWN
        return replace(made, codes=codes, rows=rows, hidden=hidden, exempted=self._exempted(place, rows))

    def _exempted(self, place: int, rows: npt.NDArray[np.int8]) -> Mapping[int, Holding]:
        """Return the failing subjects that an exception is about, with it: of a join, those of which it takes in every failing row."""
        found: dict[int, Holding] = {}
        if not self._layer.height:
            return found
        failing = rows == FAIL
        for number, (one, places) in enumerate(self._exemptions):
            if place not in places:
                continue
            held = self._judged.truths(len(self._checks) + number) == FAIL
            if self._of is None:
                subjects = np.flatnonzero(failing & held)
            else:
                subjects = np.setdiff1d(self._of[failing & held], self._of[failing & ~held])
            for subject in subjects.tolist():
                found.setdefault(subject, one.holding)
        return found

    def _hidden(self) -> dict[int, str]:
        """Return the subjects of a join of which rows may be missing, since a kind that it reads could not be read, with why."""
        join = self._checks[0].join
        if join is None:
            return {}
        found: dict[int, str] = {}
        for kind, names in join.needs.items():
            for gap in self._tables.gaps.of(join.provider, kind):
                if hides(gap, names):
                    places = (place for place, one in enumerate(self._subjects) if reaches(gap, one))
                    found.update({place: told(gap) for place in places if place not in found})
        return found

    def _missing(self) -> list[tuple[Resource, str]]:
        """Return, for each gap that may hide resources of a subject's kind, something that stands for them."""
        check = self._checks[0]
        found: dict[Uid, tuple[Resource, str]] = {}
        for kind in check.subjects:
            for gap in self._tables.gaps.unlisted(check.provider, kind):
                stand_in = _unlisted(gap, kind)
                found.setdefault(stand_in.uid, (stand_in, told(gap)))
        return list(found.values())


def _worst(rows: npt.NDArray[np.int8], owners: npt.NDArray[np.int64], height: int) -> npt.NDArray[np.int8]:
    """Return for each subject FAIL where a row of it fails, else UNKNOWN where one is, else PASS."""
    codes = np.full(height, PASS, dtype=np.int8)
    codes[owners[rows == UNKNOWN]] = UNKNOWN
    codes[owners[rows == FAIL]] = FAIL
    return codes


def _unlisted(gap: Gap, kind: str) -> Resource:
    uid = Uid(":".join((gap.provider, gap.account or "*", gap.region or "*", kind, "*")))
    return Resource(uid=uid, provider=gap.provider, kind=kind, account=gap.account, region=gap.region, name="*", unknown={"*": told(gap)})
