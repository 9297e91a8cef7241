"""Windows events as XML, one to a line: ``wevtutil qe /f:xml``, forwarders that keep the rendered XML."""

from __future__ import annotations

from functools import partial
from typing import Final

from bartizan.collect.contract import Example, Framing, Source
from bartizan.collect.sources.windows.event_fields import documented
from bartizan.collect.sources.windows.routes import ROUTES
from bartizan.collect.sources.windows.xml_lines import parse, recognise

__all__ = ["SOURCE"]

_CLEARED: Final = (
    b"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Eventlog' "
    b"Guid='{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}'/><EventID>1102</EventID><Version>0</Version><Level>4</Level><Task>104</Task>"
    b"<Keywords>0x4020000000000000</Keywords><TimeCreated SystemTime='2026-03-02T08:14:07.3180000Z'/><EventRecordID>9</EventRecordID>"
    b"<Execution ProcessID='988' ThreadID='1200'/><Channel>Security</Channel><Computer>WS07.example.com</Computer><Security/></System>"
    b"<UserData><LogFileCleared xmlns='http://manifests.microsoft.com/win/2004/08/windows/eventlog'>"
    b"<SubjectUserSid>S-1-5-21-1-2-3-500</SubjectUserSid><SubjectUserName>operator</SubjectUserName>"
    b"<SubjectDomainName>EXAMPLE</SubjectDomainName><SubjectLogonId>0x5a1f</SubjectLogonId></LogFileCleared></UserData></Event>"
)

SOURCE: Final = Source(
    name="windows-event-xml",
    title="Windows events as XML lines (wevtutil, forwarders)",
    framings=(Framing.LINES,),
    recognise=partial(recognise, mine=lambda provider: not provider.startswith("Linux-")),
    parse=parse,
    routes=ROUTES,
    documented=documented,
    product={"name": "Windows", "vendor_name": "Microsoft"},
    sure=True,
    examples=(
        Example(
            title="the audit log was cleared",
            raw=(_CLEARED,),
            routes=("security-log-cleared",),
            ocsf={
                "class_uid": 1008,
                "activity_id": 1,
                "severity_id": 1,
                "time": 1_772_439_247_318_000_000,
                "log_name": "Security",
                "actor.user.name": "operator",
                "actor.user.domain": "EXAMPLE",
                "device.hostname": "WS07.example.com",
            },
        ),
        Example(title="a line of other XML", raw=(b"<rows><row id='1'/></rows>",), routes=(None,)),
    ),
)
