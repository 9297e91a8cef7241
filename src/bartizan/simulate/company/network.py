"""The company's networks as the Zeek sensor at the border and in front of the servers sees them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from bartizan.simulate.company.journal import Journal

__all__ = ["Flow", "Network", "address_of"]


def address_of(name: str) -> str:
    """Return the address of a public name that is not ours: made up, in 198.51.100.0/24, always the same for the same name."""
    return f"198.51.100.{2 + hashlib.sha256(name.encode()).digest()[0] % 250}"


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection: both ends, what ran over it and how much."""

    source: str
    source_port: int
    target: str
    port: int
    service: str = "-"
    seconds: float = 0.4
    sent: int = 900
    received: int = 5200
    state: str = "SF"
    protocol: str = "tcp"


@dataclass(slots=True, eq=False)
class Network:
    """The sensor's view. ``resolver`` is the DNS server that everybody inside asks."""

    journal: Journal
    rng: Random
    resolver: str

    def connection(self, moment: float, flow: Flow) -> str:
        """Note a connection (Zeek conn) and return its uid."""
        uid = self._uid("C")
        outside, home = flow.target, _private
        history = {"SF": "ShADadFf", "S0": "S", "REJ": "Sr", "RSTO": "ShADadR"}.get(flow.state, "ShADad")
        packets = (2 + flow.sent // 900, (2 + flow.received // 1200) if flow.state not in {"S0", "REJ"} else 0)
        data = (str(flow.sent), str(flow.received)) if flow.state not in {"S0", "REJ"} else ("0", "0")
        self.journal.add(
            "zeek/conn",
            moment,
            "conn",
            "",
            (
                uid,
                flow.source,
                str(flow.source_port),
                flow.target,
                str(flow.port),
                flow.protocol,
                flow.service,
                f"{flow.seconds:.6f}" if flow.state not in {"S0", "REJ"} else "-",
                *data,
                flow.state,
                _truth(home(flow.source)),
                _truth(home(outside)),
                "0",
                history,
                str(packets[0]),
                str(int(data[0]) + 40 * packets[0]),
                str(packets[1]),
                str(int(data[1]) + 40 * packets[1]),
                "-",
            ),
        )
        return uid

    def query(self, moment: float, source: str, name: str, answer: str = "", kind: str = "A") -> None:
        """Note a DNS query to the company's resolver (Zeek dns); without an answer the name does not exist."""
        code = {"A": "1", "AAAA": "28", "TXT": "16", "PTR": "12", "SRV": "33"}[kind]
        outcome = ("0", "NOERROR") if answer else ("3", "NXDOMAIN")
        port = str(49152 + self.rng.randrange(16000))
        self.journal.add(
            "zeek/dns",
            moment,
            "dns",
            "",
            (
                self._uid("D"),
                source,
                port,
                self.resolver,
                "53",
                "udp",
                str(self.rng.randrange(65536)),
                f"{0.001 + self.rng.random() / 30:.6f}",
                name,
                "1",
                "C_INTERNET",
                code,
                kind,
                *outcome,
                "F",
                "F",
                "T",
                "T",
                "0",
                answer or "-",
                "300.000000" if answer else "-",
                "F",
            ),
        )

    def port(self) -> int:
        """Return an ephemeral port."""
        return 49152 + self.rng.randrange(16000)

    def _uid(self, letter: str) -> str:
        return f"{letter}{self.rng.getrandbits(80):020x}"[:18]


def _private(address: str) -> bool:
    return address.startswith(("10.", "192.168.", "192.0.2."))


def _truth(value: bool) -> str:  # noqa: FBT001 - the letter of a flag
    return "T" if value else "F"
