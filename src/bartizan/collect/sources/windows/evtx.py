"""Windows event log files (.evtx), each record as the JSON that its binary XML renders to."""

from __future__ import annotations

from functools import partial
from typing import Final

from bartizan.collect.contract import Example, Framing, Source
from bartizan.collect.sources.windows.event_fields import documented
from bartizan.collect.sources.windows.event_shape import FLAVOUR
from bartizan.collect.sources.windows.events import parse, recognise
from bartizan.collect.sources.windows.routes import ROUTES

__all__ = ["SOURCE"]

_SERVICE: Final = (
    b'{"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Provider":'
    b'{"#attributes":{"Name":"Service Control Manager","Guid":"{555908d1-a6d7-4695-8e1e-26931d2012f4}"}},'
    b'"EventID":{"#attributes":{"Qualifiers":16384},"#text":7045},"Version":0,"Level":4,"Task":0,"Opcode":0,'
    b'"Keywords":"0x8080000000000000","TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T08:14:07.318204Z"}},'
    b'"EventRecordID":512,"Execution":{"#attributes":{"ProcessID":700,"ThreadID":2040}},"Channel":"System",'
    b'"Computer":"WS07.example.com","Security":{"#attributes":{"UserID":"S-1-5-18"}}},"EventData":{"ServiceName":"updater",'
    b'"ImagePath":"C:\\\\ProgramData\\\\updater.exe","ServiceType":"user mode service","StartType":"auto start",'
    b'"AccountName":"LocalSystem"}}}'
)

SOURCE: Final = Source(
    name="windows-evtx",
    title="Windows event log files (.evtx)",
    framings=(Framing.EVTX,),
    recognise=partial(recognise, FLAVOUR),
    parse=partial(parse, FLAVOUR),
    routes=ROUTES,
    documented=documented,
    product={"name": "Windows", "vendor_name": "Microsoft"},
    sure=True,
    examples=(
        Example(
            title="a service that was installed",
            raw=(_SERVICE,),
            routes=("system-service-install",),
            ocsf={
                "class_uid": 201004,
                "activity_id": 1,
                "severity_id": 1,
                "time": 1_772_439_247_318_204_000,
                "device.hostname": "WS07.example.com",
                "metadata.event_code": "7045",
                "win_service.name": "updater",
                "win_service.cmd_line": "C:\\ProgramData\\updater.exe",
                "win_service.service_start_type_id": 3,
                "actor.user.uid": "S-1-5-18",
            },
        ),
        Example(title="a record whose rendering broke off", raw=(b'{"Event":{"System":{"EventID":7045,"Chan',), routes=(None,)),
    ),
)
