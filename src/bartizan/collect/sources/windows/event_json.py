"""Windows events as JSON in the shape of their XML: evtx_dump, converters of evtx files, subscriptions, hunting tools."""

from __future__ import annotations

from functools import partial
from typing import Final

from bartizan.collect.contract import Example, Framing, Source
from bartizan.collect.sources.windows.event_fields import documented
from bartizan.collect.sources.windows.event_shape import FLAVOUR
from bartizan.collect.sources.windows.events import parse, recognise
from bartizan.collect.sources.windows.routes import ROUTES

__all__ = ["SOURCE"]

_LOGON: Final = (
    b'{"Event":{"System":{"Provider":{"@Name":"Microsoft-Windows-Security-Auditing"},"EventID":"4625","Level":"0",'
    b'"Keywords":"0x8010000000000000","TimeCreated":{"@SystemTime":"2026-03-02T08:14:07.3180000Z"},"EventRecordID":"77",'
    b'"Channel":"Security","Computer":"DC01.example.com"},"EventData":{"Data":['
    b'{"@Name":"TargetUserName","#text":"operator"},{"@Name":"TargetDomainName","#text":"EXAMPLE"},'
    b'{"@Name":"Status","#text":"0xc000006d"},{"@Name":"LogonType","#text":"3"},{"@Name":"IpAddress","#text":"192.0.2.7"}]}}}'
)

SOURCE: Final = Source(
    name="windows-event-json",
    title="Windows events as JSON in the shape of their XML (evtx_dump and other converters)",
    framings=(Framing.JSON,),
    recognise=partial(recognise, FLAVOUR),
    parse=partial(parse, FLAVOUR),
    routes=ROUTES,
    documented=documented,
    product={"name": "Windows", "vendor_name": "Microsoft"},
    sure=True,
    examples=(
        Example(
            title="a logon that failed, data as a list of elements",
            raw=(_LOGON,),
            routes=("security-logon",),
            ocsf={
                "class_uid": 3002,
                "activity_id": 1,
                "status_id": 2,
                "status_code": "0xc000006d",
                "severity_id": 1,
                "time": 1_772_439_247_318_000_000,
                "device.hostname": "DC01.example.com",
                "user.name": "operator",
                "user.domain": "EXAMPLE",
                "src_endpoint.ip": "192.0.2.7",
                "logon_type_id": 3,
                "is_remote": True,
            },
        ),
        Example(title="an event without a system part", raw=(b'{"Event":{"EventData":{"Data":"x"}}}',), routes=(None,)),
    ),
)
