"""The check of what sources must agree on finds each way in which one can break it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.schema import record
from bartizan.schema.cells import ip
from bartizan.schema.columns import Column
from bartizan.schema.expressions import Expression, field
from bartizan.testing.meaning.check import check_meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.contract import Parsed, Source


def changed(name: str, route: str, change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Source:
    """Return a source of the catalogue in which the mapping of a route is another."""
    source = catalogue().named(name)
    assert source is not None
    routes = {one.name: replace(one, ocsf=change(dict(one.ocsf))) if one.name == route else one for one in source.routes}

    def parse(*given: Any) -> Parsed:  # noqa: ANN401 - what the source's own takes
        parsed = source.parse(*given)
        return replace(parsed, parts=[replace(part, route=routes[part.route.name]) for part in parsed.parts])

    return replace(source, routes=tuple(routes.values()), parse=parse)


def moved(old: str, new: str) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
    return lambda table: {new if name == old else name: value for name, value in table.items()}


def without(begin: str) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
    return lambda table: {name: value for name, value in table.items() if not name.startswith(begin)}


def also(**said: Expression) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
    return lambda table: {**table, **{name.replace("__", "."): value for name, value in said.items()}}


def swapped(one: str, other: str) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
    """Return the change that gives what one object says to another, and the other way round."""

    def swap(table: dict[str, Any]) -> dict[str, Any]:
        names = {name: name.removeprefix(f"{old}.") for old in (one, other) for name in table if name.startswith(f"{old}.")}
        return {
            (f"{other}.{names[name]}" if name.startswith(f"{one}.") else f"{one}.{names[name]}") if name in names else name: value
            for name, value in table.items()
        }

    return swap


def through(name: str, function: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
    """Return the change that passes what an attribute says through a function."""

    def change(table: dict[str, Any]) -> dict[str, Any]:
        said = table[name]
        return {**table, name: replace(said, apply=lambda *cells: function(said.apply(*cells)), plain=False)}

    return change


ADDRESS = "(the address that somebody comes from) comes out in"
LINE = "(the command line of a process) comes out in"
SESSION = "(the session that something is done in) comes out in"
WHO = "(the id of who acts) comes out in"


@pytest.mark.parametrize(
    ("source", "route", "change", "told"),
    [
        ("okta", "login", moved("src_endpoint.ip", "device.ip"), f"client.ipAddress {ADDRESS} device.ip"),
        ("okta", "login", moved("session.uid", "actor.session.uid"), f"{SESSION} actor.session.uid"),
        ("okta", "login", swapped("user", "actor.user"), f"actor.id {WHO} actor.user.uid"),
        ("jumpcloud", "user", swapped("user", "actor.user"), f"initiated_by.id {WHO} user.uid"),
        ("jumpcloud", "login", moved("src_endpoint.ip", "dst_endpoint.ip"), f"client_ip {ADDRESS} dst_endpoint.ip"),
        ("fortigate", "traffic", swapped("src_endpoint", "dst_endpoint"), f"srcip {ADDRESS} dst_endpoint.ip"),
        ("panther-audit", "api", without("actor.user."), "does not say actor.user, which"),
        ("duo", "authentication", without("user."), "does not say user, which all sources say"),
        ("panther-audit", "api", without("actor.user.email_addr"), "actor.user.name is the mail address"),
        ("wiz-audit", "audit", also(dst_endpoint__owner__name=field("user.name")), "puts a user into dst_endpoint.owner"),
        ("panther-audit", "api", also(resources=field("sourceIP", lambda cell: ({"uid": "x", "region": cell},))), "in resources[].region"),
        ("openvpn", "login", also(src_endpoint__name=field("src_ip", ip)), "in src_endpoint.name, which is a string_t"),
        ("dhcpd", "lease", through("src_endpoint.mac", lambda mac: str(mac).replace(":", "-")), "two digits and a colon"),
        ("windows-event-xml", "security-log-cleared", through("actor.user.name", lambda name: f"CORP\\{name}"), "has a domain in it"),
        ("salesforce", "anomaly", through("evidences", lambda found: ({"user": found[0]["actor"]["user"]},)), "into evidences[].user"),
        ("osquery", "process", moved("process.cmd_line", "actor.process.name"), f"{LINE} actor.process.name"),
    ],
)  # fmt: skip
def test_a_source_that_says_it_elsewhere_is_told(
    source: str, route: str, change: Callable[[dict[str, Any]], Mapping[str, Any]], told: str
) -> None:
    problems = [problem.what for problem in check_meaning(changed(source, route, change))]
    assert [what for what in problems if told in what], problems


def test_an_observable_that_is_not_listed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    source = catalogue().named("okta")
    assert source is not None
    monkeypatch.setattr(record, "observables", lambda frame: Column.constant((), frame.height))
    told = {problem.what for problem in check_meaning(source)}
    assert "src_endpoint.ip '203.0.113.9' is not among the observables of type 2" in told
