"""The domain: its password database in two ways, and an account of the intruder's own."""

from __future__ import annotations

from bartizan.simulate.company.people import DOMAIN_SID
from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_ADMIN = "CORP\\adm-domain"
_SYNC = Deed(
    id="dcsync",
    what="A server that is no domain controller asks for the password data of every account by replication.",
    techniques=("T1003.006",),
    tactic="credential-access",
    host="dc-01",
    principal=_ADMIN,
)
_DATABASE = Deed(
    id="ntds",
    what="A copy of the directory's database is made with its own maintenance tool.",
    techniques=("T1003.003",),
    tactic="credential-access",
    host="dc-01",
    principal=_ADMIN,
)
_ACCOUNT = Deed(
    id="domain-account",
    what="An account that sounds like a service is created in the domain.",
    techniques=("T1136.002",),
    tactic="persistence",
    host="dc-01",
    principal=_ADMIN,
)
_GROUP = Deed(
    id="domain-group",
    what="The new account becomes a domain administrator.",
    techniques=("T1098.007",),
    tactic="persistence",
    host="dc-01",
    principal=_ADMIN,
)

_REPLICATION = "{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}"
"""The right DS-Replication-Get-Changes-All."""


def _act(attack: Attack) -> None:
    company = attack.company
    dc, opened, shell = company.windows["dc-01"], attack.sessions["dc"], attack.processes["dc"]
    admin = company.users["adm-domain"]
    subject = (admin.sid, admin.name, admin.domain, opened.logon_id)
    moment = company.clock.at("15:41:05")
    with attack.doing(moment, _SYNC):
        domain = "%{19195a5b-6da0-11d0-afd3-00c04fd930c9}"
        for turn in range(3):
            dc.audit(
                moment + turn * 0.05,
                "security/4662",
                (
                    *subject,
                    domain,
                    "%{5f3c2a10-7e1d-4a6e-9c52-0d1e2f3a4b5c}",
                    "Object Access",
                    "%%7688\r\n\t\t\t\t",
                    "0x100",
                    f"%%7688\r\n\t\t{_REPLICATION}\r\n\t{domain[1:]}",
                    "",
                ),
            )
    moment = company.clock.at("15:52:48")
    with attack.doing(moment, _DATABASE):
        tool = dc.start(moment, "ntdsutil", 'ntdsutil.exe "ac i ntds" "ifm" "create full C:\\Windows\\Temp\\pro" q q', shell)
        dc.audit(moment + 2, "system/7036", ("Microsoft Software Shadow Copy Provider", "running"))
        dc.write(moment + 20, tool, "C:\\Windows\\Temp\\pro\\Active Directory\\ntds.dit")
        dc.write(moment + 22, tool, "C:\\Windows\\Temp\\pro\\registry\\SYSTEM")
        dc.stop(moment + 25, tool)
    moment = company.clock.at("16:05:13")
    with attack.doing(moment, _ACCOUNT):
        dc.script(
            moment,
            shell,
            "New-ADUser -Name svc-telemetry -AccountPassword (Read-Host -AsSecureString) -Enabled $true -PasswordNeverExpires $true",
        )
        dc.invoke(moment + 0.2, shell, "New-ADUser", "Name=svc-telemetry Enabled=True PasswordNeverExpires=True")
        dc.audit(moment + 0.6, "security/4720", ("svc-telemetry", "CORP", f"{DOMAIN_SID}-1203", *subject, "svc-telemetry"))
    with attack.doing(moment + 21, _GROUP):
        member = "CN=svc-telemetry,CN=Users,DC=corp,DC=example,DC=com"
        dc.script(moment + 21, shell, "Add-ADGroupMember 'Domain Admins' svc-telemetry")
        dc.audit(moment + 21.5, "security/4728", (member, f"{DOMAIN_SID}-1203", "Domain Admins", "CORP", f"{DOMAIN_SID}-512", *subject))


STAGE = Stage(order=60, title="The domain", act=_act)
