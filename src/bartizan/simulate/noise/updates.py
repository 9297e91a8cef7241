"""Software updates itself: installers dropped into Temp and run, services and tasks registered, drivers changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.chance import happens
from bartizan.simulate.company.programs import Program
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]


def _act(company: Company) -> None:
    rng = company.rng("updates")
    for moment in company.clock.office(rng, company.times(70)):
        desk = rng.choice(list(company.desks.values()))
        host, user = desk.host, desk.user
        updater = host.start(moment, "updater", '"C:\\Program Files (x86)\\ERP\\Updater.exe" /silent /scheduled', host.running("taskhostw"))
        company.reach(moment + 1, updater, host, ("downloads.example.org", 443))
        folder = f"C:\\Users\\{user.name}\\AppData\\Local\\Temp\\upd{rng.getrandbits(20):05x}"
        host.write(moment + 6, updater, f"{folder}\\setup.exe")
        version = f"23.4.{rng.randrange(2, 6)}"
        setup = Program(f"{folder}\\setup.exe", "ERP Setup", "Example ERP", "Example Business Software", "setup.exe", version)
        installer = host.start(moment + 8, setup, f'"{folder}\\setup.exe" /verysilent /norestart', updater)
        host.write(moment + 9, installer, f"{folder}\\is-{rng.getrandbits(20):05X}.tmp\\_setup64.dll")
        host.run(moment + 12, "regsvr32", 'regsvr32.exe /s "C:\\Program Files (x86)\\ERP\\ErpShell.dll"', installer)
        host.set_value(
            moment + 13,
            installer,
            "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\ErpTray",
            '"C:\\Program Files (x86)\\ERP\\ErpClient.exe" /tray',
        )
        if happens(rng, 0.3):  # few updates bring a new service
            host.audit(
                moment + 15,
                "system/7045",
                (
                    "ERP Update Service",
                    '"C:\\Program Files (x86)\\ERP\\Updater.exe" /service',
                    "user mode service",
                    "auto start",
                    "LocalSystem",
                ),
            )
            host.schedule(moment + 16, updater, "\\ErpUpdate", "C:\\Program Files (x86)\\ERP\\Updater.exe")
        for delay, process in ((20.0, installer), (21.0, updater)):
            host.stop(moment + delay, process)
    for host in company.windows.values():
        moment = company.clock.machines(rng, 1)[0]
        worker = host.start(
            moment, "tiworker", "C:\\Windows\\winsxs\\amd64_microsoft-windows-servicingstack\\TiWorker.exe -Embedding", host.services
        )
        for turn in range(company.times(12)):
            host.write(
                moment + turn,
                worker,
                f"C:\\Windows\\System32\\CatRoot\\{{F750E6C3-38EE-11D1-85E5-00C04FC295EE}}\\Package_{rng.randrange(999)}.cat",
            )
        host.run(
            moment + 30,
            "mpcmdrun",
            '"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24010.12-0\\MpCmdRun.exe" -SignatureUpdate',
            host.running("msmpeng"),
        )
        host.stop(moment + 90, worker)


BEHAVIOUR = Behaviour(
    name="updates",
    title="Updaters drop and run installers in Temp, set Run keys, add services and tasks.",
    suspicion="dropped malware and persistence",
    act=_act,
)
