"""Sysmon for Linux: events as XML in the lines of syslog."""

from __future__ import annotations

from functools import partial
from typing import Final

from bartizan.collect.contract import Example, Framing, Source
from bartizan.collect.sources.windows.event_fields import documented
from bartizan.collect.sources.windows.routes import ROUTES
from bartizan.collect.sources.windows.xml_lines import parse, recognise

__all__ = ["SOURCE"]

_START: Final = (
    b'Mar  2 08:14:07 app01 sysmon: <Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/>'
    b"<EventID>1</EventID><Version>5</Version><Level>4</Level><Task>1</Task><Opcode>0</Opcode><Keywords>0x8000000000000000</Keywords>"
    b'<TimeCreated SystemTime="2026-03-02T08:14:07.318204000Z"/><EventRecordID>41</EventRecordID><Correlation/>'
    b'<Execution ProcessID="811" ThreadID="811"/><Channel>Linux-Sysmon/Operational</Channel><Computer>app01</Computer>'
    b'<Security UserId="0"/></System><EventData><Data Name="RuleName">-</Data><Data Name="UtcTime">2026-03-02 08:14:07.310</Data>'
    b'<Data Name="ProcessGuid">{2f3a1c52-5b1f-69a5-0000-000000000000}</Data><Data Name="ProcessId">2044</Data>'
    b'<Data Name="Image">/usr/bin/curl</Data><Data Name="CommandLine">curl -s http://files.example.net/a?x=1&amp;y=2</Data>'
    b'<Data Name="CurrentDirectory">/tmp</Data><Data Name="User">www-data</Data><Data Name="ParentProcessId">1990</Data>'
    b'<Data Name="ParentImage">/bin/sh</Data></EventData></Event>'
)

SOURCE: Final = Source(
    name="linux-sysmon",
    title="Sysmon for Linux in syslog",
    framings=(Framing.LINES,),
    recognise=partial(recognise, mine=lambda provider: provider.startswith("Linux-")),
    parse=parse,
    routes=ROUTES,
    documented=partial(documented, linux=True),
    product={"name": "Sysmon for Linux", "vendor_name": "Microsoft"},
    marks=(b"Linux-Sysmon",),
    sure=True,
    examples=(
        Example(
            title="a process that started",
            raw=(_START,),
            routes=("sysmon-linux-process-create",),
            ocsf={
                "class_uid": 1007,
                "activity_id": 1,
                "severity_id": 1,
                "time": 1_772_439_247_318_204_000,
                "device.hostname": "app01",
                "device.os.type_id": 200,
                "process.name": "curl",
                "process.cmd_line": "curl -s http://files.example.net/a?x=1&y=2",
                "process.user.name": "www-data",
                "actor.process.name": "sh",
            },
        ),
        Example(title="another line of syslog", raw=(b"Mar  2 08:14:07 app01 sshd[811]: Server listening on :: port 22.",), routes=(None,)),
    ),
)
