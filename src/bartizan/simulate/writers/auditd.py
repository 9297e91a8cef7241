"""audit.log as auditd writes it: the records of one event share its time and serial number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.simulate.writers.ledger import Batch, Ledger

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["write"]


def write(company: Company, ledger: Ledger) -> None:
    """Write audit.log of each Linux host, and the older half as audit.log.1, as auditd does when a file is full."""
    for number, host in enumerate(company.linux.values()):
        serial = 40_000 + 9_000 * number
        happenings = company.journal.ordered(f"audit/{host.name}")
        half = len(happenings) // 2
        for path, events in (("audit.log.1", happenings[:half]), ("audit.log", happenings[half:])):
            batch = Batch()
            for moment, _, _, records, label in events:
                serial += 1
                for record in records:
                    kind, _, rest = record.partition(" ")
                    batch.add(f"type={kind} msg=audit({moment:.3f}:{serial}): {rest}".encode(), label)
            ledger.put(f"linux/{host.name}/audit/{path}", batch)
        if host.name == "build-01":
            ledger.spoil(f"linux/{host.name}/audit/audit.log", b"type=SYSCALL msg=aud", after=half // 3)
