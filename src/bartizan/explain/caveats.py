"""Say what a result does not cover, so that it can be said before the result is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import amount, number, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.detect.contract import FileBalance, HeldBack, Outcome

__all__ = ["Totals", "caveats_of", "total"]

_HOLDING: Final = 5
"""Exceptions that are named before the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The balance of files taken together. ``closes`` says whether everything read is accounted for."""

    files: int
    read: int
    stored: int
    unparsed: int
    duplicate: int
    bytes: int

    @property
    def closes(self) -> bool:
        """Say whether read = stored + unparsed + duplicate."""
        return self.read == self.stored + self.unparsed + self.duplicate


def total(files: Sequence[FileBalance]) -> Totals:
    """Add up the balance of files."""
    return Totals(
        files=len(files),
        read=sum(one.read for one in files),
        stored=sum(one.stored for one in files),
        unparsed=sum(one.unparsed for one in files),
        duplicate=sum(one.duplicate for one in files),
        bytes=sum(one.bytes for one in files),
    )


def caveats_of(outcome: Outcome) -> tuple[str, ...]:
    """Return one sentence for each thing that was not read, not understood or not judged; the worst first."""
    partial = [f"This result is partial: {visible(outcome.partial)}"] if outcome.partial else []
    return (*partial, *_files(outcome), *_limits(outcome), *_held(outcome), *_watched(outcome), *_rules(outcome))


def _files(outcome: Outcome) -> list[str]:
    found: list[str] = []
    totals = total(outcome.balance)
    open_files = [one for one in outcome.balance if one.read != one.stored + one.unparsed + one.duplicate]
    if open_files:
        first = visible(open_files[0].path)
        found.append(f"The balance does not close in {amount(len(open_files), 'file')}, first {first}: please report this as a fault.")
    unknown = [one for one in outcome.balance if not one.source and (one.read or one.bytes)]
    if unknown:
        verb = "was" if len(unknown) == 1 else "were"
        found.append(f"{amount(len(unknown), 'file')} {verb} recognised by no source, first {visible(unknown[0].path)}.")
    if totals.unparsed:
        percent = 100 * totals.unparsed / max(totals.read, 1)
        share = f"{percent:.1f} %" if percent >= 0.1 else "less than 0.1 %"  # noqa: PLR2004 - the last digit shown
        files = amount(sum(one.unparsed > 0 for one in outcome.balance), "file")
        found.append(f"{number(totals.unparsed)} of {amount(totals.read, 'record')} ({share}) could not be parsed, in {files}.")
    flawed = [one for one in outcome.balance if one.flawed]
    if flawed:
        told = f"{amount(sum(one.flawed for one in flawed), 'record')} stored with a flaw, in {amount(len(flawed), 'file')}"
        found.append(f"{told}, first {visible(flawed[0].path)}, {visible(flawed[0].flaw)}.")
    troubled = [one for one in outcome.balance if one.problems]
    if troubled:
        found.append(f"{amount(len(troubled), 'file')} had problems, first {visible(troubled[0].path)}: {visible(troubled[0].problems[0])}")
    return found


def _limits(outcome: Outcome) -> list[str]:
    found: list[str] = []
    if outcome.differences:
        times = amount(len(outcome.differences), "time")
        found.append(f"The reference matcher disagreed {times}, first {visible(outcome.differences[0])}: please report this as a fault.")
    if outcome.forgot:
        found.append("There were more records than are remembered: duplicates that stand far apart were not seen.")
    if outcome.folded:
        folded = amount(outcome.folded, "finding")
        found.append(f"There were too many groups: {folded} joined others of the same rule, whoever they are about.")
    if outcome.outside:
        verb = "was" if outcome.outside == 1 else "were"
        found.append(f"{amount(outcome.outside, 'record')} outside the time asked for {verb} not judged.")
    return found


def _held(outcome: Outcome) -> list[str]:
    """Say what exceptions and filters held back, those that held most first, and which have expired."""
    holding = sorted((one for one in outcome.held if one.findings), key=lambda one: -one.findings)
    found = [f"{amount(one.findings, 'finding')} held back by {_who(one)}." for one in holding[:_HOLDING]]
    if len(holding) > _HOLDING:
        rest = holding[_HOLDING:]
        found.append(f"{amount(sum(one.findings for one in rest), 'finding')} held back by {len(rest)} more filters and exceptions.")
    expired = [one for one in outcome.held if one.by.expired]
    if expired:
        more = f", and {number(len(expired) - 1)} more" if len(expired) > 1 else ""
        found.append(f"Expired, so no longer applied: {_who(expired[0])}{more}.")
    return found


def _watched(outcome: Outcome) -> list[str]:
    """Say what was not looked for of the lists of indicators, and what was met but held back."""
    if outcome.watched is None:
        return []
    found = [f"{amount(one.count, 'meeting')} with indicators held back: {visible(one.why)}." for one in outcome.watched.held]
    lists = outcome.watched.balance
    refused = sum(one.refused for one in lists)
    if refused:
        read = sum(one.read for one in lists)
        found.append(f"{number(refused)} of {amount(read, 'indicator')} could not be looked for; `bartizan indicators check` says why.")
    problems = [f"{one.path}: {problem}" for one in lists for problem in one.problems]
    found.extend(f"Of the lists of indicators: {visible(problem)}." for problem in (*problems, *outcome.watched.problems)[:_HOLDING])
    return found


def _who(one: HeldBack) -> str:
    by = one.by
    owner = f" of {visible(by.owner)}" if by.owner else ""
    until = f" until {by.expires}" if by.expires else ""
    return f"{'exception' if by.owner or by.expires else 'filter'} '{visible(by.title)}'{owner}{until}"


def _rules(outcome: Outcome) -> list[str]:
    found: list[str] = []
    verdicts = Counter(one.verdict for one in outcome.verdicts)
    if outcome.refused:
        found.append(f"{amount(len(outcome.refused), 'rule')} could not be loaded, first {visible(outcome.refused[0].path)}.")
    if outcome.remarks:
        more = f", and {number(len(outcome.remarks) - 1)} more" if len(outcome.remarks) > 1 else ""
        found.append(f"Of the rules: {visible(outcome.remarks[0])}{more}.")
    if outcome.verdicts and not verdicts["running"]:
        found.append("No rule could fire on what was read: no log source that a rule asks for is there.")
    if not outcome.verdicts and not outcome.refused and outcome.watched is None:
        found.append("No rule was loaded, so nothing was judged.")
    return found
