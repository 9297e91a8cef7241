"""Tell alerts: as JSON for machines, as lines for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bartizan.detect.alerts.severity import NAMES
from bartizan.explain.text import amount, moment, shorten, span, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.alerts.contract import Alert, AlertGroup, Factor, Key
    from bartizan.detect.alerts.desk import Desk
    from bartizan.detect.alerts.silences import Silence

__all__ = ["alert_json", "desk_json", "list_lines", "show_lines", "silence_line", "why_lines"]

_SHOWN = 5
"""Alerts of a group, and terms of a risk, that a list shows."""


def desk_json(desk: Desk) -> dict[str, Any]:
    """Return everything as one object; times are nanoseconds UTC."""
    made = desk.alerts
    return {
        "findings": made.findings,
        "duplicates": made.duplicates,
        "now": made.now,
        "groups": [asdict(group) for group in made.groups],
        "alerts": [alert_json(desk, alert) for alert in made.alerts],
        "risks": [{"entity": str(one.entity), "risk": one.risk, "last": one.last, "terms": one.terms} for one in made.risks],
        "silences": [asdict(silence) for silence in desk.silences],
        "notes": list(made.notes),
        "problems": list(desk.problems),
    }


def alert_json(desk: Desk, alert: Alert) -> dict[str, Any]:
    """Return one alert, where it stands, and why it is as it is."""
    told = asdict(alert) | {"entities": [str(entity) for entity in alert.entities], "severity": NAMES[alert.severity_id]}
    return told | {"standing": asdict(desk.standings[alert.id]), "why_quiet": alert.why_quiet}


def list_lines(desk: Desk, *, most: int, everything: bool = False) -> Iterator[str]:
    """Yield the groups with the highest score, with what they hold, then the entities most at risk, then the sums."""
    known = {alert.id: alert for alert in desk.alerts.alerts}
    groups = list(desk.alerts.groups) if everything else desk.open_groups
    for group in groups[:most]:
        yield from _group_lines(desk, group, [known[alert] for alert in group.alerts])
    if desk.alerts.risks:
        yield "risk, faded to " + moment(desk.alerts.now) + " UTC:"
        for risk in desk.alerts.risks[:_SHOWN]:
            terms = ", ".join(f"{visible(shorten(title, 48))} {points:.1f}" for title, points in risk.terms[:3])
            yield f"  {risk.risk:8.1f}  {visible(str(risk.entity))}  ({terms})"
        yield ""
    yield _sums(desk, len(groups), min(most, len(groups)))


def show_lines(desk: Desk, alerts: Sequence[Alert]) -> Iterator[str]:
    """Yield what there is to know of some alerts."""
    for alert in alerts:
        standing = desk.standings[alert.id]
        yield f"alert {alert.id}: {visible(alert.rule.title)}"
        yield f"  {NAMES[alert.severity_id].lower()}, {standing.state}: {visible(standing.why)}"
        yield f"  about:    {_key(alert.key) or 'nobody in particular'}"
        yield f"  seen:     {amount(alert.count, 'finding')}, {span(alert.first, alert.last)}"
        yield f"  rule:     {visible(alert.rule.id)}"
        yield f"  findings: {', '.join(alert.samples)}{' …' if alert.count > len(alert.samples) else ''}"
        if alert.groups:
            yield f"  groups:   {', '.join(alert.groups)}"
        if alert.why_quiet:
            yield f"  quiet:    {visible(alert.why_quiet)}"


def why_lines(desk: Desk, alerts: Sequence[Alert]) -> Iterator[str]:
    """Yield why some alerts have their severity, score, group and state."""
    groups = {group.id: group for group in desk.alerts.groups}
    for alert in alerts:
        yield f"alert {alert.id}: {visible(alert.rule.title)}"
        yield f"  severity {NAMES[alert.severity_id].lower()}, because"
        yield from map(_factor, alert.factors)
        yield f"  one alert, because what its rule found ({amount(alert.count, 'finding')}) {_shared(alert.key)}"
        if alert.score:
            yield f"  score {alert.score:.1f}: {alert.surprise}"
        for group in (groups[one] for one in alert.groups):
            yield f"  in group {group.id}: {visible(group.why)}"
            for notice in group.notices:
                yield f"    told {moment(notice.time)} UTC: {visible(notice.why)}"
        if alert.why_quiet:
            yield f"  quiet: {visible(alert.why_quiet)}"
        yield f"  {desk.standings[alert.id].state}: {visible(desk.standings[alert.id].why)}"


def silence_line(silence: Silence) -> str:
    """Return a silence as a line."""
    matchers = " and ".join(f"{name}={pattern}" for name, pattern in silence.matchers)
    begun = f"from {moment(silence.start)} " if silence.start else ""
    return visible(f"{silence.id}  {matchers}  {begun}until {moment(silence.until)} UTC  {silence.owner}: {silence.reason}")


def _group_lines(desk: Desk, group: AlertGroup, alerts: Sequence[Alert]) -> Iterator[str]:
    severity, seen = NAMES[group.severity_id].lower(), span(group.first, group.last)
    yield f"{group.score:8.1f}  {severity:13} {_key(group.place)}  {seen}  {amount(group.count, 'finding')}  {group.id}"
    for alert in alerts[:_SHOWN]:
        state = desk.standings[alert.id].state
        yield f"          {alert.id}  {state:9} {visible(shorten(alert.rule.title, 70))}  ({amount(alert.count, 'finding')})"
    if len(alerts) > _SHOWN:
        yield f"          and {amount(len(alerts) - _SHOWN, 'more alert')}: bartizan alerts show {group.id}"
    yield ""


def _sums(desk: Desk, groups: int, shown: int) -> str:
    made = desk.alerts
    routine, silenced = (sum(getattr(alert, name) for alert in made.alerts) for name in ("routine", "silenced"))
    parts = [f"{amount(made.findings, 'finding')} in {amount(len(made.alerts), 'alert')} and {amount(groups, 'group')} ({shown:,} shown)"]
    if routine:
        parts.append(f"{routine:,} are routine")
    if silenced:
        parts.append(f"{silenced:,} are silenced")
    if made.duplicates:
        parts.append(f"{made.duplicates:,} were met twice")
    return "; ".join(parts)


def _factor(factor: Factor) -> str:
    levels = factor.half_levels / 2
    moved = f"{levels:+g} levels" if factor.name != "level" else f"{levels:g}"
    return f"    {factor.name:12} {factor.value:13} {moved:>12}  {visible(factor.why)}"


def _key(key: Key) -> str:
    return visible(" ".join(f"{name}:{value}" for name, value in key))


def _shared(key: Key) -> str:
    return f"is about {_key(key)}" if key else "is about nobody in particular"
