"""The people and service accounts of the company: roles, not names."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DOMAIN", "DOMAIN_SID", "REALM", "SYSTEM", "User", "people"]

DOMAIN = "CORP"
REALM = "CORP.EXAMPLE.COM"
DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"

_ROLES = {
    "finance": 3,
    "sales": 3,
    "hr": 2,
    "dev": 4,
    "marketing": 1,
    "exec": 1,
    "helpdesk": 1,
}
_MANY = {"finance": 6, "sales": 6, "hr": 3, "dev": 6, "marketing": 3, "exec": 2, "helpdesk": 2}
_ADMINS = ("adm-helpdesk", "adm-server", "adm-domain")
_SERVICES = ("svc-backup", "svc-sql", "svc-deploy", "svc-monitor", "svc-scan", "svc-web")


@dataclass(frozen=True, slots=True)
class User:
    """An account of the domain. ``admin`` says that its logons get special privileges."""

    name: str
    sid: str
    role: str
    admin: bool = False
    domain: str = DOMAIN

    @property
    def account(self) -> str:
        """Return the account as Windows shows it: domain, backslash, name."""
        return f"{self.domain}\\{self.name}"


SYSTEM = User("SYSTEM", "S-1-5-18", "system", admin=True, domain="NT AUTHORITY")


def people(*, many: bool = False) -> dict[str, User]:
    """Return every account of the domain by name; ``many`` where the company is the larger one."""
    roles = _MANY if many else _ROLES
    names = [(f"{role}{number:02d}", role, False) for role, count in roles.items() for number in range(1, count + 1)]
    names += [(name, "admin", True) for name in _ADMINS]
    names += [(name, "service", name in {"svc-backup", "svc-deploy", "svc-monitor"}) for name in _SERVICES]
    return {name: User(name, f"{DOMAIN_SID}-{1100 + number}", role, admin) for number, (name, role, admin) in enumerate(names)}
