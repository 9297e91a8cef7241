"""The night's backup: a service account logs on everywhere, reads thousands of files, makes and drops shadow copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.cloud import Call
from bartizan.simulate.company.network import Flow
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]

_FOLDERS = ("Finance", "Sales", "People", "Projects", "Campaigns", "Board")


def _act(company: Company) -> None:
    rng = company.rng("backup")
    source, user = company.windows["backup-01"], company.users["svc-backup"]
    agent = source.running("backup")
    start = company.clock.at("01:10")
    for number, name in enumerate(("files-01", "app-01", "mgmt-01", "dc-01")):
        host, moment = company.windows[name], start + number * 2400
        opened = company.log_on_to(moment, user, source, host)
        company.dial(
            moment + 0.5, agent, source, (host.fqdn, host.ip, 445), Flow("", 0, "", 0, "-", 1900.0, 900_000, 8_000_000_000 + number)
        )
        local = host.running("backup")
        host.run(moment + 3, "vssadmin", "vssadmin.exe list writers", local)
        maker = host.start(moment + 6, "wbengine", "C:\\Windows\\System32\\wbengine.exe", host.services)
        host.audit(moment + 7, "system/7036", ("Volume Shadow Copy", "running"))
        files = company.times(1300) if name == "files-01" else company.times(120)
        for turn in range(files):
            folder = _FOLDERS[min(int(rng.paretovariate(0.9)) - 1, 5)] if name == "files-01" else "C$"
            host.share(
                moment + 20 + turn * 1.2 * min(1.0, 1300 / files),
                opened,
                (source.ip, 50211),
                folder,
                f"archive-{turn % 90:02d}\\item{turn:05d}.dat",
            )
        host.run(moment + 1800, "vssadmin", "vssadmin.exe delete shadows /for=D: /oldest /quiet", local)
        host.stop(moment + 1900, maker)
        host.log_off(moment + 1910, opened)
        host.audit(moment + 1960, "system/7036", ("Volume Shadow Copy", "stopped"))
    _snapshots(company, start)


def _snapshots(company: Company, start: float) -> None:
    runner, rng = company.cloud.principals["backup-runner"], company.rng("backup-cloud")
    for turn in range(company.times(40)):
        volume, made = f"vol-0{rng.getrandbits(64):016x}", f"snap-0{rng.getrandbits(64):016x}"
        company.cloud.call(
            start + turn * 40,
            runner,
            Call("ec2:CreateSnapshot", {"volumeId": volume, "description": "nightly"}, {"snapshotId": made, "status": "pending"}),
        )
        company.cloud.call(
            start + turn * 40 + 900,
            runner,
            Call("ec2:DeleteSnapshot", {"snapshotId": f"snap-0{rng.getrandbits(64):016x}"}, {"_return": True}),
        )


BEHAVIOUR = Behaviour(
    name="backup",
    title="The nightly backup reads every share and rotates shadow copies and snapshots.",
    suspicion="mass collection and destruction of backups",
    act=_act,
)
