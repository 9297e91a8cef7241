"""Linux servers keep house: cron, logrotate, certificates, unattended upgrades, database dumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.company.linux import Execution, LinuxHost
from bartizan.simulate.contract import Behaviour

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["BEHAVIOUR"]

_JOBS = {
    "web-01": (
        ("/usr/bin/php", "/srv/portal/cron.php"),
        ("/usr/sbin/logrotate", "/etc/logrotate.conf"),
        ("/usr/bin/certbot", "-q", "renew"),
    ),
    "build-01": (
        ("/usr/bin/find", "/srv/build", "-mtime", "+7", "-delete"),
        ("/usr/bin/docker", "system", "prune", "-f"),
        ("/usr/bin/apt-get", "-qq", "update"),
    ),
    "db-01": (
        ("/usr/bin/pg_dump", "-Fc", "portal"),
        ("/usr/bin/psql", "-c", "VACUUM ANALYZE"),
        ("/usr/bin/rsync", "-a", "/var/backups", "backup-01::dumps"),
    ),
}


def _act(company: Company) -> None:
    rng = company.rng("cron")
    for host in company.linux.values():
        moments = company.clock.every(300, first=1) if company.scale > 0.5 else company.clock.machines(rng, company.times(288))  # noqa: PLR2004 - small days have no strict beat
        for moment in moments:
            _job(host, moment + rng.random(), rng.choice(_JOBS[host.name]))
        for moment in company.clock.machines(rng, company.times(60)):
            host.log(
                moment,
                "systemd",
                f"pam_unix(systemd-user:session): session opened for user backup(uid={host.accounts['backup']}) by (uid=0)",
                host.pid(),
            )
        for moment in company.clock.office(rng, company.times(24)):
            peer = ("10.20.12.34", company.network.port())
            pid = host.accept(moment, "adm-server", peer, "publickey")
            command = rng.choice(
                (
                    "/usr/bin/systemctl reload nginx",
                    "/usr/bin/apt-get upgrade",
                    "/usr/bin/tail -f /var/log/syslog",
                    "/usr/bin/vi /etc/nginx/nginx.conf",
                    "/usr/bin/journalctl -xe",
                    "/usr/bin/su -",
                )
            )
            host.sudo(moment + 30, "adm-server", command)
            host.execute(moment + 30, Execution(command.split(), 0, 1002, "/home/adm-server", 12, terminal="pts0"))
            host.depart(moment + 300 + rng.random() * 900, "adm-server", peer, pid)


def _job(host: LinuxHost, moment: float, words: tuple[str, ...]) -> None:
    pid = host.pid()
    user = "www-data" if "php" in words[0] else "root"
    number = host.accounts[user]
    host.log(moment, "CRON", f"pam_unix(cron:session): session opened for user {user}(uid={number}) by (uid=0)", pid)
    shell = host.execute(moment + 0.1, Execution(("/bin/sh", "-c", " ".join(words)), number, number, "/", parent=pid))
    host.execute(moment + 0.12, Execution(words, number, number, "/", parent=shell))
    host.log(moment + 2.2, "CRON", f"pam_unix(cron:session): session closed for user {user}", pid)


BEHAVIOUR = Behaviour(name="cron", title="Cron, administrators and daemons keep the Linux servers going.", act=_act)
