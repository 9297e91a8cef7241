"""People at their desks: they log on, open mail, documents and pages, save files, and go home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.network import Flow
from bartizan.simulate.company.programs import program
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from random import Random

    from bartizan.simulate.company.world import Company, Desk

__all__ = ["BEHAVIOUR"]

_SITES = (
    "mail.example.org",
    "calendar.example.org",
    "news.example.org",
    "maps.example.org",
    "crm.example.org",
    "docs.example.org",
    "meet.example.org",
    "shop.example.org",
    "bank.example.org",
    "travel.example.org",
    "wiki.corp.example.com",
    "weather.example.org",
    "static.example.net",
)
_DOCUMENTS = ("Report", "Offer", "Minutes", "Plan", "Budget", "Contract", "List", "Summary", "Order", "Forecast")
_FOLDERS = {"finance": "Finance", "sales": "Sales", "hr": "People", "dev": "Projects", "marketing": "Campaigns", "exec": "Board"}
_APPS = (
    "edge",
    "edge",
    "edge",
    "winword",
    "excel",
    "excel",
    "outlook",
    "powerpnt",
    "erp",
    "searchprotocolhost",
    "dllhost",
    "runtimebroker",
    "share",
    "share",
)


def _act(company: Company) -> None:
    rng = company.rng("office")
    desks = list(company.desks.values())
    for desk in desks:
        _arrive(company, rng, desk)
    weights = [1.0 + 8.0 / rank for rank in range(1, len(desks) + 1)]
    for desk in rng.choices(desks, weights, k=company.times(2300)):
        _use(company, rng, desk, company.moment_at(desk, rng))


def _arrive(company: Company, rng: Random, desk: Desk) -> None:
    host, user = desk.host, desk.user
    start = desk.since
    company.authenticate(start, user, host)
    company.ticket(start + 0.1, user, host, f"{host.name.upper()}$")
    host.log_on(start + 0.3, desk.session, ("-", "127.0.0.1", 0))
    winlogon = host.running("winlogon")
    userinit = host.start(start + 0.5, "userinit", "C:\\Windows\\system32\\userinit.exe", winlogon, desk.session)
    host.announce(start + 0.9, desk.shell, program("explorer"), userinit)
    host.stop(start + 28.0, userinit)
    for delay, name, command in (
        (6.0, "onedrive", '"{}" /background'),
        (8.0, "teams", '"{}" msteams:system-initiated'),
        (31.0, "outlook", '"{}"'),
    ):
        opened = host.start(start + delay, name, "", desk.shell)
        company.reach(start + delay + 2, opened, host, ("mail.example.org" if name == "outlook" else "meet.example.org", 443))
        host.set_value(
            start + delay + 3,
            opened,
            f"HKU\\{user.sid}\\Software\\Microsoft\\Office\\Common\\{command.count('-')}\\LastStart",
            "QWORD (0x01da7205-0x5b3f22a0)",
        )
    leave = company.clock.at("16:30", zone=host.zone) + rng.random() * 6000
    host.log_off(leave, desk.session)


def _use(company: Company, rng: Random, desk: Desk, moment: float) -> None:
    host, app = desk.host, rng.choice(_APPS)
    if app == "edge":
        _browse(company, rng, desk, moment)
    elif app == "share":
        _open_share(company, rng, desk, moment)
    elif app in {"winword", "excel", "powerpnt"}:
        _write(company, rng, desk, moment, app)
    elif app in {"outlook", "erp"}:
        opened = host.start(moment, app, "", desk.shell)
        company.reach(
            moment + 1.5,
            opened,
            host,
            ("mail.example.org" if app == "outlook" else "erp.corp.example.com", 443),
            Flow("", 0, "", 0, "-", 40.0, 22_000, 180_000),
        )
        host.stop(moment + 900 + rng.random() * 1800, opened)
    else:
        host.run(moment, app, "", desk.shell if app == "dllhost" else host.services, 4 + rng.random() * 40)


def _browse(company: Company, rng: Random, desk: Desk, moment: float) -> None:
    host = desk.host
    browser = host.start(
        moment,
        "edge",
        f'"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe" --type=renderer --renderer-client-id={rng.randrange(400)}',
        desk.shell,
    )
    for turn in range(rng.randrange(2, 6)):
        site = _SITES[min(int(rng.paretovariate(0.8)) - 1, len(_SITES) - 1)]
        company.reach(
            moment + 2 + turn * 20 + rng.random(),
            browser,
            host,
            (site, 443),
            Flow("", 0, "", 0, "-", rng.random() * 30, rng.randrange(600, 9000), rng.randrange(2000, 900_000)),
        )
    host.write(
        moment + 14,
        browser,
        f"C:\\Users\\{desk.user.name}\\AppData\\Local\\Microsoft\\Edge\\User Data\\Default\\Cache\\f_{rng.randrange(65536):06x}",
    )
    host.stop(moment + 120 + rng.random() * 900, browser)


def _write(company: Company, rng: Random, desk: Desk, moment: float, app: str) -> None:
    host, user = desk.host, desk.user
    name = f"{rng.choice(_DOCUMENTS)} {company.clock.day.year}-{rng.randrange(1, 53):02d}"
    suffix = {"winword": "docx", "excel": "xlsx", "powerpnt": "pptx"}[app]
    path = f"C:\\Users\\{user.name}\\Documents\\{name}.{suffix}"
    opened = host.start(moment, app, f'"{host.running(app).image}" /n "{path}"', desk.shell)
    host.write(moment + 3, opened, f"C:\\Users\\{user.name}\\Documents\\~${name[2:]}.{suffix}")
    host.set_value(
        moment + 4,
        opened,
        f"HKU\\{user.sid}\\SOFTWARE\\Microsoft\\Office\\16.0\\{app.title()}\\File MRU\\Item {rng.randrange(1, 20)}",
        f"[F00000000][T01DA7205{rng.getrandbits(32):08X}][O00000000]*{path}",
    )
    host.write(moment + 60 + rng.random() * 600, opened, path)
    host.stop(moment + 700 + rng.random() * 1500, opened)


def _open_share(company: Company, rng: Random, desk: Desk, moment: float) -> None:
    files = company.windows["files-01"]
    session = company.log_on_to(moment, desk.user, desk.host, files)
    folder = _FOLDERS.get(desk.user.role, "Common")
    for turn in range(rng.randrange(1, 4)):
        name = f"{rng.choice(_DOCUMENTS)}-{rng.randrange(200)}.xlsx"
        files.share(moment + 0.2 + turn * 2, session, (desk.host.ip, company.network.port()), folder, name)
    files.log_off(moment + 12 + rng.random() * 30, session)


BEHAVIOUR = Behaviour(name="office", title="People at their desks use mail, browsers, documents and file shares.", act=_act)
