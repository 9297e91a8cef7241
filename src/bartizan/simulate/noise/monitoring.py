"""The monitoring agent looks around: whoami, net, systeminfo, tasklist on servers; the same on Linux; read-only calls in the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.cloud import Call
from bartizan.simulate.company.linux import Execution
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]

_CHECKS = (
    "whoami",
    "net session",
    "systeminfo",
    "tasklist /svc",
    "netstat -ano",
    "net localgroup administrators",
    "nltest /sc_query:corp.example.com",
    "ipconfig /all",
    "w32tm /query /status",
    "sc query type= service state= all",
    "wmic logicaldisk get freespace,caption",
    "quser",
    "hostname",
)
_LINUX = (("df", "-h"), ("uptime",), ("ss", "-tulpn"), ("ps", "aux"), ("whoami",), ("cat", "/etc/passwd"), ("id",), ("last", "-n", "5"))
_CLOUD = (
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "cloudwatch:GetMetricData",
    "rds:DescribeDBInstances",
    "iam:GetAccountSummary",
    "s3:ListBuckets",
    "ec2:DescribeVolumes",
    "elasticloadbalancing:DescribeTargetHealth",
    "guardduty:ListDetectors",
    "cloudtrail:DescribeTrails",
    "sts:GetCallerIdentity",
)


def _act(company: Company) -> None:
    rng = company.rng("monitoring")
    servers = [host for host in company.windows.values() if host.audits_processes]
    agents = {host.name: host.running("monitor") for host in servers}
    for moment in company.clock.machines(rng, company.times(520)):
        host, check = rng.choice(servers), rng.choice(_CHECKS)
        shell = host.start(moment, "cmd", f"C:\\Windows\\system32\\cmd.exe /c {check}", agents[host.name])
        host.run(moment + 0.1, check.split()[0], check, shell, 0.8)
        host.stop(moment + 1, shell)
    for moment in company.clock.machines(rng, company.times(420)):
        machine = rng.choice(list(company.linux.values()))
        machine.execute(moment, Execution(rng.choice(_LINUX), user=998, directory="/var/lib/monitor"))
    for moment in company.clock.machines(rng, company.times(1900)):
        company.cloud.call(moment, company.cloud.principals["monitor"], Call(rng.choice(_CLOUD), None, None))


BEHAVIOUR = Behaviour(
    name="monitoring",
    title="Monitoring runs whoami, net and the like, and reads the cloud account.",
    suspicion="discovery",
    act=_act,
)
