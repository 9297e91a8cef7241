"""Windows events as NXLog's ``to_json()`` sends them through Logstash: one flat JSON object a line.

The agent on each host stamps ``EventTime`` and ``EventReceivedTime`` by that host's clock, in its zone and without naming it;
``@timestamp`` is when Logstash took the record in, in UTC and by a clock that is right.

``Message`` is kept for Sysmon, System and PowerShell and dropped for Security, where it only
repeats the fields: a usual setting that halves the volume.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

from bartizan.simulate.company.clock import HOUR, second, utc_text
from bartizan.simulate.writers.ledger import Batch, Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.simulate.company.world import Company

__all__ = ["write"]

_FIXED = ("EventTime", "EventReceivedTime", "@timestamp", "RecordNumber", "Hostname", "UtcTime", "ThreadID")
_BLOCK, _BLOCKS = 4 * HOUR, 6
_COMPRESSED, _RESENT, _CUT = frozenset({0, 1}), 2, 3
"""The night's files are rotated away; in the morning a link fails, in the afternoon the collector is restarted."""


def write(company: Company, ledger: Ledger) -> None:
    """Write the collector's files of four hours each: the first two rotated and compressed, one part of the third sent twice."""
    day, midnight = company.clock.day.isoformat(), company.clock.midnight

    def block(line: tuple[float, bytes, str]) -> int:
        return min(_BLOCKS - 1, max(0, int((line[0] - midnight) // _BLOCK)))

    for number, lines in groupby(_lines(company), block):
        batch = Batch()
        for _, raw, label in lines:
            batch.add(raw, label)
        path = f"windows/wec-01/{day}T{number * 4:02d}.ndjson" + (".gz" if number in _COMPRESSED else "")
        ledger.put(path, batch)
        if number == _RESENT:
            half = len(batch.raws) // 2
            ledger.resend(f"windows/wec-01/resent/{day}T08.part2.ndjson", batch.raws[half : half + company.times(1500)])
        if number == _CUT:
            third = len(batch.raws) // 3
            ledger.spoil(path, batch.raws[third][: len(batch.raws[third]) * 2 // 5], after=third)
            ledger.spoil(path, b"\x00" * 512, after=third + 1)


def _lines(company: Company) -> Iterator[tuple[float, bytes, str]]:
    numbers: dict[tuple[str, str], int] = {}
    quoted = _Quoted()
    hosts = {host.name: (host.fqdn, host.zone * HOUR, host.clock_error) for host in company.windows.values()}
    templates = _templates()
    for moment, event, name, values, label in company.journal.ordered("windows"):
        template, channel = templates[event]
        key = (name, channel)
        number = numbers[key] = numbers.get(key, 100_000 + len(numbers) * 7919) + 1
        fqdn, zone, error = hosts[name]
        received = moment + 0.3 + number * 37 % 200 / 100
        own = moment + error
        utc = utc_text(received)
        line = template.format(
            second(int(own + zone)),
            second(int(own + zone + 0.4)),
            f"{utc[:10]}T{utc[11:]}Z",
            number,
            fqdn,
            utc_text(own),
            2800 + number * 13 % 97 * 4,
            *map(quoted.__getitem__, values),
        )
        yield moment, line.encode(), label


class _Quoted(dict[str, str]):
    """Texts as they stand between the quotes of JSON, each worked out once."""

    def __missing__(self, text: str) -> str:
        made = json.dumps(text, ensure_ascii=False)[1:-1]
        if len(text) > 24:  # noqa: PLR2004 - numbers, ports and masks are cheaper to keep than scripts are large
            self[text] = made
        return self.setdefault(text, made)


@cache
def _templates() -> dict[str, tuple[str, str]]:
    text = (resources.files("bartizan.simulate.writers") / "windows_events.json").read_text(encoding="utf-8")
    catalogue: dict[str, dict[str, Any]] = json.loads(text)
    return {
        f"{section}/{event}": (_template(provider, section, event), provider["channel"])
        for section, provider in catalogue.items()
        for event in provider["events"]
    }


def _template(provider: Mapping[str, Any], section: str, event: str) -> str:
    """Return a line with ``{0}`` … for the seven times and numbers that every event has and then its own values."""
    told: Mapping[str, Any] = provider["events"][event]
    parts: dict[str, str] = {"EventTime": '"{0}"', "Hostname": '"{4}"'}
    head = {**provider["header"], **told.get("header", {})}
    head |= {
        "EventID": int(event),
        "SourceName": told.get("source", provider["source"]),
        "ProviderGuid": told.get("provider", provider["provider"]),
    }
    head |= {"Version": told["version"], "Task": told.get("task", int(event))}
    parts |= {name: _escaped(json.dumps(value)) for name, value in head.items()}
    parts |= {"RecordNumber": "{3}", "ThreadID": "{6}", "Channel": _escaped(json.dumps(provider["channel"]))}
    if "category" in told:
        parts["Category"] = _escaped(json.dumps(told["category"]))
    fields = _fields(told["fields"])
    if section == "sysmon":
        body = [_escaped(told["title"]) + ":", *(f"{name}: {slot}" for name, slot in fields.items())]
        parts["Message"] = '"' + "\\r\\n".join(body) + '"'
    elif "message" in told:
        parts["Message"] = json.dumps(told["message"].format_map(fields))
    parts |= {name.rstrip("#"): slot if name.endswith("#") else f'"{slot}"' for name, slot in fields.items()}
    parts |= {"EventReceivedTime": '"{1}"', "SourceModuleName": '"eventlog"', "SourceModuleType": '"im_msvistalog"'}
    parts |= {"@version": '"1"', "host": '"wec-01.corp.example.com"', "port": "51544", "@timestamp": '"{2}"'}
    return "{{" + ",".join(f'"{name}":{slot}' for name, slot in parts.items()) + "}}"


def _fields(text: str) -> dict[str, str]:
    """Return each field of an event with its slot: a constant, the UTC time, or the next of the event's own values."""
    fields: dict[str, str] = {}
    number = len(_FIXED)
    for word in text.split():
        name, equals, constant = word.partition("=")
        if equals:
            fields[name] = _escaped(constant)
        elif name == "UtcTime":
            fields[name] = "{5}"
        else:
            fields[name] = f"{{{number}}}"
            number += 1
    return fields


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
