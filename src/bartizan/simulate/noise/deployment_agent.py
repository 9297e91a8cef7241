"""The software deployment agent runs encoded PowerShell as SYSTEM on every host, all day."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]

_SCRIPTS = (
    "Get-CimInstance -ClassName Win32_OperatingSystem | Select-Object Version,LastBootUpTime",
    "if ((Get-Service -Name 'Spooler').Status -ne 'Running') { Start-Service -Name 'Spooler' }",
    "Get-ItemProperty 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*' | ConvertTo-Json -Compress",
    "(New-Object System.Net.WebClient).DownloadFile('http://mgmt-01.corp.example.com/content/policy.json', \"$env:TEMP\\policy.json\")",
    "Get-LocalGroupMember -Group 'Administrators' | Export-Csv C:\\ProgramData\\Deploy\\admins.csv -NoTypeInformation",
    "Set-MpPreference -ScanScheduleDay 2 -SignatureUpdateInterval 4",
    "Get-HotFix | Sort-Object InstalledOn | Select-Object -Last 5",
)


def _act(company: Company) -> None:
    rng = company.rng("deployment-agent")
    hosts = list(company.windows.values())
    mgmt = company.windows["mgmt-01"]
    agents = {
        host.name: host.running("deploy-agent", command='"C:\\Program Files\\Deploy Agent\\DeployAgent.exe" /service') for host in hosts
    }
    for moment in company.clock.machines(rng, company.times(420)):
        host, script = rng.choice(hosts), rng.choice(_SCRIPTS)
        runner = host.start(
            moment,
            "deploy-runner",
            f'"C:\\Program Files\\Deploy Agent\\ScriptRunner.exe" -job {rng.getrandbits(32):08x}',
            agents[host.name],
        )
        encoded = b64encode(script.encode("utf-16-le")).decode()
        shell = host.start(
            moment + 0.4,
            "powershell",
            f"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}",
            runner,
        )
        console = host.start(moment + 0.5, "conhost", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1", shell)
        host.pipe(moment + 0.8, shell, f"\\PSHost.1354{rng.getrandbits(44):014d}.{shell.pid}.DefaultAppDomain.powershell")
        host.script(moment + 0.9, shell, script)
        host.invoke(moment + 0.95, shell, *script.partition(" ")[::2] if script.startswith("Get-") else ("Out-Default", ""))
        host.write(moment + 1.0, shell, f"C:\\Windows\\Temp\\__PSScriptPolicyTest_{rng.getrandbits(40):08x}.ps1")
        if "WebClient" in script and host is not mgmt:
            company.dial(moment + 1.2, shell, host, ("mgmt-01.corp.example.com", mgmt.ip, 80))
        for delay, process in ((3.0, console), (3.1, shell), (3.3, runner)):
            host.stop(moment + delay, process)


BEHAVIOUR = Behaviour(
    name="deployment-agent",
    title="The deployment agent runs encoded PowerShell as SYSTEM on every host.",
    suspicion="malicious PowerShell",
    act=_act,
)
